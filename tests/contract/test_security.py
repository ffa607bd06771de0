"""The page of security has a row for each requirement, and its proofs exist."""

import json
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "security.md"
ROW = re.compile(
    r"^\| (?P<number>[\d.–]+) \| (?P<state>[^|]+) \| (?P<how>[^|]+) \| (?P<proof>[^|]+) \|$"
)
SECTIONS = {
    "1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2,
    "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1,
    "3.2": 2, "3.3": 4, "3.4": 6, "3.5": 5, "3.7": 2,
    "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4,
    "5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3,
    "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4,
    "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2,
    "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1,
    "9.1": 3, "9.2": 4,
    "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1,
    "12.1": 3, "12.2": 2, "12.3": 4,
    "13.1": 1, "13.2": 5, "13.3": 2, "13.4": 5,
    "14.1": 2, "14.2": 4, "14.3": 3,
    "15.1": 3, "15.2": 3, "15.3": 7,
    "16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3,
}  # fmt: skip
"""Requirements of levels 1 and 2 by section (OWASP ASVS 5.0.0), which begin with 1."""
WHOLE_CHAPTERS = ("10.1.1–10.7.3", "17.1.1–17.3.2")
"""What does not concern the shop at all: OAuth, and WebRTC."""


def rows() -> list[re.Match[str]]:
    """The rows of the table."""
    table = PAGE.read_text().split("<!-- asvs -->")[1].split("<!-- end -->")[0]
    lines = table.strip().splitlines()[2:]
    matches = [ROW.match(line) for line in lines]
    assert None not in matches, lines[matches.index(None)]
    return [match for match in matches if match is not None]


def test_every_requirement_has_its_row() -> None:
    expected = [
        f"{section}.{position}"
        for section, count in SECTIONS.items()
        for position in range(1, count + 1)
    ]
    numbers = [row["number"] for row in rows()]
    assert set(numbers) == {*expected, *WHOLE_CHAPTERS}
    assert len(numbers) == len(set(numbers))

    ordered = [
        [int(part) for part in number.partition("–")[0].split(".")]
        for number in numbers
    ]
    assert all(before < after for before, after in pairwise(ordered))


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["number"])
def test_a_row_is_proven_or_says_why_not(row: re.Match[str]) -> None:
    assert row["state"] in {"met", "n/a", "no"}
    proofs = re.findall(r"`(test_\w+)`", row["proof"])
    if row["state"] == "met":
        assert proofs or len(row["proof"]) > 3, "a test, or what there is instead"
    if row["state"] == "no":
        assert len(row["how"]) > 60, "a deviation has its reason"


def test_every_proof_that_is_named_exists() -> None:
    named = {
        name for row in rows() for name in re.findall(r"`(test_\w+)`", row["proof"])
    }
    source = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    there = set(re.findall(r"def (test_\w+)\(", source))
    assert named - there == set()


def test_the_bill_of_materials_names_all_that_is_run() -> None:
    printed = subprocess.run(
        [sys.executable, "-m", "docs.bill_of_materials"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    bom = json.loads(printed)
    assert (bom["bomFormat"], bom["metadata"]["component"]["name"]) == (
        "CycloneDX",
        "trastienda",
    )

    components = {component["name"]: component for component in bom["components"]}
    lock = (ROOT / "requirements.lock").read_text()
    locked = set(re.findall(r"^([\w.-]+)==", lock, re.MULTILINE))
    assert locked <= components.keys()
    assert {"sqlite", "openssl"} <= components.keys()
    assert components["starlette"]["hashes"]
    assert "BSD" in json.dumps(components["starlette"]["licenses"])
    vendored = "src/trastienda/servers/http/static/swagger-ui-bundle.js"
    assert components[vendored]["type"] == "file"
