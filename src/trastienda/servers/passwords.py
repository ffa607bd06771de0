"""Passwords: hashed and compared by argon2id, in threads beside the event loop."""

import asyncio
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError, VerificationError
from argon2.low_level import error_to_str

from trastienda.domain.errors import Unavailable
from trastienda.domain.password_hashes import is_bounded
from trastienda.domain.passwords import MAX_PASSWORD_LENGTH
from trastienda.servers.turns import Turn, Turns

R = TypeVar("R")

THREADS = 2
MAX_WAITING = 64
"""Passwords that wait to be hashed.

At some 40 ms each the last of them waits a second or two.
"""

_NO_MEMORY, _NO_THREAD = -22, -33
"""What argon2 calls an allocation and a thread that the system refused."""
_LACKS = {error_to_str(_NO_MEMORY), error_to_str(_NO_THREAD)}

_Job = tuple[Callable[[], Any], "asyncio.Future[Any]"]


class Passwords:
    """Hashes passwords and compares them with hashes.

    Call it from the event loop only.
    """

    def __init__(self) -> None:
        self._hasher = PasswordHasher()
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="passwords")
        self._turns: Turns[_Job] = Turns(MAX_WAITING)
        self._running = 0

        password_of_nobody = secrets.token_urlsafe()
        self._hash_of_nobody = self._pool.submit(self._hasher.hash, password_of_nobody)

    async def hash(
        self,
        password: str,
        turn: Turn,
    ) -> str:
        """Return the argon2id hash of a password.

        Raises Unavailable where too many wait, or there is no memory for it.
        """
        return await self._in_a_thread(turn, self._hasher.hash, password)

    async def matches(
        self,
        password_hash: str | None,
        password: str,
        turn: Turn,
    ) -> bool:
        """Tell whether the hash is that of the password.

        None is the hash of a user who does not exist, and takes the time of a wrong
        password. So does one that would take too much: it is never computed. Raises
        Unavailable where too many wait, or there is no memory for it.
        """
        if password_hash is None or not is_bounded(password_hash):
            try:
                password_hash = self._hash_of_nobody.result()
            except (Argon2Error, MemoryError) as error:
                raise Unavailable from error
        if len(password) > MAX_PASSWORD_LENGTH:
            password = ""
        return await self._in_a_thread(turn, self._verify, password_hash, password)

    def is_outdated(self, password_hash: str) -> bool:
        """Tell whether a hash was made with other parameters than those of today."""
        return self._hasher.check_needs_rehash(password_hash)

    def _verify(
        self,
        password_hash: str,
        password: str,
    ) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError) as error:
            if str(error) in _LACKS:
                raise
            return False

    async def _in_a_thread(
        self,
        turn: Turn,
        work: Callable[..., R],
        *arguments: Any,
    ) -> R:
        done: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        pushed_out = self._turns.put(turn, (partial(work, *arguments), done))
        if pushed_out is not None:
            _, given_up = pushed_out
            _fail(given_up, Unavailable())
        self._start()
        return await done

    def _start(self) -> None:
        """Give the threads whose turn it is."""
        loop = asyncio.get_running_loop()
        while self._running < THREADS:
            job = self._turns.pop()
            if job is None:
                return
            work, done = job
            self._running += 1
            try:
                running = loop.run_in_executor(self._pool, work)
            except RuntimeError:  # no memory for a thread
                self._running -= 1
                _fail(done, Unavailable())
                return
            running.add_done_callback(partial(self._finish, done))

    def _finish(
        self,
        done: "asyncio.Future[Any]",
        running: "asyncio.Future[Any]",
    ) -> None:
        self._running -= 1
        if running.cancelled():  # the threads were ended
            _fail(done, Unavailable())
            return

        error = running.exception()
        if isinstance(error, MemoryError) or str(error) in _LACKS:
            _fail(done, Unavailable())
        elif error is not None:
            _fail(done, error)
        elif not done.done():
            done.set_result(running.result())
        self._start()

    def close(self) -> None:
        """End the threads."""
        while (job := self._turns.pop()) is not None:
            _fail(job[1], Unavailable())
        self._pool.shutdown(cancel_futures=True)


def _fail(
    done: "asyncio.Future[Any]",
    error: BaseException,
) -> None:
    if not done.done():  # whoever waited may have been cancelled
        done.set_exception(error)
