"""Counts how many seeded defects the tests of quality catch, and how many clean years they block.

Caught means blocked: the damaged share scores below the floor on the damaged sessions or within
GRACE sessions after, judged with all later sessions of the span in hand. A half bar is judged as
the last one; every other kind but a shift needs at most five sessions to show.

Every round damages different shares of one span of the panel at once, at most one in SPARSE, so
that the market which they are held against stays what it was.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from math import sqrt

import numpy as np

from core.domain.quality import FLOOR, FlawKind
from core.errors import NoData
from core.market.defects import MAGNITUDES, Damaged, Defect, damaged
from core.market.quality import Quality, check
from core.panel import Panel

SPAN = 300  # sessions of a round
EARLY, LATE = 120, 80  # a defect stands this far from the span's ends
GRACE = 2
SPARSE = 5
Z = 1.96
YEAR_MIN = 60  # sessions of a share in a year for that year to count

NAMED = {
    Defect.SPLIT: {FlawKind.JUMP},
    Defect.GAP: {FlawKind.GAP},
    Defect.DUPLICATE: {FlawKind.DUPLICATE},
    Defect.SWAPPED: {FlawKind.SWAPPED},
    Defect.ZERO_VOLUME: {FlawKind.ZERO_VOLUME},
    Defect.BAD_TICK: {FlawKind.BAD_TICK, FlawKind.UNIT},
    Defect.SHIFTED: {FlawKind.SHIFTED},
    Defect.HALF_BAR: {FlawKind.HALF_BAR},
    Defect.UNIT: {FlawKind.UNIT},
    Defect.STALE: {FlawKind.STALE, FlawKind.DUPLICATE},
}
Case = tuple[Defect, str]


@dataclass(frozen=True, slots=True)
class Caught:
    """One kind and magnitude: blocked and rightly named out of all; bounds are Wilson's 95 %."""

    kind: Defect
    magnitude: str
    total: int
    caught: int
    named: int

    @property
    def bounds(self) -> tuple[float, float]:
        """Between which the true rate lies."""
        return wilson(self.caught, self.total)


def wilson(hits: int, total: int) -> tuple[float, float]:
    """The 95 % interval of a rate; (0, 1) of nothing.

    Source: E. B. Wilson, Probable inference, J. Am. Stat. Assoc. 22 (1927).
    """
    if total == 0:
        return 0.0, 1.0
    rate, spread = hits / total, Z * Z / total
    centre = (rate + spread / 2) / (1 + spread)
    half = Z * sqrt(rate * (1 - rate) / total + spread / (4 * total)) / (1 + spread)
    return max(0.0, centre - half), min(1.0, centre + half)


def drill(
    panel: Panel,
    *,
    seed: int,
    rounds: int,
    short: Collection[date] = (),
    ends_in: Collection[int] = (),
) -> list[Caught]:
    """Damage copies of clean shares and see what is blocked; one row a kind and magnitude.

    Args:
        rounds: how often each kind and magnitude is tried.
        ends_in: years in which a round's span may have its middle; empty means any.

    Raises:
        NoData: fewer sessions than a span, or no share whole and clean over one.
    """
    rng = np.random.default_rng(seed)
    cases = [(kind, name) for kind in Defect for name in MAGNITUDES[kind]]
    tally: dict[Case, list[tuple[bool, bool]]] = defaultdict(list)
    for _ in range(rounds):
        waiting = [cases[place] for place in rng.permutation(len(cases))]
        while waiting:
            span = _span(panel, rng, ends_in)
            clean = _clean(span, short)
            if not clean:
                raise NoData("no share is whole and clean over a span; give better bars")
            waiting = _round(span, clean, waiting, tally, rng, short)
    return [
        Caught(
            kind, name, len(tally[kind, name]),
            sum(caught for caught, _ in tally[kind, name]),
            sum(named for _, named in tally[kind, name]),
        )
        for kind, name in cases
    ]  # fmt: skip


def _span(panel: Panel, rng: np.random.Generator, ends_in: Collection[int]) -> Panel:
    starts = [
        start
        for start in range(len(panel.sessions) - SPAN + 1)
        if not ends_in or panel.sessions[start + SPAN // 2].year in ends_in
    ]
    if not starts:
        raise NoData(
            f"a drill needs {SPAN} sessions and the panel has {len(panel.sessions)} that fit"
        )
    first = starts[int(rng.integers(len(starts)))]
    last = panel.sessions[first + SPAN - 1]
    return panel.since(panel.sessions[first]).until(last)


def _clean(span: Panel, short: Collection[date]) -> list[int]:
    whole = np.isfinite(span.close).all(axis=0)
    unhurt = (check(span, short=short).scores >= FLOOR).all(axis=0)
    return [int(column) for column in np.flatnonzero(whole & unhurt)]


def _round(
    span: Panel,
    clean: Sequence[int],
    waiting: list[Case],
    tally: dict[Case, list[tuple[bool, bool]]],
    rng: np.random.Generator,
    short: Collection[date],
) -> list[Case]:
    """Seed as many waiting cases as the span takes; returns those still waiting."""
    free = [clean[place] for place in rng.permutation(len(clean))]
    room = max(1, len(span.isins) // SPARSE)
    now = span
    seeded: list[Damaged] = []
    left = list(waiting)
    while left and free and len(seeded) < room:
        kind, name = left.pop()
        column = free.pop()
        row = SPAN - 1 if kind is Defect.HALF_BAR else int(rng.integers(EARLY, SPAN - LATE))
        if _of_all(kind, name):
            alone = damaged(span, kind, name, row=row, column=column, rng=rng)
            tally[kind, name].append(_seen(check(alone.panel, short=short), alone))
            continue
        done = damaged(now, kind, name, row=row, column=column, rng=rng)
        touched = {isin for isin in _touched(now, done.panel) if isin != column}
        if touched - set(free):
            left.append((kind, name))  # the other share of a swap is taken; try another first
            continue
        free = [one for one in free if one not in touched]
        now = done.panel
        seeded.append(done)
    found = check(now, short=short)
    for one in seeded:
        tally[one.kind, one.magnitude].append(_seen(found, one))
    return left


def _of_all(kind: Defect, name: str) -> bool:
    """Whether a defect is of all shares, or changes the sessions of the panel."""
    size = MAGNITUDES[kind][name]
    market = kind is Defect.HALF_BAR and size[1] == 1
    return market or (kind is Defect.SHIFTED and size[0] == 0)


def _touched(before: Panel, after: Panel) -> set[int]:
    same = (before.close == after.close) | (np.isnan(before.close) & np.isnan(after.close))
    return {int(column) for column in np.flatnonzero(~same.all(axis=0))}


def _seen(found: Quality, one: Damaged) -> tuple[bool, bool]:
    """Whether the damaged share is blocked, and by a finding of the right kind."""
    column = found.isins.index(one.isin)
    days = np.array(found.sessions, dtype="datetime64[D]")
    first = 0 if "all" in one.magnitude else int(np.searchsorted(days, np.datetime64(one.first)))
    end = one.first if one.kind is Defect.SPLIT else one.last
    stop = int(np.searchsorted(days, np.datetime64(end))) + 1 + GRACE
    blocked = bool((found.scores[first:stop, column] < FLOOR).any())
    within = set(found.sessions[first:stop])
    named = any(
        finding.isin == one.isin and finding.session in within and finding.kind in NAMED[one.kind]
        for finding in found.findings
    )
    return blocked, blocked and named


@dataclass(frozen=True, slots=True)
class FalseBlocks:
    """Clean symbol-years and which of them were blocked, with the findings that did it.

    A share and calendar year counts once, however few of its sessions the panel has; `bars` says
    how many that were. `holed` counts years left out because a session of the market has no bar.
    """

    years: int
    bars: int
    holed: int
    blocked: tuple[tuple[str, int, tuple[str, ...]], ...]

    @property
    def bounds(self) -> tuple[float, float]:
        """Between which the true rate of blocked clean years lies."""
        return wilson(len(self.blocked), self.years)


def false_blocks(panel: Panel, found: Quality, *, of_years: Collection[int] = ()) -> FalseBlocks:
    """Symbol-years without a missing bar that some session below the floor would have blocked.

    Nothing is forgiven: a real crash that looks like a defect counts, and is named.
    """
    gaps = {(one.isin, one.session.year) for one in found.findings if one.kind is FlawKind.GAP}
    words: dict[tuple[str, int], list[str]] = defaultdict(list)
    for one in found.findings:
        words[one.isin, one.session.year].append(f"{one.kind}: {one.sentence}")
    years = holed = bars = 0
    blocked = []
    for isin, year, rows in _years(panel):
        if of_years and year not in of_years:
            continue
        if (isin, year) in gaps:
            holed += 1
            continue
        years += 1
        bars += int(np.isfinite(panel.close[rows, panel.column(isin)]).sum())
        if (found.scores[rows, panel.column(isin)] < FLOOR).any():
            blocked.append((isin, year, tuple(words[isin, year])))
    return FalseBlocks(years, bars, holed, tuple(blocked))


def _years(panel: Panel) -> Iterator[tuple[str, int, slice]]:
    all_years = np.array([session.year for session in panel.sessions])
    for year in sorted(set(all_years.tolist())):
        rows = np.flatnonzero(all_years == year)
        span = slice(int(rows[0]), int(rows[-1]) + 1)
        bars = np.isfinite(panel.close[span]).sum(axis=0)
        for column, isin in enumerate(panel.isins):
            if bars[column] >= min(YEAR_MIN, len(rows)):
                yield isin, year, span
