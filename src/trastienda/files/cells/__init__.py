"""One cell: numbers, dates, codes, payments, as text and as values."""
