"""Files that people bring and take away.

``cells`` parses and renders one cell, ``tables`` finds header and rows in a file,
``imports`` reads product lists and past sales from tables and JSON, ``exports`` writes
files. Each uses only what stands before it; imports and exports do not know each other.
"""
