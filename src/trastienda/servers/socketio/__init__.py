"""LISTEN: Socket.IO, on the HTTP port."""
