"""What allocating takes: fifty accounts before the whole universe, one size, one risk share.

On the simulated market's last close. Beside each figure stands the simple loop that does the same.
The last rows fill accounts until nothing fits and say how near their books stand to the target.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from core.backtest.bench_rows import Row, row, spread, timed
from core.backtest.ground import Filled, Ground, empty_book, fill, ground_of
from core.desk.desk import REFERENCE, calendar_now
from core.desk.ticket_costs import ticket_costs
from core.domain.account import Broker
from core.domain.allocation import Allocation
from core.domain.candidate import Book, Candidate
from core.domain.charges import Security
from core.domain.clock import ist_day
from core.domain.mandate import Mandate, Objective
from core.domain.money import Money
from core.domain.order import Side
from core.mandates.bracket import bracket
from core.mandates.caps import Cap
from core.mandates.defaults import default_mandate
from core.mandates.filters import Standing, filtered
from core.mandates.prefer import preferred_first
from core.mandates.rank import ranked
from core.mandates.reach import NEAR
from core.mandates.round import Ask, Field, size_round
from core.mandates.size import allocate, cut_to_size
from core.mandates.slate import Slate
from core.mandates.worth import ChargesFor
from core.panel import Floats
from core.providers.sim.market import SimMarket
from core.providers.universe_file import load_universe
from core.risk.covariance import risk_contributions

ACCOUNTS, HELD, PICKS, SHORTLIST = 50, 6, 2, 10
SESSIONS = 300
TIMES, SIZES, BOOKS = 15, 400, 12
POSITIONS = 20
REACHABLE = (0.06, 0.10)
NO_TARGET = 1.0  # a year; no book of shares comes near it
MONEY = Money.rupees(25_00_000)
SEED = 42

Costs = tuple[ChargesFor, ChargesFor]


def allocate_bench(_: Path) -> list[Row]:
    """All rows of the part, over one simulated market."""
    universe = load_universe(REFERENCE / "universe.csv")
    market = SimMarket(universe, calendar_now(), seed=SEED)
    panel = market.history(SESSIONS)
    ground = ground_of(panel, universe, votes=True)
    return [
        *_rounds(ground),
        *_one_size(ground),
        *_contributions(ground),
        *target_rows(replace_votes(ground), "simulated market"),
    ]


BENCHES: dict[str, Callable[[Path], list[Row]]] = {"allocate": allocate_bench}


def replace_votes(ground: Ground) -> Ground:
    """The same ground without a measured edge, so that Kelly does not decide the sizes."""
    return replace(ground, votes=False)


def _rounds(ground: Ground) -> list[Row]:
    """Fifty accounts, each with its own rules and book, before every share at once."""
    slate, rng = ground.slate(), np.random.default_rng(SEED)
    rules = {f"a{n:02d}": _rules(n, ground, rng) for n in range(ACCOUNTS)}
    books = {name: _some_book(ground, one, rng) for name, one in rules.items()}
    costs = {name: _costs(ground, one) for name, one in rules.items()}
    note = f"{ACCOUNTS} accounts x {len(slate)} candidates, {HELD} held each"
    kept, sized, whole, loop = [], [], [], []
    for _ in range(TIMES):
        begun = time.perf_counter()
        asks = _asked(slate, rules, books)
        chosen = time.perf_counter()
        made = _sized(ground, asks, rules, books, costs)
        kept.append(chosen - begun)
        sized.append(time.perf_counter() - chosen)
        whole.append(time.perf_counter() - begun)
    every = list(ground.shares)
    few = dict(list(rules.items())[:2])
    for name in few:
        loop.append(timed(partial(_one_by_one, ground, every, rules, books, costs, name)))
    taken = sum(one.qty > 0 for one in made.values())
    return [
        *spread("allocate, filters and order", kept, note=note),
        *spread("allocate, sizes and sharing out", sized, note=f"{len(asks)} asks, {taken} sized"),
        *spread("allocate, the whole round", whole, note=note),
        row("allocate, each pair sized in a loop", float(np.mean(loop)) * ACCOUNTS * 1e3, "ms",
            n=len(loop), note=f"from {len(loop)} of {ACCOUNTS} accounts"),
    ]  # fmt: skip


def _asked(slate: Slate, rules: dict[str, Mandate], books: dict[str, Book]) -> list[Ask]:
    asks = []
    for name, mandate in rules.items():
        standing = Standing(mandate, books[name])
        kept = filtered(slate, standing).kept
        order = ranked(slate, kept, mandate, books[name], worded=SHORTLIST)[:SHORTLIST]
        sectors = {share.isin: share.sector for share in slate.shares}
        best = preferred_first([one.isin for one in order], sectors, mandate)[:PICKS]
        asks += [Ask(at, name, isin) for at, isin in enumerate(best, start=1)]
    return asks


def _sized(
    ground: Ground,
    asks: Sequence[Ask],
    rules: dict[str, Mandate],
    books: dict[str, Book],
    costs: dict[str, Costs],
) -> dict[tuple[str, str], Allocation]:
    def size(isin: str, name: str, book: Book, others: tuple[Cap, ...]) -> Allocation:
        charges, closing = costs[name]
        candidate = ground.candidate(isin, book)
        return allocate(
            candidate, rules[name], book, charges=charges, closing=closing, others=others
        )

    field = Field(
        shares=ground.shares,
        volumes={one.isin: ground.facts[one.isin].volume_median for one in asks},
        taken={},
        mandates=rules,
        logins={name: f"login{n % 3}" for n, name in enumerate(rules)},
        books=books,
        capped={},
    )
    return size_round(asks, field, sized=size)


def _one_by_one(
    ground: Ground,
    isins: Sequence[str],
    rules: dict[str, Mandate],
    books: dict[str, Book],
    costs: dict[str, Costs],
    name: str,
) -> None:
    charges, closing = costs[name]
    for isin in isins:
        candidate = ground.candidate(isin, books[name])
        allocate(candidate, rules[name], books[name], charges=charges, closing=closing)


def _one_size(ground: Ground) -> list[Row]:
    """One candidate that is measured already: its cuts, and with every guardrail worded."""
    rng = np.random.default_rng(SEED)
    mandate = default_mandate("one", Objective.BALANCED, signed_at=ground.at)
    book = _some_book(ground, mandate, rng)
    isins = [isin for isin in ground.shares if not book.holds(isin)]
    asked = [ground.candidate(isins[at % len(isins)], book) for at in range(SIZES)]
    costs = _costs(ground, mandate)
    cuts = [timed(partial(_cut, one, mandate, book, costs)) for one in asked]
    whole = [timed(partial(_whole, one, mandate, book, costs)) for one in asked]
    held = f"{len(book.positions)} positions held"
    return [
        *spread("allocate, one size", cuts, note=f"levels, every cut, charges both ways; {held}"),
        *spread("allocate, one size and guardrails", whole, note=f"each row worded; {held}"),
    ]


def _cut(candidate: Candidate, mandate: Mandate, book: Book, costs: Costs) -> None:
    levels = bracket(candidate, mandate)
    cut_to_size(candidate, mandate, book, levels, charges=costs[0], closing=costs[1])


def _whole(candidate: Candidate, mandate: Mandate, book: Book, costs: Costs) -> None:
    allocate(candidate, mandate, book, charges=costs[0], closing=costs[1])


def _contributions(ground: Ground) -> list[Row]:
    """What each of twenty positions adds to the book's volatility."""
    at = ground.together.columns(list(ground.shares)[:POSITIONS])
    matrix = np.ascontiguousarray(ground.together.matrix[np.ix_(at, at)])
    weights = np.full(POSITIONS, 0.9 / POSITIONS)
    fast = [timed(lambda: risk_contributions(weights, matrix)) / POSITIONS for _ in range(500)]
    slow = [timed(lambda: _by_loops(weights, matrix)) / POSITIONS for _ in range(50)]
    note = f"a book of {POSITIONS}"
    return [
        *spread("risk contribution, per position", fast, note=note),
        *spread("risk contribution, per position, plain loops", slow, note=note),
    ]


def _by_loops(weights: Floats, matrix: Floats) -> list[float]:
    count = len(weights)
    pulled = [sum(matrix[i][j] * weights[j] for j in range(count)) for i in range(count)]
    vol = sum(weights[i] * pulled[i] for i in range(count)) ** 0.5
    return [weights[i] * pulled[i] / vol for i in range(count)]


def target_rows(ground: Ground, where: str) -> list[Row]:
    """Accounts filled in many orders: how many full ones end near their target, what keeps others.

    Each objective as it comes, and the balanced one with targets that its limits let it reach.
    """
    rng = np.random.default_rng(SEED)
    usual = [default_mandate("fill", one, signed_at=ground.at) for one in Objective]
    balanced = default_mandate("fill", Objective.BALANCED, signed_at=ground.at)
    rules = [*usual, *(replace(balanced, vol_target=target) for target in REACHABLE)]
    return [_target_row(ground, mandate, where, rng) for mandate in rules]


def _target_row(ground: Ground, mandate: Mandate, where: str, rng: np.random.Generator) -> Row:
    """One mandate over many orders, beside the same books with nothing but their limits.

    A target is within reach of a book that would come to nine tenths of it by its limits alone.
    """
    orders = [[str(isin) for isin in rng.permutation(list(ground.shares))] for _ in range(BOOKS)]
    filled = [_filled(ground, mandate, order) for order in orders]
    freely = replace(mandate, vol_target=NO_TARGET)
    limits = [_filled(ground, freely, order).reach.vol for order in orders]
    floor = (1 - NEAR) * mandate.vol_target
    could = [one for one, alone in zip(filled, limits, strict=True) if alone >= floor]
    near = sum(one.reach.is_near for one in could)
    vols = [one.reach.vol for one in filled]
    note = (
        f"{where}; {near} of {len(could)} within a tenth that can reach it, "
        f"{sum(one.reach.is_near for one in filled)} of {len(filled)} in all; {min(vols):.1%} to "
        f"{max(vols):.1%}, by limits alone {min(limits):.1%} to {max(limits):.1%}; "
        f"{_words(filled)}"
    )
    name = f"full book, {mandate.objective}, target {mandate.vol_target:.0%}"
    return row(name, float(np.median(vols)) * 100, "%", n=len(filled), note=note)


def _filled(ground: Ground, mandate: Mandate, order: Sequence[str]) -> Filled:
    return fill(ground, mandate, order, money=MONEY, costs=_costs(ground, mandate))


def _words(filled: Sequence[Filled]) -> str:
    """What keeps the books that are not near their target from it."""
    short = [one for one in filled if not one.reach.is_near]
    if not short:
        return "none is away from it"
    cuts = Counter(name for one in short for name in one.cut_by).most_common(2)
    why = Counter(one.reach.full_by or "places free" for one in short).most_common(1)[0][0]
    return f"{len(short)} away: {why}; sizes set by " + ", ".join(f"{n} ({c})" for n, c in cuts)


def _rules(number: int, ground: Ground, rng: np.random.Generator) -> Mandate:
    objective = list(Objective)[number % 3]
    sectors = sorted({share.sector for share in ground.shares.values()})
    banned, liked = rng.choice(sectors, 2, replace=False)
    return replace(
        default_mandate(f"a{number:02d}", objective, signed_at=ground.at),
        sectors_banned=frozenset({str(banned)}),
        sectors_preferred=frozenset({str(liked)}),
    )


def _some_book(ground: Ground, mandate: Mandate, rng: np.random.Generator) -> Book:
    order = [str(isin) for isin in rng.permutation(list(ground.shares))]
    few = replace(mandate, positions_max=HELD, sectors_banned=frozenset())
    full = fill(ground, few, order, money=MONEY, costs=_costs(ground, mandate)).book
    return (
        replace(full, account_id=mandate.account_id)
        if full.positions
        else empty_book(mandate.account_id, MONEY)
    )


def _costs(ground: Ground, mandate: Mandate) -> Costs:
    return ticket_costs(
        Broker.PAPER, mandate, side=Side.BUY, on=ist_day(ground.at), security=Security.SHARE
    )
