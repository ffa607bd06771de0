"""Connections whose client is no longer there: the system is made to find out."""

import contextlib
import socket

IDLE_S, PROBE_S, PROBES = 60, 15, 4
"""Silence after which the system asks whether the client is there.

Then how often it asks, and how many times in vain.
"""
UNACKNOWLEDGED_MS = 60_000
"""How long what was sent may stay without a sign that it has arrived."""


def watch_for_silence(connected: socket.socket) -> None:
    """Have the system end a connection when its client is no longer there."""
    options = {
        "TCP_KEEPIDLE": IDLE_S,
        "TCP_KEEPINTVL": PROBE_S,
        "TCP_KEEPCNT": PROBES,
        "TCP_USER_TIMEOUT": UNACKNOWLEDGED_MS,
    }
    with contextlib.suppress(OSError):
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for name, value in options.items():
            if hasattr(socket, name):  # each system has some of them
                option = getattr(socket, name)
                connected.setsockopt(socket.IPPROTO_TCP, option, value)
