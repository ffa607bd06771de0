"""The desktop window, made with Tk: the chat, the shelves, and the keeping of order."""
