"""TELL: what was committed, to whoever listens."""
