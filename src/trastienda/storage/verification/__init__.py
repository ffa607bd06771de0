"""Proof of the books from the rows.

Each module walks some tables in the order of their keys and names what is broken. Nothing
is held in memory but a block of rows, what is known of each product, and eight bytes a
document.
"""
