"""What all benchmarks take on their command line: how much to measure, and ``--quick``."""

import argparse
from collections.abc import Mapping
from typing import Any

Amounts = Mapping[str, Any]
"""Numbers, tuples of them, or False for what is done only if asked for, by their options' names."""


def parse(description: str | None, full: Amounts, quick: Amounts) -> argparse.Namespace:
    """Read the command line: each amount of ``full`` is an option.

    With ``--quick`` the amounts of ``quick`` are the defaults.
    """
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--quick", action="store_true", help="less of everything, in under a minute"
    )
    for name, amount in full.items():
        option = f"--{name.replace('_', '-')}"
        if isinstance(amount, bool):
            parser.add_argument(option, action="store_true", default=None)
            continue
        several = isinstance(amount, tuple)
        parser.add_argument(
            option,
            type=type(amount[0] if several else amount),
            nargs="+" if several else None,
            help=f"{amount} by default, {quick.get(name, amount)} with --quick",
        )
    arguments = parser.parse_args()
    defaults = {**full, **quick} if arguments.quick else full
    for name, amount in defaults.items():
        if getattr(arguments, name) is None:
            setattr(arguments, name, amount)
    return arguments
