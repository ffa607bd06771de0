"""The terminal client: the chat and the inventory, for whoever types."""
