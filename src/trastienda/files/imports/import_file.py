"""A file that was read for an import, whatever it holds."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from trastienda.files.imports.notices import Notices
from trastienda.files.imports.refused_rows import RefusedRows, write_beside
from trastienda.files.tables.columns import FoundColumns


class ImportFile:
    """A file read for an import: its columns, what is odd about it, and the rows it
    refuses.

    A context manager; closing it removes the temporary files.
    """

    def __init__(
        self,
        path: Path,
        header: tuple[str, ...],
        separator: str,
        columns: FoundColumns | None,
        remarks: Sequence[str] = (),
    ) -> None:
        self.header = header
        self.columns = columns
        """None for JSON, whose fields have their own names."""
        self.remarks = tuple(remarks)
        """What is odd about the file as a whole, in Spanish."""
        self.decimal_marks: dict[int, str | None] = {}
        """What the file writes before decimals, by the position of a column of numbers."""
        self.notices = Notices()
        self.total_rows = 0
        self._path = path
        self._separator = separator
        self._temporary = tempfile.TemporaryDirectory(prefix="trastienda-")
        self.temporary_directory = Path(self._temporary.name)
        self.refused = RefusedRows(self.temporary_directory)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Remove the temporary files."""
        self.refused.close()
        self._temporary.cleanup()

    @contextmanager
    def closed_on_error(self) -> Iterator[None]:
        """Close the file if the block fails; else it stays open for the caller."""
        try:
            yield
        except BaseException:
            self.close()
            raise

    @property
    def file_name(self) -> str:
        """The name of the file, without its folder."""
        return self._path.name

    @property
    def taken_rows(self) -> int:
        """How many rows were not refused."""
        return self.total_rows - len(self.refused)

    @property
    def left_behind(self) -> int:
        """How many rows go to the file of refused rows."""
        return len(self.refused)

    def write_refused(self) -> Path:
        """Write the refused rows beside the file, each with line and reason; return
        where."""
        return write_beside(
            self._path,
            self.header,
            self._separator,
            self.decimal_marks,
            self.refused,
        )
