"""The back room of a shop: stock, sales, purchases, receipts, staff, and the talk among them."""

__version__ = "0.1.0"
