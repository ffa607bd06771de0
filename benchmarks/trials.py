"""Rounds of measurements, in which one that fails is named and the others go on."""

import sys
from collections.abc import Callable, Hashable
from typing import Generic, NoReturn, TypeVar

from servers import ServerFailed

Subject = TypeVar("Subject", bound=Hashable)
Figures = TypeVar("Figures")


class Trials(Generic[Subject, Figures]):
    """What each subject gave in each round, and why some could not be measured."""

    def __init__(self) -> None:
        self.rounds: dict[Subject, list[Figures]] = {}
        self.failures: dict[Subject, str] = {}

    def attempt(self, subject: Subject, measure: Callable[[], Figures]) -> None:
        """Measure once more, unless the subject has failed before."""
        if subject in self.failures:
            return
        try:
            self.rounds.setdefault(subject, []).append(measure())
        except ServerFailed as failure:
            self.fail(subject, failure)

    def fail(self, subject: Subject, failure: ServerFailed) -> None:
        """Give a subject up; what it gave until now counts no more, for it may have been ailing."""
        self.failures[subject] = str(failure)
        self.rounds.pop(subject, None)

    def measured(self, subject: Subject) -> list[Figures]:
        """Return the rounds of a subject; none if it has failed."""
        return self.rounds.get(subject, [])


def run(main: Callable[[], int]) -> NoReturn:
    """Run a benchmark; its exit status is what ``main`` returns, or 1 if a server failed."""
    try:
        sys.exit(main())
    except ServerFailed as failure:
        print(f"\nfailed: {failure}")
        sys.exit(1)
