"""Which sheet of a file with several is read."""

from collections.abc import Mapping, Sequence

from msgspec import Struct, field

from trastienda.files.tables.table import FileRefused, HeaderMatch


class HeldSheet(Struct):
    """A sheet that is held in memory: its rows by line, and its faults as those of
    :meth:`Table.row`."""

    name: str
    is_visible: bool = True
    rows: list[tuple[int, list[str]]] = field(default_factory=list)
    faults: dict[int, dict[int, str]] = field(default_factory=dict)


class SheetChoice(Struct, frozen=True):
    """The sheets of a file, and the one that the importer named, if any."""

    names: Sequence[str]
    visible_names: Sequence[str]
    wanted: str | None

    def candidates(self) -> Sequence[str]:
        """Return the sheets that may be read.

        Raises FileRefused if the one that was named does not exist.
        """
        if self.wanted is None:
            return self.visible_names
        if self.wanted not in self.names:
            sheet_names = ", ".join(self.names)
            raise FileRefused(
                f"No hay una hoja «{self.wanted}»; las hojas son: {sheet_names}."
            )
        return [self.wanted]

    def best(self, matches: Mapping[str, HeaderMatch]) -> str:
        """Return the first sheet with two known headers, or else the first with any.

        Raises FileRefused if no sheet has one.
        """
        for least_known in (2, 1):
            for name, match in matches.items():
                if match.known_cells >= least_known:
                    return name

        where = f"la hoja «{self.wanted}»"
        if self.wanted is None:
            where = f"ninguna hoja ({', '.join(self.visible_names)})"
        raise FileRefused(
            f"No se reconoce el encabezado en {where}: "
            "una fila debe nombrar las columnas."
        )

    def remarks(self, name: str) -> list[str]:
        """Return what there is to say if this sheet is read."""
        if self.wanted is not None or len(self.visible_names) < 2:
            return []
        count = len(self.visible_names)
        remark = f"Se leyó la hoja «{name}» de {count}; otra se elige con --sheet."
        return [remark]
