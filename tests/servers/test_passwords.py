"""Passwords compared with what a shop keeps, which may come from anywhere."""

import asyncio
import os
import subprocess
import sys

import pytest
from argon2 import PasswordHasher

from trastienda.servers.passwords import Passwords
from trastienda.servers.turns import Turn

CLAVE = "clave-de-ana"


def matches(password_hash: str) -> bool:
    passwords = Passwords()
    try:
        return asyncio.run(passwords.matches(password_hash, CLAVE, Turn()))
    finally:
        passwords.close()


def test_a_hash_that_takes_more_than_there_is_to_spare_is_never_computed() -> None:
    """One lane more than the bounds takes next to nothing, so only the bounds stop it."""
    assert matches(PasswordHasher(1, 128, 16).hash(CLAVE))
    assert not matches(PasswordHasher(1, 136, 17).hash(CLAVE))


_WITHOUT_MEMORY = """
import asyncio, resource
from trastienda.domain.errors import Unavailable
from trastienda.servers.passwords import Passwords
from trastienda.servers.turns import Turn

async def compare():
    passwords = Passwords()
    stored = await passwords.hash("clave", Turn())
    taken = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
    limit = taken + (16 << 20)  # a comparison takes 64 MB
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    for work in (passwords.matches(stored, "clave", Turn()), passwords.hash("otra", Turn())):
        try:
            await work
        except Unavailable:
            print("unavailable")
    passwords.close()

asyncio.run(compare())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_password_that_finds_no_memory_is_no_fault_of_the_shop() -> None:
    # Its own process: the limit is for good. The pool's memory is given back at once.
    ended = subprocess.run(
        [sys.executable, "-c", _WITHOUT_MEMORY],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={
            **os.environ,
            "MALLOC_MMAP_THRESHOLD_": "1000000",
            "MALLOC_ARENA_MAX": "1",
        },
    )
    assert ended.stdout.split() == ["unavailable"] * 2, ended.stderr
