"""Receipts on the wire: as JSON, and printable from one layout that knows no medium."""
