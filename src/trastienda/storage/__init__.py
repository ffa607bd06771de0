"""KEEP: rows in, rows out.

The only SQL is here; what differs between databases is in ``dialects`` alone.
"""
