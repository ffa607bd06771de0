"""The packages: each is built, and installed into an environment that has what it asks for
and nothing else. No network is needed: what it asks for is taken from the environment of
the tests."""

import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

import httpx
import pytest
from packaging.requirements import Requirement
from tests.harness.cast import PASSWORD
from tests.harness.server import ServerProcess
from tests.harness.shell import LINES_OFF, environment
from tests.harness.shop import RunningShop

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src"
SDK = ROOT / "packaging" / "sdk"
BIN = "Scripts" if sys.platform == "win32" else "bin"


def wheel_of(project: Path, folder: Path) -> Path:
    """Build the wheel of a project."""
    folder.mkdir()
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=project,
        check=True,
        capture_output=True,
    )
    (wheel,) = folder.glob("*.whl")
    return wheel


def names_in(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def needed(requirements: list[str]) -> dict[str, Distribution]:
    """Return the distributions that requirements name, and what those need in turn."""
    wanted = [Requirement(text) for text in requirements]
    chosen: dict[str, Distribution] = {}
    while wanted:
        requirement = wanted.pop()
        is_meant = requirement.marker is None or requirement.marker.evaluate(
            {"extra": ""}
        )
        name = requirement.name.lower().replace("_", "-")
        if not is_meant or name in chosen:
            continue
        chosen[name] = distribution(name)
        assert requirement.specifier.contains(chosen[name].version, prereleases=True)
        wanted += [Requirement(text) for text in chosen[name].requires or []]
    return chosen


def installed(wheel: Path, folder: Path) -> Path:
    """Make an environment with a wheel and what it needs; return its Python."""
    venv.create(folder, with_pip=False, symlinks=sys.platform != "win32")
    python = folder / BIN / Path(sys.executable).name
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "--python", str(python)),
            *("install", "--quiet", "--no-deps", "--no-index", "--no-compile"),
            *("--disable-pip-version-check", str(wheel)),
        ],
        check=True,
        capture_output=True,
        env=environment(),
    )

    (metadata,) = folder.rglob("trastienda*.dist-info")
    packages = metadata.parent
    requires = Distribution.at(metadata).requires or []
    for needed_distribution in needed(requires).values():
        tops = {file.parts[0] for file in needed_distribution.files or []} - {".."}
        for top in tops - {"__pycache__"}:
            place = Path(str(needed_distribution.locate_file(top)))
            if place.exists():
                (packages / top).symlink_to(place)
    return python


@pytest.fixture(scope="module")
def product_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return wheel_of(ROOT, tmp_path_factory.mktemp("product") / "dist")


@pytest.fixture(scope="module")
def sdk_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return wheel_of(SDK, tmp_path_factory.mktemp("sdk") / "dist")


@pytest.fixture
def demo(product_wheel: Path, tmp_path: Path) -> Iterator[ServerProcess]:
    """The command of the installed package, in an empty folder."""
    python = installed(product_wheel, tmp_path / "environment")
    folder = tmp_path / "empty"
    folder.mkdir()
    process = ServerProcess(
        [str(python.with_name("trastienda")), "demo", "--port", "0", *LINES_OFF],
        files=tmp_path / "demo",
        cwd=folder,
        variables={"HOME": str(tmp_path), "PYTHONPATH": ""},
    )
    with process.wait_until_ready():
        yield process


def test_every_file_of_the_source_is_in_the_package(product_wheel: Path) -> None:
    written = {
        file.relative_to(SOURCE).as_posix()
        for file in SOURCE.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    assert written
    assert written <= names_in(product_wheel)


def test_the_package_alone_serves_its_demo(demo: ServerProcess) -> None:
    url = demo.output.split("/docs", 1)[0].split()[-1]
    with httpx.Client(base_url=url) as client:
        assert client.get("/salud").status_code == 200
        assert client.get("/docs").status_code == 200
        session = client.post(
            "/login", json={"usuario": "ana", "clave": "trastienda"}
        ).json()
        receipt = client.get(
            "/boleta/1",
            headers={
                "Authorization": f"Bearer {session['token']}",
                "Accept": "application/pdf",
            },
        )
    assert receipt.content.startswith(b"%PDF")


def test_the_sdk_needs_no_server() -> None:
    text = (SDK / "pyproject.toml").read_text("utf-8")
    for name in ("sqlalchemy", "uvicorn", "starlette", "cryptography", "click"):
        assert name not in text


def test_the_sdk_brings_no_client_but_itself(sdk_wheel: Path) -> None:
    folders = {
        name.split("/")[2]
        for name in names_in(sdk_wheel)
        if name.startswith("trastienda/clients/") and name.count("/") > 2
    }
    assert folders == {"sdk"}


def test_the_sdk_alone_drives_a_shop(
    sdk_wheel: Path, shop: RunningShop, tmp_path: Path
) -> None:
    python = installed(sdk_wheel, tmp_path / "environment")
    code = shop.code(nombre="Miel 500 g", precio=4990)
    program = f"""
import asyncio, importlib.util
from trastienda.clients.sdk import AsyncClient, Client, InsufficientStock

with Client({shop.server.url!r}) as shop:
    shop.log_in("beto", {PASSWORD!r})
    sale = shop.sell([({code!r}, 2)])
    receipt = shop.receipt(sale.id_venta)
    try:
        shop.sell([({code!r}, 1000)])
    except InsufficientStock as refusal:
        left = refusal.faltantes[0].disponible

async def count() -> int:
    async with AsyncClient({shop.server.url!r}) as shop:
        await shop.log_in("beto", {PASSWORD!r})
        return len([sale async for sale in shop.sales()])

assert asyncio.run(count()) >= 1
assert importlib.util.find_spec("sqlalchemy") is None
assert importlib.util.find_spec("trastienda.servers") is None
print(receipt.id_venta == sale.id_venta, sale.total, left)
"""
    done = subprocess.run(
        [str(python), "-I", "-c", program],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert done.stdout == "True 9980 98\n", done.stderr
