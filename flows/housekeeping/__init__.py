"""Keeping house: what may go, and a copy of what must not."""
