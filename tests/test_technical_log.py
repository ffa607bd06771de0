"""The technical log: one line an entry, whatever comes from outside."""

import json
import logging
from datetime import UTC

import pytest

from trastienda.config import technical_log

EVIL = "x\r\n2026-01-01 INFO forged: line\x1b[31m\u202e\u2028\x85"


@pytest.mark.parametrize("form", ["texto", "json"])
def test_nobody_outside_writes_a_line_of_their_own(
    form: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    monkeypatch.setattr(root, "level", root.level)
    technical_log.set_up("INFO", form, lambda: UTC)
    extra = {"fields": {"address": EVIL}}
    logging.getLogger("trastienda").warning(
        "a page of %s may not call", EVIL, extra=extra
    )

    output = capsys.readouterr().err
    assert len(output.splitlines()) == 1
    assert output.isascii()
    assert "+00:00" in output
    if form == "json":
        entry = json.loads(output)
        assert entry["address"] == EVIL
        assert entry["level"] == "WARNING"
