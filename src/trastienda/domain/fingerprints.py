"""Fingerprints: what the registro of a document keeps, so that any later change of it
shows.

A fingerprint covers the fields of a document that never change, in a form that has a
version. A document that gets a new field gets a new form; the registros written before
keep theirs and stay true.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Generic, Protocol, TypeVar

import msgspec
from msgspec import NODEFAULT, Struct

from trastienda.domain.attributes import tuple_getter
from trastienda.domain.audit import digest


class Document(Protocol):
    """What has lines and can be fingerprinted."""

    @property
    def lines(self) -> Sequence[Any]:
        """The lines, in their order."""


D = TypeVar("D", bound=Document)


class Form(Struct, frozen=True):
    """One version of what is covered. Once a shop has used it, it never changes."""

    fields: tuple[str, ...]
    """Of the document, in the order in which they are hashed; its lines come after them."""
    line_fields: tuple[str, ...]


class Fingerprints(Generic[D]):
    """The fingerprints of one kind of document, in every form that there ever was."""

    def __init__(
        self, document: type[Struct], line: type[Struct], *forms: Form
    ) -> None:
        self.current = len(forms)
        """The version of new registros. Versions count from 1."""
        self._forms = dict(enumerate(forms, start=1))
        self._fields = {
            version: tuple_getter(form.fields) for version, form in self._forms.items()
        }
        self._lines = {
            version: _line_encoder(line, form.line_fields)
            for version, form in self._forms.items()
        }
        self.newest = newest = forms[-1]
        self._later_fields = {
            version: _defaults(document, set(newest.fields) - set(form.fields))
            for version, form in self._forms.items()
        }
        self._later_line_fields = {
            version: _defaults(line, set(newest.line_fields) - set(form.line_fields))
            for version, form in self._forms.items()
        }

    def __contains__(self, version: int) -> bool:
        return version in self._forms

    def content(
        self,
        document: D,
        version: int | None = None,
    ) -> bytes:
        """Return what the fingerprint is taken of: a JSON array of the fields, the lines last."""
        if version is None:
            version = self.current
        fields = self._fields[version](document)
        lines = self._lines[version](document.lines)
        return msgspec.json.encode((*fields, lines))

    def registro(self, document: D) -> dict[str, object]:
        """Return what the registro of a new document says of it, besides its numbers."""
        return {"sha256": digest(self.content(document)), "version": self.current}

    def covers(
        self,
        document: D,
        version: int,
    ) -> bool:
        """Tell whether this form covers all that the document says.

        A document of an older form has nothing in the fields that were added later.
        """
        for name, default in self._later_fields[version].items():
            if getattr(document, name) != default:
                return False

        later = self._later_line_fields[version]
        if not later:
            return True
        return all(
            getattr(line, name) == default
            for line in document.lines
            for name, default in later.items()
        )


def _line_encoder(
    line: type[Struct],
    names: tuple[str, ...],
) -> Callable[[Sequence[Any]], Sequence[Any]]:
    """Return what makes lines ready to be encoded with these of their fields alone."""
    if names == line.__struct_fields__:
        return tuple  # as they are: nothing is copied

    by_name = {field.name: field for field in msgspec.structs.fields(line)}
    definitions: list[tuple[str, Any] | tuple[str, Any, Any]] = []
    for name in names:
        default = by_name[name].default
        if default is NODEFAULT:
            definitions.append((name, Any))
        else:
            definitions.append((name, Any, default))

    covered = msgspec.defstruct(
        "CoveredLine",
        definitions,
        omit_defaults=line.__struct_config__.omit_defaults,
    )
    values = tuple_getter(names)
    return lambda lines: [covered(*values(item)) for item in lines]


def _defaults(
    struct: type[Struct],
    names: Iterable[str],
) -> dict[str, object]:
    fields = msgspec.structs.fields(struct)
    return {field.name: field.default for field in fields if field.name in names}
