"""Copies into which somebody has put something: refused before anything of it runs."""

import shutil
from pathlib import Path

import pytest
from tests.operations.test_restore import copy, damaged, data, look, names, restore

from trastienda.app.opening import open_shop
from trastienda.config import Settings
from trastienda.operations import opening
from trastienda.operations.backups import CopyError
from trastienda.operations.errors import StartError
from trastienda.operations.shop_folder import DATABASE_FILE, Location

__all__ = ["copy", "data"]


EVIL = (
    "CREATE TRIGGER evil AFTER INSERT ON users BEGIN "
    "UPDATE users SET role = 'administrator' WHERE id = NEW.id; END"
)


@pytest.mark.parametrize("prove", [True, False])
@pytest.mark.parametrize(
    ("forgery", "part"),
    [
        (EVIL, "sobra el disparador «evil»"),
        ("DROP TRIGGER sales_no_delete", "falta el disparador «sales_no_delete»"),
        ("DROP TABLE message_texts", "falta la tabla «message_texts»"),
    ],
)
def test_restore_refuses_a_copy_that_is_not_made_as_a_shop_is(
    copy: Path, data: Path, forgery: str, part: str, prove: bool
) -> None:
    open_shop(Settings(data=data))
    damaged(copy, forgery)
    with pytest.raises(CopyError, match=part):
        restore(data, copy, force=True, prove=prove)
    assert look(data / DATABASE_FILE).shop.name == "Mi tienda"
    assert not {name for name in names(data) if "nueva" in name or "antes" in name}


def lay_journal(database: Path, target: Path) -> None:
    """Lay a journal beside a database, to be played back, that names another file."""
    content, name = database.read_bytes(), bytes(target)
    page_size = int.from_bytes(content[16:18])
    first_page = content[:page_size]
    pages = len(content) // page_size
    magic = bytes.fromhex("d9d505f920a163d7")

    def word(number: int) -> bytes:
        return number.to_bytes(4)

    head = magic + word(1) + word(0) + word(pages) + word(512) + word(page_size)
    checksum = sum(first_page[position] for position in range(page_size - 200, 0, -200))
    page = word(1) + first_page + word(checksum)
    tail = word((1 << 30) // page_size + 1) + name + word(len(name)) + word(sum(name))
    journal = database.with_name(f"{database.name}-journal")
    journal.write_bytes(head.ljust(512, b"\0") + page + tail + magic)


def test_restore_plays_back_no_journal_that_names_another_file(
    copy: Path, data: Path
) -> None:
    """SQLite deletes the file that such a journal names, once it is played back."""
    target = data.parent / "secret.key"
    target.write_bytes(b"k" * 32)
    lay_journal(copy, target)
    with pytest.raises(CopyError, match="no es una copia"):
        restore(data, copy)

    folder = data.parent / "folder"
    folder.mkdir()
    shutil.copy(copy, folder / DATABASE_FILE)
    lay_journal(folder / DATABASE_FILE, target)
    with pytest.raises(StartError, match="-journal"):
        open_shop(Settings(data=folder))
    with pytest.raises(StartError, match="-journal"):
        opening.is_there(Location(folder))
    assert target.read_bytes() == b"k" * 32
