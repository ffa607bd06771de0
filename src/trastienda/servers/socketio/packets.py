"""Socket.IO packets as clients may send them."""

from typing import Any

from socketio import packet as library

MAX_ATTACHMENTS = 8
"""Of one packet, each as large as a packet may be. No event of the shop's takes any."""

_EVENTS = {library.EVENT, library.BINARY_EVENT}
_ANSWERS = {library.ACK, library.BINARY_ACK}
_OF_THE_LIBRARY = {
    "*",
    "connect",
    "connect_error",
    "disconnect",
    "disconnecting",
    "newListener",
    "removeListener",
    "__disconnect_final",
}
"""Names that no client may send: the libraries give them to what they do themselves."""


class Packet(library.Packet):  # type: ignore[misc]
    """A packet that is refused where it is no packet of a client's."""

    def decode(self, encoded_packet: Any) -> int:
        """Take a packet apart; return how many attachments follow.

        Raises ValueError for one that does not keep to the protocol.
        """
        count: int = super().decode(encoded_packet) or 0
        if count > MAX_ATTACHMENTS:
            raise ValueError("too many attachments")

        if self.packet_type in _EVENTS | _ANSWERS and not isinstance(self.data, list):
            raise ValueError("no list")
        if self.packet_type in _EVENTS:
            name = self.data[0] if self.data else None
            if not isinstance(name, str) or name in _OF_THE_LIBRARY:
                raise ValueError("no name of an event")
        return count

    def add_attachment(self, attachment: Any) -> bool:
        """Take an attachment; return whether it was the last one.

        Raises ValueError where something else comes in its place.
        """
        if not isinstance(attachment, bytes):
            raise ValueError("no attachment")
        return bool(super().add_attachment(attachment))
