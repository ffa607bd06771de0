"""The books of a big shop proven by two processes, which see the same state of it."""

import multiprocessing
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection as Pipe

from trastienda.actions.verification import Finding, Tell, find, verify
from trastienda.domain.verification import Broken
from trastienda.operations import opening
from trastienda.operations.clock import now_ms
from trastienda.operations.shop_folder import Location
from trastienda.storage.transactions import Snapshot, read_snapshot

ALONE_BYTES = 32 << 20
"""A database up to this size is proven in the time that a second process takes to start."""
TRIES = 1000
"""To see the same state: each takes a millisecond, and fails where a commit falls into it."""
_LOOK, _GO = "look", "go"


class _HelperFailedError(Exception):
    """The second process could not do its part."""


def prove(
    location: Location,
    tell: Tell = lambda done, total, check: None,
) -> Broken | None:
    """Return the first row that breaks a promise of the shop, or None: the books are sound.

    Raises StartError, and UnreadableError.
    """
    shop = opening.look_at(location)
    size = location.database_file.stat().st_size
    if size > ALONE_BYTES and (os.cpu_count() or 1) > 1:
        with (
            _helper(location) as pipe,
            shop.database.readable(),
            shop.database.connect() as connection,
            shop.database.connect() as watch,
        ):
            for _ in range(TRIES):
                change_number = watch.change_number()
                with read_snapshot(connection, now_ms) as snapshot:
                    try:
                        pipe.send(_LOOK)
                        pipe.recv()
                        if watch.change_number() == change_number:
                            pipe.send(_GO)
                            return _proven_by_both(snapshot, pipe, tell)
                    except (_HelperFailedError, EOFError, OSError):
                        return verify(snapshot, tell)

    with shop.snapshot() as snapshot:
        return verify(snapshot, tell)


def _proven_by_both(
    snapshot: Snapshot,
    pipe: Pipe,
    tell: Tell,
) -> Broken | None:
    """Prove what does not concern documents while the helper proves these."""
    helper_done = helper_total = own_total = 0.0
    findings: list[Finding | None] = []

    def hear() -> None:
        nonlocal helper_done, helper_total
        message = pipe.recv()
        if isinstance(message, tuple):
            helper_done, helper_total = message
        elif isinstance(message, Exception):
            raise _HelperFailedError from message
        else:
            findings.append(message)

    def sum_up(
        done: float,
        total: float,
        check: str,
    ) -> None:
        nonlocal own_total
        own_total = total
        while not findings and pipe.poll():
            hear()
        tell(done + helper_done, total + helper_total, check)

    own_finding = find(snapshot, sum_up, of_documents=False)
    while not findings:
        hear()
        tell(own_total + helper_done, own_total + helper_total, "sales")

    both = [finding for finding in (own_finding, *findings) if finding is not None]
    first = min(both, key=lambda finding: finding.check, default=None)
    return None if first is None else first.broken


@contextmanager
def _helper(location: Location) -> Iterator[Pipe]:
    """Start a process that proves the documents, once it is told to."""
    context = multiprocessing.get_context("spawn")
    pipe, far_end = context.Pipe()
    process = context.Process(
        target=_prove_documents, args=(location, far_end), daemon=True
    )
    process.start()
    far_end.close()
    try:
        yield pipe
    finally:
        process.kill()
        process.join()
        pipe.close()


def _prove_documents(
    location: Location,
    pipe: Pipe,
) -> None:
    """Do the helper's part: look at the shop as often as told, and then prove what was seen."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that asked ends this one
    try:
        shop = opening.look_at(location)
        with shop.database.connect() as connection:
            pipe.recv()
            while True:
                with read_snapshot(connection, now_ms) as snapshot:
                    pipe.send(_LOOK)
                    if pipe.recv() == _LOOK:
                        continue
                    finding = find(
                        snapshot,
                        lambda done, total, check: pipe.send((done, total)),
                        of_documents=True,
                    )
                pipe.send(finding)
                return
    except (EOFError, BrokenPipeError):  # whoever asked is gone
        return
    except Exception as error:  # whoever asked does it all alone
        pipe.send(RuntimeError(repr(error)))
