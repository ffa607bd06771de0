"""The pictures of the pages can be drawn anew, and show what is there."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from tests.harness.windows import NEEDS_SCREEN

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "docs" / "pictures"


def size(file: Path) -> tuple[int, int]:
    with Image.open(file) as picture:
        return picture.size


@pytest.mark.skipif(
    not all(map(shutil.which, ("chromium", "tmux"))), reason="needs chromium and tmux"
)
@NEEDS_SCREEN
def test_each_is_drawn_by_the_command_that_says_so_and_looks_the_same_in_size(
    tmp_path: Path,
) -> None:
    subprocess.run(
        [sys.executable, "-m", "docs.pictures.draw", str(tmp_path)],
        check=True,
        cwd=ROOT,
        timeout=110,
    )
    kept = {file.name: size(file) for file in PICTURES.glob("*.[pg][ni][gf]")}
    drawn = {file.name: size(file) for file in tmp_path.glob("*.[pg][ni][gf]")}
    assert drawn.keys() == kept.keys()
    for name, (width, height) in kept.items():
        assert abs(drawn[name][0] - width) <= width // 10, name
        assert abs(drawn[name][1] - height) <= height // 10, name


def test_each_stands_on_a_page_and_says_what_it_shows() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
    text = "\n".join(page.read_text("utf-8") for page in pages)
    shown = dict(
        re.findall(r'<img src="(?:docs/)?pictures/([^"]+)" alt="([^"]+)"', text)
    )
    assert shown.keys() == {file.name for file in PICTURES.glob("*.[pg][ni][gf]")}
    assert all(shown.values())
