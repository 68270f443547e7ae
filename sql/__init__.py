"""The SQL room: raw text becomes typed rows, typed rows become evidence."""
