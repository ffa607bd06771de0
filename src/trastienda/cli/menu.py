"""The commands there are, each imported when it is asked for: help, completion and small commands stay fast."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

import click
from click.shell_completion import CompletionItem
from msgspec import Struct

from trastienda.cli import spanish
from trastienda.storage.errors import BusyError, UnreadableError


class Entry(Struct, frozen=True):
    """A command: its section, the module and the name it has there, and what it does in one line."""

    section: str
    module: str
    function: str
    does: str


class Late(Mapping[str, click.Command]):
    """Commands by their names, each imported when it is looked up."""

    def __init__(self, entries: Mapping[str, Entry]) -> None:
        self._entries = entries

    def __getitem__(self, name: str) -> click.Command:
        entry = self._entries[name]
        command: click.Command = getattr(
            import_module(f"trastienda.cli.{entry.module}"), entry.function
        )
        return spanish.lay_out(command)

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


class Menu(click.Group):
    """A group that shows its commands by section, in the order of its table, without importing them."""

    def __init__(self, *, entries: Mapping[str, Entry], **attributes: Any) -> None:
        super().__init__(**attributes)
        self.entries = entries
        self.commands = Late(entries)  # type: ignore[assignment]  # nothing is added to it

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order of the table."""
        return list(self.entries)

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """Write the commands, section by section."""
        width = max(map(len, self.entries))
        for section in dict.fromkeys(entry.section for entry in self.entries.values()):
            with formatter.section(section):
                rows = [
                    (name.ljust(width), entry.does)
                    for name, entry in self.entries.items()
                    if entry.section == section
                ]
                formatter.write_dl(rows)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; say it in a sentence where another program holds the database, or it is damaged."""
        try:
            return super().invoke(ctx)
        except BusyError:
            click.echo(
                "trastienda: otro programa tiene tomada la base de datos; inténtelo de nuevo",
                err=True,
            )
            ctx.exit(1)
        except UnreadableError as error:
            click.echo(
                f"trastienda: la base de datos no se puede leer o escribir: {error}",
                err=True,
            )
            ctx.exit(1)

    def shell_complete(
        self, ctx: click.Context, incomplete: str
    ) -> list[CompletionItem]:
        """Complete the name of a command, or an option of the program itself."""
        if incomplete.startswith("-"):
            return click.Command.shell_complete(self, ctx, incomplete)
        return [
            CompletionItem(name, help=entry.does)
            for name, entry in self.entries.items()
            if name.startswith(incomplete)
        ]
