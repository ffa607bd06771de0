"""What an export writes: CSV, spreadsheets, JSON lines, ``inventario.json`` and
reports."""
