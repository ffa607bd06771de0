"""The line protocol: inventory and chat over TCP, for people and for programs."""
