"""Passwords: hashed and compared by argon2id, in threads beside the event loop."""

import asyncio
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from trastienda.domain.errors import Unavailable
from trastienda.domain.password_hashes import is_bounded
from trastienda.domain.passwords import MAX_PASSWORD_LENGTH

R = TypeVar("R")

THREADS = 2
MAX_WAITING = 64
"""Passwords hashed or waiting.

At some 40 ms each the last of them waits a second or two.
"""


class Passwords:
    """Hashes passwords and compares them with hashes.

    Call it from the event loop only.
    """

    def __init__(self) -> None:
        self._hasher = PasswordHasher()
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="passwords")
        self._waiting = 0

        password_of_nobody = secrets.token_urlsafe()
        self._hash_of_nobody = self._pool.submit(self._hasher.hash, password_of_nobody)

    async def hash(self, password: str) -> str:
        """Return the argon2id hash of a password.

        Raises Unavailable where too many wait.
        """
        return await self._in_a_thread(self._hasher.hash, password)

    async def matches(
        self,
        password_hash: str | None,
        password: str,
    ) -> bool:
        """Tell whether the hash is that of the password.

        None is the hash of a user who does not exist, and takes the time of a wrong
        password. So does one that would take too much: it is never computed. Raises
        Unavailable where too many wait.
        """
        if password_hash is None or not is_bounded(password_hash):
            password_hash = self._hash_of_nobody.result()
        if len(password) > MAX_PASSWORD_LENGTH:
            password = ""
        return await self._in_a_thread(self._verify, password_hash, password)

    def _verify(
        self,
        password_hash: str,
        password: str,
    ) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _in_a_thread(self, work: Callable[..., R], *arguments: Any) -> R:
        if self._waiting >= MAX_WAITING:
            raise Unavailable

        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._pool, work, *arguments)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown(cancel_futures=True)
