"""Leak tests of columns: whatever comes after a close changes nothing at it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from core.features.beside import A_SESSION, Beside
from core.features.compute import compute
from core.features.table import FEATURES, TILT
from core.features.wide import Look
from core.models.leaks import (
    Columns,
    Finding,
    Subject,
    apart,
    leak,
    merged,
    named,
    not_asked,
    passed,
    same_past,
)
from core.panel import FIELDS, Floats, Panel

PRICES = FIELDS[:4]
SPLIT = 4.0  # a power of two, so that dividing by it changes no bit of a ratio
WEEK = 5  # sessions


def truncated(subject: Subject) -> Finding:
    """A history cut short gives the same past."""
    panel, count = subject.panel, len(subject.panel.sessions)
    cuts = (int(0.4 * count), subject.cut)
    gaps = merged([_cut_short(subject, panel, cut) for cut in cuts])
    over = f"cut after {cuts[0]} and {cuts[1]} of {count} sessions"
    return same_past("truncated", subject, gaps, when="later sessions are taken away", over=over)


def _cut_short(subject: Subject, panel: Panel, cut: int) -> dict[str, float]:
    return apart(subject.make(panel.until(panel.sessions[cut - 1])), subject.whole, slice(0, cut))


def shuffled(subject: Subject) -> Finding:
    """A future in another order changes nothing before it."""
    panel, cut, count = subject.panel, subject.cut, len(subject.panel.sessions)
    later = cut + np.random.default_rng(0).permutation(count - cut)
    order = np.append(np.arange(cut), later)
    mixed = replace(panel, **{name: getattr(panel, name)[order] for name in FIELDS})
    gaps = apart(subject.make(mixed), subject.whole, slice(0, cut))
    over = f"{count - cut} sessions shuffled"
    return same_past("shuffled", subject, gaps, when="later sessions are shuffled", over=over)


def changed(subject: Subject) -> Finding:
    """A future of other prices, or of none, changes nothing before it."""
    panel, cut, gaps = subject.panel, subject.cut, []
    for prices, volume in ((1.7, 3.0), (np.nan, np.nan)):
        parts = {name: getattr(panel, name).copy() for name in FIELDS}
        for name in FIELDS:
            parts[name][cut:] *= prices if name in PRICES else volume
        gaps.append(apart(subject.make(replace(panel, **parts)), subject.whole, slice(0, cut)))
    return same_past(
        "changed", subject, merged(gaps), when="later prices are 1.7 times as high, or missing",
        over=f"from session {cut} on",
    )  # fmt: skip


def split_later(subject: Subject) -> Finding:
    """A split after the day changes no column of the day."""
    panel, cut = subject.panel, subject.cut
    four = np.ones(panel.close.shape)
    four[:cut, ::2] = SPLIT  # every second share becomes four after the cut
    raw = {name: getattr(panel, name) * four for name in PRICES}
    known_later = replace(panel, **raw, volume=panel.volume / four, factor=panel.factor * four)
    known_then = replace(known_later, factor=panel.factor / panel.factor[cut - 1])
    gaps = apart(
        subject.make(known_later),
        subject.make(known_then.until(panel.sessions[cut - 1])),
        slice(0, cut),
    )
    return same_past(
        "split_later", subject, gaps, when="a share is split later",
        over=f"{len(panel.isins[::2])} shares split 4:1 after session {cut}",
    )  # fmt: skip


def weeks(subject: Subject) -> Finding:
    """On every weekday a column of weeks or months says what was known by then."""
    panel, cut = subject.panel, subject.cut
    make = subject.longer or subject.make
    whole = make(panel) if subject.longer else subject.whole
    gaps = []
    for end in range(cut, cut + WEEK):
        found = make(panel.until(panel.sessions[end - 1]))
        gaps.append(apart(found, whole, slice(0, end)))
    wide = merged(gaps)
    kind = "columns of weeks and months" if subject.longer else "columns"
    if wide:
        return leak("weeks", f"{len(wide)} of {len(whole)} {kind} are told early: {named(wide)}",
                    len(wide))  # fmt: skip
    days = f"{panel.sessions[cut - 1]} to {panel.sessions[cut + WEEK - 2]}"
    return passed("weeks", f"{len(whole)} {kind} keep what they said on each day, {days}", 0)


def listed_later(subject: Subject) -> Finding:
    """A share says nothing before its first bar and after its last one."""
    panel, count = subject.panel, len(subject.panel.sessions)
    gone = np.zeros(panel.close.shape, np.bool_)
    gone[: int(0.5 * count), ::3] = True
    gone[int(0.9 * count) :, 1::3] = True
    parts: dict[str, Any] = {name: np.where(gone, np.nan, getattr(panel, name)) for name in FIELDS}
    found = subject.make(replace(panel, **parts))
    saying = {
        name: int((np.nan_to_num(values[gone]) != 0).sum())
        for name, values in found.items()
        if not (subject.own and name == TILT)  # news is told of shares that do not trade
    }
    wrong = {name: cells for name, cells in saying.items() if cells}
    if wrong:
        first = max(wrong, key=lambda name: wrong[name])
        return leak(
            "listed_later",
            f"{len(wrong)} of {len(found)} columns speak of shares that are not listed: {first} "
            f"in {wrong[first]} of {int(gone.sum())} cells without a bar",
            len(wrong),
        )
    return passed(
        "listed_later",
        f"{len(saying)} columns say nothing in {int(gone.sum())} cells before a share's first bar "
        "or after its last",
        0,
    )


def twice(subject: Subject) -> Finding:
    """The same panel gives the same columns again."""
    gaps = apart(subject.make(subject.panel), subject.whole, slice(None))
    if gaps:
        return leak("twice", f"{len(gaps)} columns differ when asked again: {named(gaps)}; what "
                    "is not repeatable cannot be tested", len(gaps))  # fmt: skip
    return passed("twice", f"{len(subject.whole)} columns are the same when asked again", 0)


def renamed(subject: Subject) -> Finding:
    """Shares of other names and the same prices give the same columns."""
    if subject.own:
        return not_asked("renamed", "the desk's own columns know shares by name only through news")
    strange = tuple(f"INE{place:03d}Z01010" for place in range(len(subject.panel.isins)))
    gaps = apart(subject.make(replace(subject.panel, isins=strange)), subject.whole, slice(None))
    if gaps:
        return leak("renamed", f"{len(gaps)} of {len(subject.whole)} columns know shares by name, "
                    f"and what they know of them may have been learnt later: {named(gaps)}",
                    len(gaps))  # fmt: skip
    return passed("renamed", f"{len(subject.whole)} columns are the same when shares bear other "
                  "names", 0)  # fmt: skip


def ranks(subject: Subject) -> Finding:
    """A rank, mean or spread over shares uses its own session alone."""
    if not subject.own:
        return not_asked("ranks", "a file's ranks are not told apart from its other columns; "
                         "truncated, shuffled and changed hold them")  # fmt: skip
    panel, rng = subject.panel, np.random.default_rng(1)
    rows, at = len(panel.sessions), subject.cut
    needs = sorted({need for one in subject.parts.wides for need in one.needs})
    tables = {name: rng.normal(size=panel.close.shape) for name in needs}
    others = {name: rng.normal(size=panel.close.shape) * 5 for name in needs}
    for name, table in tables.items():
        others[name][at] = table[at]
    sectors = subject.beside.sectors or tuple(f"s{place % 4}" for place in range(len(panel.isins)))
    beside = replace(subject.beside, sectors=sectors)
    found = [
        _wide(subject, Look(panel, panel, beside, rows, own.__getitem__))
        for own in (tables, others)
    ]
    gaps = apart(found[1], found[0], slice(at, at + 1))
    if gaps:
        return leak("ranks", f"{len(gaps)} columns over all shares read other sessions: "
                    f"{named(gaps)}", len(gaps))  # fmt: skip
    return passed("ranks", f"{len(found[0])} ranks, means and spreads over shares use their own "
                  "session alone", 0)  # fmt: skip


def _wide(subject: Subject, look: Look) -> dict[str, Floats]:
    with np.errstate(all="ignore"):
        return {one.definition.name: one.calc(look) for one in subject.parts.wides}


def market_series(subject: Subject) -> Finding:
    """Index, VIX and flows count from the session at whose close they are known."""
    if not subject.own:
        return not_asked("market_series", "a file is given prices alone")
    panel, cut = subject.panel, subject.cut
    there = _with_market(subject.beside, len(panel.sessions))
    names = [one.name for one in FEATURES if one.beside in A_SESSION]
    later = np.arange(len(panel.sessions)) >= cut
    shaken = replace(
        there, **{part: np.where(later, getattr(there, part) * 1.3 + 1.0, getattr(there, part))
                  for part in A_SESSION},
    )  # fmt: skip
    one, other = (_columns(panel, beside, names) for beside in (there, shaken))
    gaps = apart(other, one, slice(0, cut))
    if gaps:
        return leak("market_series", f"{len(gaps)} columns know the index, VIX or flows before "
                    f"their session: {named(gaps)}", len(gaps))  # fmt: skip
    heard = len(apart(other, one, slice(cut, None)))
    return passed("market_series", f"{len(names)} columns of index, VIX and flows move at their "
                  f"session and not before ({heard} of them did)", 0)  # fmt: skip


def _with_market(beside: Beside, count: int) -> Beside:
    """A random walk for every market series that is not there."""
    rng = np.random.default_rng(2)
    made: dict[str, Any] = {
        part: 100.0 * np.exp(np.cumsum(rng.normal(0.0, 0.01, count)))
        for part in A_SESSION
        if getattr(beside, part) is None
    }
    return replace(beside, **made)


def _columns(panel: Panel, beside: Beside, names: list[str]) -> Columns:
    found = compute(panel, beside=beside, names=names)
    return {name: found.column(name) for name in names}
