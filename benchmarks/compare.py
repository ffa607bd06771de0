"""Compare two commits: the same load on the server of each, in turn; is any figure worse by 3 %?

    python benchmarks/compare.py BASE             BASE against the last commit here
    python benchmarks/compare.py BASE sales start --head COMMIT --rounds 8

Both commits are checked out into temporary work trees, and their servers run side by
side on one core. What measures them is always the code that stands beside this file,
over HTTP and the chat's lines, so BASE may be older than any of it.

In each round the servers are new. They are measured in turn, base, head, head, base and
so on, each time for a moment only, and each two neighbours give a ratio. Read the
median of all ratios, and the middle half of them for its spread: while the rates of a
busy machine change from minute to minute, the ratios hardly do, and those of processor
time least of all.
"""

import argparse
import contextlib
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

import http_load
import servers
from crowd import Crowd, crowd, may_open
from http_load import NextRequest
from rooms import Trastienda
from servers import Server, ServerFailed
from tables import table

PRODUCTS = 100
PAST_SALES = 5_000
"""For the start: a shop that has sold before."""
TOLERANCE = 0.03
BUSY = 1.5
"""A comparison alone makes for a load of about one a core."""
TURNS = (0, 1, 1, 0, 1, 0, 0, 1)
"""Base is 0, head is 1."""
WARM_UP_S = 0.5
SELLERS = (64, 1)
LOOKERS = 32
BURST = 200
PACE = 50.0
MEMBERS = (50, 500)
MEMORY_SALES, MEMORY_LOOK_UPS = 5_000, 20_000
LOAD_S = 60.0
"""More than the loads of a fixed count take."""

T = TypeVar("T")


class Side(NamedTuple):
    """One of the two commits."""

    name: str
    source: Path
    shop: Path
    """A shop that this commit's server has made; each server gets a copy."""
    codes: list[str]


class Figure(NamedTuple):
    """Something measured."""

    name: str
    more_is_better: bool = False


class Subject(NamedTuple):
    """A server, and the requests that are sent to it."""

    server: Server
    next_request: NextRequest


Figures = dict[Figure, float]
Pairs = dict[Figure, list[tuple[float, float]]]
"""Of each figure what base and head gave, one right after the other."""
Sides = tuple[Side, Side]


def main() -> int:
    """Run the rounds and print what they came to.

    Returns 1 if a figure is surely worse by more than 3 %, or a server failed.
    """
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("base", help="the commit to compare with")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--head", default="HEAD", help="the commit to judge")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.5, help="of each load")
    arguments = parser.parse_intermixed_args()
    unknown = set(arguments.names) - set(BENCHMARKS)
    if unknown:
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")

    servers.on_client_core()
    may_open(2 * max(MEMBERS))
    all_within = True
    with (
        servers.scratch_folder() as folder,
        both_checked_out(arguments, folder) as sides,
    ):
        for name in arguments.names or BENCHMARKS:
            all_pairs: Pairs = defaultdict(list)
            try:
                for number in range(arguments.rounds):
                    print(f"{name}: round {number + 1}", file=sys.stderr)
                    turns = TURNS if number % 2 == 0 else TURNS[::-1]
                    measured = BENCHMARKS[name](sides, turns, arguments.seconds)
                    for figure, pairs in measured.items():
                        all_pairs[figure] += pairs
            except ServerFailed as failure:
                print(f"\n{name}: failed. {failure}")
                all_within = False
            if all_pairs:
                all_within &= print_comparison(name, all_pairs)
    load, cores = os.getloadavg()[0], os.cpu_count() or 1
    if load > BUSY * cores:
        print(
            f"\nThis machine is busy with other things (load {load:.0f}, {cores} cores): "
            "go by the processor time, or measure again."
        )
    return 0 if all_within else 1


@contextlib.contextmanager
def both_checked_out(arguments: argparse.Namespace, folder: Path) -> Iterator[Sides]:
    """Check both commits out, and have each make its shop."""
    with contextlib.ExitStack() as stack:
        sides = []
        for name in ("base", "head"):
            commit = git(
                "rev-parse", "--short", f"{getattr(arguments, name)}^{{commit}}"
            )
            tree = folder / f"{name}-tree"
            stack.enter_context(checked_out(commit, tree))
            subject = git("log", "-1", "--format=%s", commit)
            print(f"{name}: {commit} {subject}")
            sides.append(side_of(name, tree / "src", folder / f"{name}-shop"))
        yield sides[0], sides[1]


@contextlib.contextmanager
def checked_out(commit: str, tree: Path) -> Iterator[None]:
    """Check a commit out into a work tree for a while."""
    git("worktree", "add", "--quiet", "--detach", str(tree), commit)
    try:
        yield
    finally:
        git("worktree", "remove", "--force", str(tree))


def git(*words: str) -> str:
    """Run git here and return what it prints."""
    here = Path(__file__).parent
    answer = subprocess.run(
        ["git", *words], cwd=here, capture_output=True, text=True, check=False
    )
    if answer.returncode:
        raise SystemExit(answer.stderr.strip())
    return answer.stdout.strip()


def side_of(name: str, source: Path, shop: Path) -> Side:
    """Have this commit's own server make a shop: the tables of another may be other tables."""
    codes = [f"P{number:06d}" for number in range(PRODUCTS)]
    with servers.serving(shop, source=source) as server:
        token = http_load.log_in(server)
        products = iter([new_product(code, token) for code in codes])
        http_load.load(server, 1, LOAD_S, lambda: next(products, None))
        sales = http_load.limited(http_load.sales_of(codes, token), PAST_SALES)
        http_load.load(server, max(SELLERS), LOAD_S, sales)
    return Side(name, source, shop, codes)


def new_product(code: str, token: str) -> bytes:
    """Return the request that adds a product."""
    body = {"codigo_barras": code, "nombre": f"Producto {code}", "precio": 990}
    return http_load.request("POST", "/product", token, body | {"stock": 100_000_000})


@contextlib.contextmanager
def served(side: Side) -> Iterator[Server]:
    """Serve a copy of the side's shop."""
    with servers.scratch_folder() as folder:
        shutil.copytree(side.shop, folder / "shop")
        with servers.serving(folder / "shop", source=side.source) as server:
            server.name = f"{server.name} of {side.name}"
            yield server


def in_turn(
    subjects: Sequence[T], turns: Sequence[int], measure: Callable[[T], Figures]
) -> Pairs:
    """Measure both subjects in these turns; each two neighbours make a pair."""
    pairs: Pairs = defaultdict(list)
    for first, second in zip(turns[::2], turns[1::2], strict=True):
        figures = {first: measure(subjects[first]), second: measure(subjects[second])}
        for figure, base in figures[0].items():
            pairs[figure].append((base, figures[1][figure]))
    return pairs


def compare_sales(sides: Sides, turns: Sequence[int], seconds: float) -> Pairs:
    """Durable sales of five lines, by many clients and by one."""
    pairs: Pairs = {}
    with contextlib.ExitStack() as stack:
        subjects: list[Subject] = []
        for turn in turns[:2]:
            server = stack.enter_context(served(sides[turn]))
            sell = http_load.sales_of(sides[turn].codes, http_load.log_in(server))
            http_load.load(server, max(SELLERS), WARM_UP_S, sell)
            subjects.insert(turn, Subject(server, sell))
        for clients in SELLERS:
            measure = partial(load, noun="sale", clients=clients, seconds=seconds)
            pairs |= in_turn(subjects, turns, measure)
    return pairs


def compare_look_ups(sides: Sides, turns: Sequence[int], seconds: float) -> Pairs:
    """Look-ups of a product by its barcode."""
    with contextlib.ExitStack() as stack:
        subjects: list[Subject] = []
        for turn in turns[:2]:
            server = stack.enter_context(served(sides[turn]))
            look_up = http_load.look_ups_of(sides[turn].codes, http_load.log_in(server))
            http_load.load(server, LOOKERS, WARM_UP_S, look_up)
            subjects.insert(turn, Subject(server, look_up))
        measure = partial(load, noun="look-up", clients=LOOKERS, seconds=seconds)
        return in_turn(subjects, turns, measure)


def load(subject: Subject, noun: str, clients: int, seconds: float) -> Figures:
    """Put a load on a server."""
    load = http_load.load(subject.server, clients, seconds, subject.next_request)
    who = f"{clients} client{'s' * (clients > 1)}"
    return {
        Figure(f"{noun}s/s, {who}", more_is_better=True): load.per_second,
        Figure(f"CPU µs a {noun}, {who}"): load.cpu_us,
    }


def compare_chat(sides: Sides, turns: Sequence[int], seconds: float) -> Pairs:
    """A message to everybody in a room, at once with others and evenly paced."""
    pairs: Pairs = {}
    room = Trastienda()
    for members in MEMBERS:
        with contextlib.ExitStack() as stack:
            crowds: list[Crowd] = []
            for turn in turns[:2]:
                server = stack.enter_context(served(sides[turn]))
                people = stack.enter_context(crowd(room, server, members))
                people.burst(BURST, WARM_UP_S)
                crowds.insert(turn, people)
            pairs |= in_turn(crowds, turns, partial(burst, seconds=seconds))
            pairs |= in_turn(crowds, turns, partial(pace, seconds=seconds))
    return pairs


def burst(people: Crowd, seconds: float) -> Figures:
    """Say many messages at once."""
    talk = people.burst(BURST, seconds)
    where = f"bursts, {people.members} members"
    return {
        Figure(f"deliveries/s, {where}", more_is_better=True): talk.per_second,
        Figure(f"CPU µs a delivery, {where}"): talk.cpu_us,
    }


def pace(people: Crowd, seconds: float) -> Figures:
    """Say messages evenly."""
    talk = people.paced(PACE, seconds)
    where = f"paced, {people.members} members"
    return {
        Figure(f"CPU µs a delivery, {where}"): talk.cpu_us,
        Figure(f"median ms to all, {where}"): talk.delay_ms(0.5),
    }


def compare_starts(sides: Sides, turns: Sequence[int], seconds: float) -> Pairs:
    """From the start of a process to its first answer, the shop having sold before."""
    return in_turn(sides, turns[:4], start_once)


def start_once(side: Side) -> Figures:
    """Start a server and stop it."""
    began = time.perf_counter()
    with servers.serving(side.shop, source=side.source) as server:
        took_ms = (time.perf_counter() - began) * 1e3
        cpu_ms = server.cpu_s() * 1e3
    return {
        Figure("ms to the first answer"): took_ms,
        Figure("CPU ms until then"): cpu_ms,
    }


def compare_memory(sides: Sides, turns: Sequence[int], seconds: float) -> Pairs:
    """Resident memory of a fresh server."""
    return in_turn(sides, turns[:2], fill_memory)


def fill_memory(side: Side) -> Figures:
    """Sell and look up in a fresh server."""
    with served(side) as server:
        token = http_load.log_in(server)
        idle_mb = server.memory_mb()
        sell = http_load.sales_of(side.codes, token)
        look_up = http_load.look_ups_of(side.codes, token)
        sales = http_load.limited(sell, MEMORY_SALES)
        look_ups = http_load.limited(look_up, MEMORY_LOOK_UPS)
        http_load.load(server, max(SELLERS), LOAD_S, sales)
        http_load.load(server, LOOKERS, LOAD_S, look_ups)
        return {
            Figure("MB idle, after a log-in"): idle_mb,
            Figure("MB after sales and look-ups"): server.memory_mb(),
        }


BENCHMARKS: dict[str, Callable[[Sides, Sequence[int], float], Pairs]] = {
    "sales": compare_sales,
    "look_ups": compare_look_ups,
    "chat": compare_chat,
    "start": compare_starts,
    "memory": compare_memory,
}


def print_comparison(name: str, pairs: Pairs) -> bool:
    """Print a table of the figures; return whether none is worse by more than the tolerance."""
    rows: list[tuple[object, ...]] = []
    all_within = True
    for figure, values in pairs.items():
        base, head = zip(*values, strict=True)
        ratios = [after / before for before, after in values]
        ratio = statistics.median(ratios)
        lower, upper = middle_half(ratios)
        verdict = verdict_on(figure, ratio, lower, upper)
        all_within &= verdict != "NO"
        rows.append(
            (
                figure.name,
                statistics.median(base),
                statistics.median(head),
                f"{ratio:.3f}",
                f"{lower:.3f} to {upper:.3f}",
                verdict,
            )
        )
    columns = ("", "base", "head", "head / base", "middle half", "within 3 %")
    count = max(len(values) for values in pairs.values())
    table(f"{name}, {count} pairs", columns, rows)
    return all_within


def verdict_on(figure: Figure, ratio: float, lower: float, upper: float) -> str:
    """Say whether a figure is no worse than the tolerance allows.

    The median decides; "better" and "NO" want all of the middle half beyond the tolerance.
    """
    worse, least_worse, most_worse = ratio, lower, upper
    if figure.more_is_better:
        worse, least_worse, most_worse = 1 / ratio, 1 / upper, 1 / lower
    if most_worse < 1 - TOLERANCE:
        return "better"
    if worse <= 1 + TOLERANCE:
        return "yes"
    if least_worse <= 1 + TOLERANCE:
        return "not sure"
    return "NO"


def middle_half(ratios: Sequence[float]) -> tuple[float, float]:
    """Return the quartiles."""
    if len(ratios) < 2:
        return ratios[0], ratios[0]
    lower, _, upper = statistics.quantiles(ratios, n=4, method="inclusive")
    return lower, upper


if __name__ == "__main__":
    sys.exit(main())
