"""The line protocol without its sockets: bytes into lines, lines into clean text."""
