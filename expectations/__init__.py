"""The data-quality room: what every table must look like before anyone may act on it."""
