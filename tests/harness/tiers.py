"""How long the long tests are: short in ``make test``, in full in ``make storm``.

The short form of a storm still finds each fault that the storm was written for.
"""

import os
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, settings

T = TypeVar("T")

IN_FULL = os.environ.get("STORM") == "1"

storm = pytest.mark.storm
"""Marks what ``make storm`` runs: tests that are longer in full."""


def tier(short: T, *, full: T) -> T:
    """Return the first value in ``make test``, the other in ``make storm``."""
    return full if IN_FULL else short


def load_hypothesis_profile() -> None:
    """Let Hypothesis try its usual hundred examples, or many; a busy machine fails no test."""
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large]
    settings.register_profile(
        "default",
        deadline=None,
        suppress_health_check=slow,
    )
    settings.register_profile(
        "storm", settings.get_profile("default"), max_examples=1000
    )
    settings.load_profile(tier("default", full="storm"))
