"""The hall: from a publisher's file to a theme partnership's evidence table."""
