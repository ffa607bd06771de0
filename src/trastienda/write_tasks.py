"""Calls that wait for the writer, and how a group of them runs in one transaction."""

import asyncio
import logging
import time
from collections.abc import Callable
from itertools import groupby
from typing import Any, Generic, TypeVar

from trastienda.domain.errors import Refusal
from trastienda.storage.errors import Conflict
from trastienda.storage.transactions import Tx

log = logging.getLogger(__name__)

R = TypeVar("R")


class WriteTask(Generic[R]):
    """A call in the queue."""

    __slots__ = ("action", "future", "item", "outcome", "queued_s")

    def __init__(
        self,
        action: Callable[..., Any],
        item: Any,
        future: "asyncio.Future[R]",
    ) -> None:
        self.action = action
        self.item = item
        """The call's part of the sequence that the action takes, or ALONE."""
        self.future = future
        self.outcome: Any = None
        """What the action returned, or the exception that it raised."""
        self.queued_s = time.monotonic()


ALONE = object()
"""Stands for the item of an action that takes one call at a time."""


def run_all(
    transaction: Tx,
    group: list[WriteTask[Any]],
) -> int:
    """Run calls in their order, up to the first that meets a conflict; return how many.

    Calls in a row that share an action over a sequence are one call of it. Where that
    fails, each of them runs by itself, so that only the guilty one pays. Raises Conflict
    where the first call of all meets it.
    """
    served = 0
    for action, same_action in groupby(group, key=lambda task: task.action):
        tasks = list(same_action)
        if len(tasks) > 1 and _run_together(transaction, action, tasks):
            served += len(tasks)
            continue

        for task in tasks:
            try:
                if task.item is ALONE:
                    task.outcome = _attempt(transaction, task.action)
                else:
                    outcomes = _attempt(transaction, task.action, [task.item])
                    refused = isinstance(outcomes, Exception)
                    task.outcome = outcomes if refused else outcomes[0]
            except Conflict:
                if served == 0:
                    raise
                return served
            served += 1
    return served


def _run_together(
    transaction: Tx,
    action: Callable[..., Any],
    tasks: list[WriteTask[Any]],
) -> bool:
    """Run calls as one call over a sequence; False, and no trace, where that fails."""
    calls = [task.item for task in tasks]
    try:
        outcomes = _attempt(transaction, action, calls)
    except Conflict:
        return False
    if isinstance(outcomes, Exception):
        return False

    for task, outcome in zip(tasks, outcomes, strict=True):
        task.outcome = outcome
    return True


def _attempt(
    transaction: Tx,
    action: Callable[..., Any],
    *arguments: Any,
) -> Any:
    """Run an action in a savepoint; return what it returns, or the exception it raises.

    After an exception nothing of it is left. Raises Conflict, and what has ended the
    whole transaction.
    """
    try:
        with transaction.savepoint():
            return action(transaction, *arguments)
    except Conflict:
        raise
    except Refusal as refusal:
        refusal.shop = transaction.shop
        return refusal
    except Exception as error:
        if not transaction.connection.in_transaction():
            raise
        log.exception("an action failed")
        return error
