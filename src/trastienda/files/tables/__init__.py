"""A file as a table: its header, its rows, and which column holds which field."""
