"""The commands, each imported when it is used: so help and small commands stay fast."""

import gc
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any, NoReturn

import click
from click.shell_completion import CompletionItem
from msgspec import Struct

from trastienda.cli import spanish
from trastienda.storage.errors import (
    BusyError,
    DiskFullError,
    UnreadableError,
    UnreadableTextError,
)


class Entry(Struct, frozen=True):
    """A command: its section, its module, its name there, and one line of help."""

    section: str
    module: str
    function: str
    help: str


class LateCommands(Mapping[str, click.Command]):
    """Commands by name, each imported when it is looked up."""

    def __init__(self, entries: Mapping[str, Entry]) -> None:
        self._entries = entries

    def __getitem__(self, name: str) -> click.Command:
        entry = self._entries[name]
        module_name = f"trastienda.cli.{entry.module}"
        # Modules are no garbage. Looking for cycles among them, now or soon after, takes
        # a tenth of the start.
        gc.disable()
        try:
            module = import_module(module_name)
            gc.freeze()
        finally:
            gc.enable()
        command: click.Command = getattr(module, entry.function)
        return spanish.lay_out(command)

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


def _fail(
    ctx: click.Context,
    text: str,
) -> NoReturn:
    """Report what is wrong, and end the program with 1."""
    click.echo(f"trastienda: {text}", err=True)
    ctx.exit(1)


_SIGNS_OF_NO_MEMORY = (
    "can't start new thread",
    "failed to map segment",
    "annot allocate memory",
    "emory allocation",
    "Threading failure",
    "malloc failure",
    "out of memory",
)
"""In the errors of the interpreter, the loader of modules, argon2, OpenSSL and SQLite."""


def _lacks_memory(error: BaseException) -> bool:
    """Tell whether an error comes of memory that the system refused."""
    if isinstance(error, MemoryError):
        return True
    text = str(error)
    if any(sign in text for sign in _SIGNS_OF_NO_MEMORY):
        return True
    causes = [error.__cause__ or error.__context__]
    if isinstance(error, BaseExceptionGroup):
        causes += error.exceptions
    return any(_lacks_memory(cause) for cause in causes if cause is not None)


class Menu(click.Group):
    """A group that shows its commands by section, without importing them."""

    def __init__(
        self,
        *,
        entries: Mapping[str, Entry],
        **attributes: Any,
    ) -> None:
        super().__init__(**attributes)
        self.entries = entries
        self.commands = LateCommands(entries)  # type: ignore[assignment]  # nothing is added to it

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order of the table."""
        return list(self.entries)

    def format_commands(
        self,
        ctx: click.Context,
        formatter: click.HelpFormatter,
    ) -> None:
        """Write the commands, section by section."""
        width = max(map(len, self.entries))
        entries = self.entries.values()
        # In the order of the table, each once.
        sections = dict.fromkeys(entry.section for entry in entries)

        for section in sections:
            rows = []
            for name, entry in self.entries.items():
                if entry.section == section:
                    rows.append((name.ljust(width), entry.help))
            with formatter.section(section):
                formatter.write_dl(rows)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; report a busy or damaged database, a full disk or a lack of memory
        in a sentence."""
        try:
            return super().invoke(ctx)
        except BusyError:
            _fail(
                ctx, "otro programa tiene tomada la base de datos; inténtalo de nuevo"
            )
        except DiskFullError:
            _fail(
                ctx,
                "el disco está lleno: esto no se guardó. Lo que ya estaba guardado está "
                "a salvo; libera espacio y repite",
            )
        except UnreadableTextError as error:
            _fail(
                ctx,
                "la base de datos está dañada: hay un texto que no se puede leer (columna "
                f"{error.column}). Repón una copia con «trastienda restore COPIA --force»",
            )
        except UnreadableError as error:
            _fail(ctx, f"la base de datos no se puede leer o escribir: {error}")
        except Exception as error:
            if not _lacks_memory(error):
                raise
            _fail(
                ctx,
                "no hay memoria suficiente para esto. Lo que ya estaba guardado está a "
                "salvo; cierra otros programas o amplía el límite (ulimit -v), y repite",
            )

    def shell_complete(
        self,
        ctx: click.Context,
        incomplete: str,
    ) -> list[CompletionItem]:
        """Complete the name of a command, or an option of the program itself."""
        if incomplete.startswith("-"):
            return click.Command.shell_complete(self, ctx, incomplete)
        return [
            CompletionItem(name, help=entry.help)
            for name, entry in self.entries.items()
            if name.startswith(incomplete)
        ]
