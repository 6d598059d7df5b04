"""Leak tests that need the store or the replayed market: what was read, decided and filled when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np

from core.desk.beside import beside
from core.desk.desk import Desk
from core.desk.facts import NEEDED, share_facts
from core.desk.studied_then import LEFT, Then, most_at_once, studied_then
from core.domain.account import Market
from core.domain.instrument import is_fund
from core.domain.quote import Quote
from core.errors import NoData
from core.features.beside import A_CELL, A_SESSION, Beside
from core.features.table import FEATURES, NAMES
from core.models.leaks import Finding, Subject, leak, not_asked, passed
from core.models.taking_part import taking_part
from core.panel import FIELDS, Floats, Panel
from core.providers.replay import ReplayMarket
from core.store import bars, cards, decisions, fills, flows, instruments, orders, plans

LATEST = 500  # decisions and fills looked at
SHARES = 5  # that the replayed market is asked about
LEAVE_A_YEAR = 0.009  # of the Nifty 500 of May 2020, 28 of 501 were listed no more in July 2026
LIKELY = 0.01  # how likely so few leaving has to be, not to be a list of today
PAISA = 0.011  # rupees
SEEN = ("ltp", "bid", "ask", "open", "high", "low", "prev_close")
INVESTORS = ("fii", "dii")


def read_as_of(
    desk: Desk, subject: Subject, *, read: Callable[..., Panel] = bars.read_panel
) -> Finding:
    """Bars read as of a day end on it and are in its own share terms."""
    panel = subject.panel
    day = panel.sessions[subject.cut]
    with desk.store.read() as tx:
        then = read(tx, panel.isins, start=panel.sessions[0], end=day)
    if then.sessions[-1] > day:
        return leak("read_as_of", f"bars as of {day} reach to {then.sessions[-1]}", 1)
    rows = len(then.sessions)
    other = [name for name in FIELDS if _differ(getattr(then, name), getattr(panel, name)[:rows])]
    sized, wrong = _sizes(then)
    if other or wrong:
        what = ", ".join([*other, *wrong[:3]])
        return leak("read_as_of", f"read as of {day}, these are not what was traded then: {what}",
                    len(other) + len(wrong))  # fmt: skip
    return passed("read_as_of", f"bars as of {day} end there, raw as they were traded, and {sized} "
                  "shares are sized in the share terms of that day", 0)  # fmt: skip


def _differ(one: Any, other: Any) -> bool:
    both = ~np.isnan(one) & ~np.isnan(other)
    return bool((one[both] != other[both]).any())


def _sizes(then: Panel) -> tuple[int, list[str]]:
    """Shares whose facts stand on the last raw close, and those whose do not."""
    wrong, sized = [], 0
    for column, isin in enumerate(then.isins):
        close = then.close[-1, column]
        if np.isnan(close) or (~np.isnan(then.close[-60:, column])).sum() < NEEDED:
            continue
        try:
            facts = share_facts(then, isin)
        except NoData:
            continue
        sized += 1
        if abs(float(facts.close.in_rupees) - close) > PAISA:
            wrong.append(f"{isin} at {facts.close} and not {close:.2f}")
    return sized, wrong


def survivors(
    desk: Desk, subject: Subject, *, learn: Callable[..., Then] = studied_then
) -> Finding:
    """Shares that left are learnt from while they traded, and as many left as usually do."""
    if desk.market is Market.SIM:
        return not_asked("survivors", "shares of the simulated market are invented and none leaves")
    until = subject.panel.sessions[-1]
    with desk.store.read() as tx:
        listed = instruments.all_instruments(tx)
        symbols = {one.isin: one.symbol for one in listed}
        panel = bars.read_panel(tx, None, end=until)
        then = learn(tx, until=until)
    here = taking_part(panel, most=most_at_once(listed)).sum(axis=0)
    here[[is_fund(isin) for isin in panel.isins]] = 0
    gone = np.isnan(panel.close[-LEFT:]).all(axis=0) & (here > 0)
    learnt = dict(zip(then.panel.isins, then.members.sum(axis=0), strict=True))
    left = {panel.isins[column]: here[column] for column in np.flatnonzero(gone)}
    missing = [symbols.get(isin, isin) for isin, n in left.items() if learnt.get(isin, 0) < n]
    if missing:
        return leak("survivors", f"{len(missing)} of {len(left)} shares that left are not learnt "
                    f"from to their last session: {', '.join(missing[:3])}; the past is that of "
                    "who is there today",
                    len(missing))  # fmt: skip
    years = (panel.sessions[-1] - panel.sessions[0]).days / 365.25
    return _enough_left(len(left), int((here > 0).sum()), years)


def _enough_left(left: int, count: int, years: float) -> Finding:
    """Whether so few leaving is usual, where so many shares over so many years can tell."""
    from scipy.stats import binom

    chance = 1.0 - (1.0 - LEAVE_A_YEAR) ** years
    likely = float(binom.cdf(left, count, chance))
    said = (
        f"{left} of {count} shares left within {years:.1f} years, about {count * chance:.1f} would "
        f"have of the Nifty 500 (so few in {likely:.1%} of such lists)"
    )
    if likely < LIKELY:
        return leak("survivors", f"{said}: a list of today, in which too few failed; import prices "
                    "of shares that left", likely)  # fmt: skip
    if not left:
        return not_asked("survivors", f"{said}: too few to tell a list of today")
    return passed("survivors", f"{said}; all are learnt from while they traded", likely)


def decided(desk: Desk, subject: Subject) -> Finding:
    """No decision knew an event of later, and no fill is older than its card and order."""
    with desk.store.read() as tx:
        made = [one for one in decisions.recent(tx, LATEST) if one.event is not None]
        done = fills.recent(tx, LATEST)
        early = [one.symbol for one in made if one.event and one.event.known_at > one.as_of]
        for fill in done:
            order = orders.by_id(tx, fill.order_id)
            card = cards.by_id(tx, plans.by_id(tx, order.plan_id).card_id)
            if not card.written_at <= order.prepared_at <= fill.traded_at:
                early.append(fill.symbol)
    if not made and not done:
        return not_asked("decided", "the desk has decided on no event and filled no order yet")
    if early:
        return leak("decided", f"{len(early)} decisions or fills are older than what caused them: "
                    f"{', '.join(sorted(set(early))[:3])}", len(early))  # fmt: skip
    return passed("decided", f"{len(made)} decisions on events and {len(done)} fills came after "
                  "what caused them", 0)  # fmt: skip


def flows_late(desk: Desk, subject: Subject, *, lay: Callable[..., Any] = beside) -> Finding:
    """What FIIs and DIIs bought, told in the evening, counts from the next session."""
    panel = subject.panel
    names = [one.name for one in FEATURES if one.beside in INVESTORS]
    with desk.store.read() as tx:
        told = {who: flows.read(tx, who.upper(), start=panel.sessions[0]) for who in INVESTORS}
        around = lay(desk, tx, panel, names)
    early, checked = [], 0
    for who, flow in told.items():
        series = getattr(around, who)
        if series is None or not flow.sessions:
            continue
        by_day: dict[date, float] = dict(zip(flow.sessions, flow.net.tolist(), strict=True))
        for place in range(1, len(panel.sessions)):
            wanted = by_day.get(panel.sessions[place - 1], np.nan)
            if not np.isnan(series[place]):
                checked += 1
                early += [] if series[place] == wanted else [str(panel.sessions[place])]
    if early:
        return leak("flows_late", f"flows of {len(early)} sessions are known before the evening: "
                    f"{', '.join(early[:3])}", len(early))  # fmt: skip
    if not checked:
        return not_asked("flows_late", "no FII or DII figures are stored; import them first")
    return passed("flows_late", f"{checked} FII and DII figures count from the session after "
                  "theirs", 0)  # fmt: skip


def laid_beside(desk: Desk, subject: Subject, *, lay: Callable[..., Beside] = beside) -> Finding:
    """Laid beside a history cut short, the same stands beside its past."""
    panel, cut = subject.panel, subject.cut
    with desk.store.read() as tx:
        whole = lay(desk, tx, panel, NAMES)
        then = lay(desk, tx, panel.until(panel.sessions[cut - 1]), NAMES)
    one, other = (_series(found, cut) for found in (whole, then))
    told = [name for name in one if not np.isnan(one[name]).all()]
    if not told:
        return not_asked("laid_beside", "nothing is stored beside prices; import index levels, "
                         "flows or filings first")  # fmt: skip
    lost = np.full(1, np.nan)
    moved = [name for name in told if not np.array_equal(
        one[name], other.get(name, lost), equal_nan=True)]  # fmt: skip
    moved += [name for name in other if name not in one]
    if moved:
        return leak("laid_beside", f"{len(moved)} of {len(told)} series beside prices change their "
                    f"past when later sessions come: {', '.join(moved[:3])}",
                    len(moved))  # fmt: skip
    return passed("laid_beside", f"{len(told)} series beside prices keep their past when later "
                  f"sessions are taken away: {', '.join(told)}", 0)  # fmt: skip


def _series(found: Beside, rows: int) -> dict[str, Floats]:
    """Every series by name, its first sessions."""
    kept = {name: getattr(found, name) for name in (*A_SESSION, *A_CELL)}
    kept |= {f"filings of {kind}": counts for kind, counts in found.filings.items()}
    return {name: series[:rows] for name, series in kept.items() if series is not None}


def fills_later(
    desk: Desk, subject: Subject, *, market: Callable[..., ReplayMarket] = ReplayMarket
) -> Finding:
    """A replayed session's first quote tells nothing of its high, low or close."""
    panel = subject.panel
    known = [
        isin
        for column, isin in enumerate(panel.isins)
        if not np.isnan(panel.close[-2:, column]).any()
    ]
    some = panel.only(known[:SHARES]).since(panel.sessions[-min(30, len(panel.sessions))])
    wild = {name: getattr(some, name).copy() for name in ("high", "low", "close")}
    for name, times in (("high", 1.2), ("low", 0.8), ("close", 1.1)):
        wild[name][-1] *= times
    seen = [_first_quotes(desk, one, market) for one in (some, replace(some, **wild))]
    early = [
        one.isin
        for one, other in zip(*seen, strict=True)
        if any(getattr(one, part) != getattr(other, part) for part in SEEN)
    ]
    if early:
        return leak("fills_later", f"the first quotes of {len(early)} of {len(known[:SHARES])} "
                    "shares move with the session's high, low or close", len(early))  # fmt: skip
    return passed("fills_later", f"the first quotes of {len(seen[0])} shares stay whatever the "
                  "session's high, low and close will be", 0)  # fmt: skip


def _first_quotes(desk: Desk, panel: Panel, market: Callable[..., ReplayMarket]) -> list[Quote]:
    replayed = market(panel, desk.calendar, ())
    return replayed.quotes_at(replayed.tick_times(panel.sessions[-1])[0])
