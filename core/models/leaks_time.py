"""Leak tests of what is known when: entries, news, regimes, price factors, lists of shares."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import numpy as np

from core.domain.action import ActionKind, Factor
from core.domain.clock import IST
from core.domain.event import EventType, Stance, TaggedEvent
from core.domain.universe import Member, Universe, after_list
from core.models.barriers import ROUND_TRIP, UNKNOWN
from core.models.leaks import Finding, Subject, leak, not_asked, passed
from core.panel import FIELDS

TICK = 1e-6  # of price
SMOOTHED = 1e-6  # of a chance


def same_bar(subject: Subject) -> Finding:
    """A label is entered at the next open: from there its exit lies in the bar that decided it."""
    labels, prices = subject.labels, subject.panel.adjusted()
    place, share = np.nonzero(labels.outcome != UNKNOWN)
    ends = labels.ends[place, share]
    left = (labels.returns[place, share] + ROUND_TRIP + 1.0) * prices.open[place + 1, share]
    low, high = prices.low[ends, share], prices.high[ends, share]
    inside = (left >= low * (1 - TICK)) & (left <= high * (1 + TICK)) & (ends > place)
    kept = float(np.mean(inside))
    if kept < 1.0:
        return leak("same_bar", f"{1 - kept:.0%} of {len(place)} labels do not add up from the "
                    "next open: they enter at a price before it or leave in the bar that formed "
                    "them", kept)  # fmt: skip
    return passed("same_bar", f"{len(place)} labels enter at the next session's open and leave in "
                  "a later bar's range", kept)  # fmt: skip


def known_at(subject: Subject) -> Finding:
    """News counts from when it was known, not from when it happened."""
    panel, rules = subject.panel, subject.calendar
    row = min(subject.cut, len(panel.sessions) - 2)
    day = rules.session(panel.sessions[row])
    isins, sessions = panel.isins, panel.sessions
    wrong = []
    for count in subject.parts.news:
        for at, first in ((day.closes_at, row), (day.closes_at + timedelta(minutes=1), row + 1)):
            with_it = count(sessions, isins, [_news(isins[0], at)], rules)
            without = count(sessions, isins, [], rules)
            moved = np.flatnonzero((with_it != without).any(axis=1))
            if not len(moved) or moved[0] != first:
                wrong.append((int(moved[0]) if len(moved) else -1) - first)
    asked = 2 * len(subject.parts.news)
    if wrong:
        return leak(
            "known_at",
            f"news moves its columns {-wrong[0]} sessions before it was known, or not when it "
            f"was, {len(wrong)} of {asked} times",
            wrong[0],
        )
    return passed(
        "known_at",
        f"{asked} times news moved its columns at the first close at or after it was known, and "
        "none before",
        0,
    )


def _news(isin: str, at: datetime) -> TaggedEvent:
    return TaggedEvent(
        event_id="ev-leak", isin=isin, symbol=isin, event_type=EventType.ORDER_WIN,
        stance=Stance.POSITIVE, impact=1.0, confidence=1.0, matched=(), known_at=at,
    )  # fmt: skip


def filtered(subject: Subject) -> Finding:
    """What the market's state was is told by what came before, never by what came after."""
    panel = subject.panel
    whole = subject.parts.chances(panel)
    said = np.flatnonzero(~np.isnan(whole[:, 0]))
    if len(said) < 20:
        return not_asked("filtered", f"{len(panel.sessions)} sessions are too few for the hidden "
                         "states; import more history")  # fmt: skip
    cut = int(said[0] + 0.6 * len(said))
    then = subject.parts.chances(panel.until(panel.sessions[cut - 1]))
    both = ~np.isnan(whole[:cut, 0]) & ~np.isnan(then[:, 0])
    gap = float(np.abs(whole[:cut][both] - then[both]).max()) if both.any() else 1.0
    if gap > SMOOTHED:
        return leak("filtered", f"the state of a past session moves by up to {gap:.3f} when later "
                    "sessions come: it is smoothed", gap)  # fmt: skip
    return passed("filtered", f"the state of {int(both.sum())} sessions stays whatever comes after "
                  "them: it is filtered", gap)  # fmt: skip


def factors(subject: Subject) -> Finding:
    """A price factor counts once its day has come and it was known."""
    sessions, isin = subject.panel.sessions, subject.panel.isins[0]
    day, later = sessions[subject.cut], sessions[subject.cut + 3]
    made = [
        _factor(isin, ex_date=day, known=day),
        _factor(isin, ex_date=later, known=day),
        _factor(isin, ex_date=day, known=later),
    ]
    columns = {isin: 0}
    found = [float(subject.parts.grid(sessions, columns, [one], day)[0, 0]) for one in made]
    names = ("known on its day", "of a day to come", "known only later")
    wrong = [
        f"one {name} divides by {got:g}"
        for name, got, wanted in zip(names, found, (2.0, 1.0, 1.0), strict=True)
        if got != wanted
    ]
    if wrong:
        return leak("factors", f"price factors as of {day}: {', '.join(wrong)}", len(wrong))
    return passed("factors", f"as of {day} a factor known on its day counts, and neither one of a "
                  "day to come nor one known only later", 0)  # fmt: skip


def _factor(isin: str, *, ex_date: date, known: date) -> Factor:
    at = datetime.combine(known, time(9), IST).astimezone(UTC)
    return Factor(isin, ex_date, 2.0, ActionKind.SPLIT, "leak test", at)


def universe(subject: Subject) -> Finding:
    """Who belongs on a day is told by the list of that day, and who left stays in its past."""
    first, second = subject.panel.sessions[0], subject.panel.sessions[subject.cut]
    stays, left, joins = (Member(f"INE{n}", f"S{n}", f"S{n}", first) for n in range(3))
    made: Universe | None = None
    for day, listed in ((first, (stays, left)), (second, (stays, joins))):
        made = after_list(made, listed, name="lists", source="leak test", as_of=day,
                          same=lambda isin: isin)  # fmt: skip
    if made is None:
        raise ValueError("two lists make a universe")
    then, now = (
        {one.isin for one in subject.parts.members(made, day)}
        for day in (subject.panel.sessions[subject.cut - 1], second)
    )
    wrong = []
    if joins.isin in then:
        wrong.append("a share that joined later is among them before")
    if left.isin not in then:
        wrong.append("a share that left is gone from its past")
    if now != {stays.isin, joins.isin}:
        wrong.append("the newer list does not hold from its day on")
    if wrong:
        return leak("universe", f"members by date: {'; '.join(wrong)}", len(wrong))
    return passed("universe", "members of a day come from that day's list: who joined later is not "
                  "among them, who left stays in the past", 0)  # fmt: skip


def taking_part(subject: Subject) -> Finding:
    """Who takes part on a session is told by what had traded by its close.

    Half of the shares may, so that a share's place counts. Then each second share leaves at the
    cut, and the others trade up to a thousand times as much.
    """
    panel, cut = subject.panel, subject.cut
    most = max(1, len(panel.isins) // 2)
    whole = subject.parts.who(panel, most)[:cut]
    then = subject.parts.who(panel.until(panel.sessions[cut - 1]), most)
    moved = int((whole != then).sum())
    parts = {name: getattr(panel, name).copy() for name in FIELDS}
    for name in FIELDS:
        parts[name][cut:, ::2] = np.nan
    parts["volume"][cut:] *= np.geomspace(1.0, 1000.0, len(panel.isins))
    moved += int((whole != subject.parts.who(replace(panel, **parts), most)[:cut]).sum())
    if not whole.any():
        return not_asked("taking_part", "no share is liquid enough to take part before the cut")
    if moved:
        return leak("taking_part", f"who takes part in the past changes {moved} times when later "
                    "sessions are taken away, or shares leave in them", moved)  # fmt: skip
    return passed("taking_part", f"{int(whole.sum())} times a share takes part before session {cut}"
                  ", whoever leaves or trades more after it", 0)  # fmt: skip
