"""The geography room: which places there are, and how each point and small area falls in them."""
