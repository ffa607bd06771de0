"""KEEP: rows in, rows out. The only SQL; what differs between databases is in ``dialects`` alone."""
