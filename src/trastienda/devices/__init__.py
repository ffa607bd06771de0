"""Devices of the shop: the receipt printer."""
