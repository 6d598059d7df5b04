"""How some accounts did: returns, drawdown, best and worst day, the same rupees in the index."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from core.desk.desk import Desk
from core.desk.performance import Against, Performance, Rate, performance
from core.desk.pnl import whose
from core.desk.pnl_at import session_before
from core.domain.words import day, pct, rupees, short
from core.errors import NoData
from core.views.chart import Line
from core.views.shown import Figure, Tone, count, sign_tone


@dataclass(frozen=True, slots=True)
class PerformanceView:
    """The block; `empty` says why there is none, `no_index` why nothing stands beside it."""

    figures: tuple[Figure, ...]
    note: str
    days: tuple[date, ...]
    growth: tuple[Line, ...]
    fall: tuple[Line, ...]
    notes: tuple[str, ...]
    empty: str = ""


def performance_view(
    desk: Desk,
    *,
    account: str = "",
    login: str = "",
    first: date | None = None,
    last: date | None = None,
) -> PerformanceView:
    """One account by name or id, those of a login, or all; from the first money to today."""
    with desk.store.read() as tx:
        of = whose(tx, account=account, login=login)
        try:
            found = performance(desk, tx, of, first=first, last=last)
        except NoData as none:
            return PerformanceView((), "", (), (), (), (), empty=f"{none}.")
    start = found.days[0].day
    lines = [Line(found.of.name, (0.0, *(100 * (one - 1) for one in found.grown)))]
    if found.against:
        grown = found.against.grown
        lines.append(Line(found.against.name, (0.0, *(100 * (one - 1) for one in grown))))
    return PerformanceView(
        figures=_figures(found),
        note=f"{count(found.sessions, 'session')} · {day(start)} to {day(found.days[-1].day)}",
        days=(session_before(desk.calendar, start), *(one.day for one in found.days)),
        growth=tuple(lines),
        fall=(Line("Drawdown", (0.0, *(100 * one for one in found.falls))),),
        notes=_notes(found),
    )


def _figures(found: Performance) -> tuple[Figure, ...]:
    best = max(zip(found.returns, found.days, strict=True), key=lambda one: one[0])
    worst = min(zip(found.returns, found.days, strict=True), key=lambda one: one[0])
    return (
        _time_weighted(found.time_weighted),
        _xirr(found.xirr),
        *_beside(found),
        Figure("Worst drawdown", pct(min(found.falls)), "from the highest session end"),
        Figure("Best session", pct(best[0], signed=True), day(best[1].day), _tone(best[0])),
        Figure("Worst session", pct(worst[0], signed=True), day(worst[1].day), _tone(worst[0])),
    )


def _time_weighted(rate: Rate) -> Figure:
    whole = rate.whole or 0.0
    yearly = f"{pct(rate.per_year, signed=True)} a year" if rate.per_year is not None else rate.why
    return Figure("Time-weighted return", pct(whole, signed=True), yearly, _tone(whole))


def _xirr(rate: Rate, label: str = "XIRR, money-weighted") -> Figure:
    if rate.whole is None:
        return Figure(label, "–", rate.why)
    over = f"{pct(rate.whole, signed=True)} over the stretch"
    if rate.per_year is None:
        return Figure(label, pct(rate.whole, signed=True), rate.why, _tone(rate.whole))
    return Figure(label, f"{pct(rate.per_year, signed=True)} a year", over, _tone(rate.whole))


def _beside(found: Performance) -> tuple[Figure, ...]:
    one, ahead = found.against, found.ahead
    if one is None or ahead is None:
        return ()
    excess = (found.time_weighted.whole or 0.0) - one.whole
    return (
        Figure(one.name, pct(one.whole, signed=True),
               f"price index · excess over it {pct(excess, signed=True)}",
               _tone(one.whole)),
        Figure("Same rupees in the index", rupees(one.earned, signed=True, digits=0),
               f"{short(abs(ahead))} {'ahead of it' if ahead.paise >= 0 else 'behind it'}",
               sign_tone(one.earned)),
    )  # fmt: skip


def _notes(found: Performance) -> tuple[str, ...]:
    flows = (
        "Money paid in counts from the start of its session, money taken out until its end; "
        "transfers between accounts are flows of each account and none of all together."
    )
    return (flows, _index_words(found.against) if found.against else f"{found.no_index}.")


def _index_words(one: Against) -> str:
    rate = f" XIRR of the same rupees: {pct(one.xirr.per_year, signed=True)} a year." if (
        one.xirr.per_year is not None
    ) else ""  # fmt: skip
    told = f" Its last level is of {day(one.last_level)}; import newer ones."
    stale = told if one.is_stale else ""
    counts = "the account's own dividends and charges are counted"
    return f"{one.name}: {one.words}; {counts}.{rate}{stale}"


def _tone(fraction: float) -> Tone:
    return "gain" if fraction > 0 else "loss" if fraction < 0 else "mute"
