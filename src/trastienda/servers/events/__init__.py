"""LISTEN: server-sent events, on the HTTP port."""
