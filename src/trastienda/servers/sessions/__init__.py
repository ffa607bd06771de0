"""What a connected person may do and hears, whatever wire they came by."""
