"""What the tests drive a shop with: one way for each thing, whatever is tested.

``server``
    ``trastienda serve`` in a process of its own.
``shop``
    A server with its people, and products at hand. ``http`` calls it as bare HTTP does.
``shell``
    A command of ``trastienda``, run to its end.
``lines``
    People and programs at the line ports, and terminals with ``nc``.
``books``, ``past``
    A shop in a database file, without a server; and everything that can happen to one.
``waiting``
    ``eventually``: wait until something is so.
"""
