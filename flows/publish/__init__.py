"""One file an output; all of them read the same released tables."""
