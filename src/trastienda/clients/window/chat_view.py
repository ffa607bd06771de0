"""What a chat asks of the screen that it is shown on."""

from typing import Protocol

from trastienda.clients.window.talks import Message, Talk


class ChatView(Protocol):
    """Where a chat is shown."""

    def show_talk(self, talk: Talk) -> None:
        """Show another talk, or the same one from its end."""

    def note_added(
        self,
        talk: Talk,
        place: int,
    ) -> None:
        """Show what was added to a talk."""

    def note_changed(
        self,
        talk: Talk,
        message: Message,
    ) -> None:
        """Show a message as it is now."""

    def note_removed(
        self,
        talk: Talk,
        message: Message,
    ) -> None:
        """Show a message no more."""

    def note_older(
        self,
        talk: Talk,
        count: int,
    ) -> None:
        """Show what has come of before."""

    def give_back(self, text: str) -> None:
        """Have a text that was not taken where it was typed, if nothing is there yet."""

    def show_message(
        self,
        talk: Talk,
        message: Message,
    ) -> None:
        """Show where in a talk a message stands."""

    def show_lists(self) -> None:
        """Show rooms and people as they are now."""

    def call(self, text: str) -> None:
        """Call for attention: somebody means whoever sits here."""

    def inform(self, text: str) -> None:
        """Say a word that goes by."""
