"""Writes what the program is made of as a CycloneDX document: ``python -m
docs.bill_of_materials [FILE]``.

Listed are the packages of ``requirements.lock`` with their hashes and, where they are
installed, their licences; what is vendored; and the SQLite and OpenSSL in use.
"""

import re
import sqlite3
import ssl
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL

import trastienda

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "trastienda"
LOCKED = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>[^\s;]+)", re.MULTILINE)
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
VENDORED = re.compile(
    r"^\| `(?P<file>[^`]+)` \| `(?P<hash>[0-9a-f]{64})` \|", re.MULTILINE
)


def bill_of_materials() -> Bom:
    """Return what the program is made of."""
    bom = Bom()
    bom.metadata.component = Component(
        name="trastienda",
        version=trastienda.__version__,
        type=ComponentType.APPLICATION,
        licenses=[LicenseFactory().make_from_string("MIT")],
    )
    for component in (*_packages(), *_vendored_files(), *_libraries()):
        bom.components.add(component)
        bom.register_dependency(bom.metadata.component, [component])
    return bom


def _packages() -> Iterator[Component]:
    """Yield the packages of the lock."""
    lock = (ROOT / "requirements.lock").read_text()
    packages = list(LOCKED.finditer(lock))
    ends = [package.start() for package in packages[1:]] + [len(lock)]
    for package, end in zip(packages, ends, strict=True):
        name, version = package["name"], package["version"]
        hashes = HASH.findall(lock, package.start(), end)
        yield Component(
            name=name,
            version=version,
            purl=PackageURL("pypi", name=name, version=version),
            bom_ref=f"pypi/{name}",
            hashes=[_sha256(content) for content in hashes],
            licenses=_licence_of(name),
        )


def _licence_of(name: str) -> list[object]:
    """Return the licence of a package that is installed, as it names it itself."""
    try:
        about = metadata.metadata(name)
    except metadata.PackageNotFoundError:  # of another system
        return []

    text = about.get("License-Expression") or about.get("License") or ""
    if not text or "\n" in text:  # some put the whole text there
        classifiers = about.get_all("Classifier", [])
        named = [
            one.rpartition(" :: ")[2] for one in classifiers if "License ::" in one
        ]
        text = named[0] if named else ""
    return [LicenseFactory().make_from_string(text)] if text else []


def _vendored_files() -> Iterator[Component]:
    """Yield the files of others that lie among ours, as their pages list them."""
    for page in sorted(SOURCE.rglob("VENDORED.md")):
        for row in VENDORED.finditer(page.read_text()):
            path = page.with_name(row["file"]).relative_to(ROOT)
            yield Component(
                name=str(path),
                type=ComponentType.FILE,
                bom_ref=str(path),
                hashes=[_sha256(row["hash"])],
            )


def _libraries() -> Iterator[Component]:
    """Yield the libraries that Python brings along here."""
    openssl_version = ssl.OPENSSL_VERSION.split()[1]
    for name, version in (
        ("sqlite", sqlite3.sqlite_version),
        ("openssl", openssl_version),
    ):
        yield Component(
            name=name,
            version=version,
            purl=PackageURL("generic", name=name, version=version),
            bom_ref=f"generic/{name}",
        )


def _sha256(content: str) -> HashType:
    return HashType(alg=HashAlgorithm.SHA_256, content=content)


def main() -> None:
    """Write the document into the file given, or onto the standard output."""
    outputter = make_outputter(
        bill_of_materials(), OutputFormat.JSON, SchemaVersion.V1_6
    )
    text = outputter.output_as_string(indent=2)
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(f"{text}\n")
    else:
        sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    main()
