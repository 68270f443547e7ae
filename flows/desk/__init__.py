"""The officer's side: forms, runs, what is read after a run, and the server on one machine."""
