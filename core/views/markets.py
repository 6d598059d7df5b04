"""A watchlist as rows: last price, change, what the desk has in each share, and its tags."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel import Session

from core.desk.desk import Desk
from core.domain.action import ActionStatus, CorporateAction
from core.domain.clock import ist_day
from core.domain.instrument import Instrument, Series, Surveillance
from core.domain.money import Money
from core.domain.words import day, ist_time, qty
from core.errors import NotFound
from core.store import actions, cards, instruments, ledger, quotes, settings, watchlists
from core.views.day_price import CLOSES, DayPrice, of_quote
from core.views.shown import Tag, count

EVERYTHING = "All shares"
TRADED = "Traded shares"  # offered where prices of others are kept to be looked at
MISSING = float("nan")
SOON_DAYS = 7  # calendar days ahead in which results and ex-dates are tagged
TRADE_TO_TRADE = (Series.BE, Series.BZ, Series.ST)


@dataclass(frozen=True, slots=True)
class WatchRow:
    """One share; `change` is a fraction, `move` and prices are rupees, for a grid to format."""

    isin: str
    symbol: str
    name: str
    sector: str
    size: str
    ltp: float
    move: float
    change: float
    open: float
    high: float
    low: float
    prev_close: float
    volume: float
    mark: str
    at: str
    tags: str = ""


@dataclass(frozen=True, slots=True)
class WatchlistView:
    """One list; `symbols` is what its editor starts with. `is_own` lists can be changed."""

    name: str
    names: tuple[str, ...]
    rows: tuple[WatchRow, ...]
    note: str
    symbols: str
    empty: str
    is_own: bool = False


def watchlist_view(desk: Desk, *, name: str = "") -> WatchlistView:
    """A list in its own order; the first one when the name is empty or unknown."""
    with desk.store.read() as tx:
        lists = {one.name: one for one in watchlists.all_watchlists(tx)}
        listed = {item.isin: item for item in instruments.all_instruments(tx)}
        fed = quotes.all_quotes(tx)
        prices = {isin: of_quote(one) for isin, one in fed.items()}
        if not listed.keys() <= prices.keys():
            prices = {**CLOSES.of(tx), **prices}
        held: dict[str, int] = {}
        for position in ledger.positions(tx):
            held[position.isin] = held.get(position.isin, 0) + position.qty
        waiting = {isin for _, isin in cards.open_ids(tx)}
        soon = coming(tx, ist_day(desk.clock.now()))
    traded = [item.isin for item in listed.values() if item.is_traded]
    parts = [TRADED] if 0 < len(traded) < len(listed) else []
    whole = {EVERYTHING: list(listed), **({TRADED: traded} if parts else {})}
    known = {**whole, **{own: list(one.isins) for own, one in lists.items()}}
    chosen = name if name in known else next(iter([*lists, *parts]), EVERYTHING)
    isins = known[chosen]
    newest = max((one.received_at for one in fed.values()), default=None)
    rows = []
    for isin in isins:
        if isin in listed:
            mark = _mark(held.get(isin, 0), isin in waiting)
            tags = " · ".join(tag.text for tag in tags_of(listed[isin], soon.get(isin, ())))
            rows.append(_row(listed[isin], prices.get(isin), mark, tags))
    return WatchlistView(
        name=chosen,
        names=(*lists, *(one for one in (*parts, EVERYTHING) if one not in lists)),
        rows=tuple(rows),
        note=f"{count(len(rows), 'share')} · {ist_time(newest) if newest else _closed(prices)}",
        symbols=", ".join(row.symbol for row in rows) if chosen in lists else "",
        empty="No shares are listed yet. The first start lists the universe."
        if not listed
        else f"{chosen} is empty; add symbols with Edit list below it.",
        is_own=chosen in lists,
    )


def _closed(prices: Mapping[str, DayPrice]) -> str:
    """What stands for the time of prices where the feed brought none."""
    sessions = [one.session for one in prices.values() if one.session]
    return f"closes of {day(max(sessions))}" if sessions else "no price yet"


def coming(tx: Session, today: date) -> dict[str, tuple[Tag, ...]]:
    """Results and ex-dates of the next seven days as tags, by ISIN."""
    found: dict[str, list[Tag]] = {}
    last = today + timedelta(days=SOON_DAYS)
    for key, days in settings.starting(tx, "results:").items():
        near = sorted(d for d in map(date.fromisoformat, days) if today <= d <= last)
        if near:
            words = "results today" if near[0] == today else f"results {near[0].day} {near[0]:%b}"
            found.setdefault(key.partition(":")[2], []).append(Tag(words, "warn"))
    for one in reversed(actions.going_ex(tx, today, last)):
        if one.status is ActionStatus.CONFIRMED:
            found.setdefault(one.isin, []).append(Tag(_ex(one, today), "warn"))
    return {isin: tuple(tags) for isin, tags in found.items()}


def tags_of(share: Instrument, soon: Iterable[Tag]) -> tuple[Tag, ...]:
    """What an order in the share must mind: not traded, trade-to-trade, a list, what comes."""
    looked_at = () if share.is_traded else (Tag("not traded", "warn"),)
    t2t = (Tag("T2T", "warn"),) if share.series in TRADE_TO_TRADE else ()
    listed = share.surveillance is not Surveillance.NONE
    return (*looked_at, *t2t, *((Tag(share.surveillance.value, "warn"),) if listed else ()), *soon)


def names_of(desk: Desk) -> Mapping[str, str]:
    """Every followed share's symbol by ISIN, in the order of symbols."""
    with desk.store.read() as tx:
        return {one.isin: one.symbol for one in instruments.all_instruments(tx)}


def lists_with(desk: Desk, isin: str) -> Mapping[str, bool]:
    """The person's lists by name, and whether each has the share."""
    with desk.store.read() as tx:
        return {one.name: isin in one.isins for one in watchlists.all_watchlists(tx)}


def isin_of(desk: Desk, *, symbol: str = "", isin: str = "") -> str:
    """The share a link names, by ISIN or symbol; raises NotFound naming near ones."""
    with desk.store.read() as tx:
        if isin:
            return instruments.by_isin(tx, isin.strip().upper()).isin
        if symbol:
            return instruments.by_symbol(tx, symbol).isin
    raise NotFound("no share is named; choose one in the watchlist")


def _ex(action: CorporateAction, today: date) -> str:
    when = "today" if action.ex_date == today else f"{action.ex_date.day} {action.ex_date:%b}"
    return f"ex-{action.kind.lower()} {when}"


def _row(share: Instrument, found: DayPrice | None, mark: str, tags: str) -> WatchRow:
    def rupees(amount: Money | None) -> float:
        return MISSING if amount is None else float(amount.in_rupees)

    before = found.prev_close if found else None
    change = found.change if found else None
    return WatchRow(
        isin=share.isin,
        symbol=share.symbol,
        name=share.name,
        sector=share.sector,
        size=share.cap_class.value if share.is_sized else "",
        ltp=rupees(found.ltp if found else None),
        move=rupees(found.ltp - before if found and before else None),
        change=MISSING if change is None else change,
        open=rupees(found.open if found else None),
        high=rupees(found.high if found else None),
        low=rupees(found.low if found else None),
        prev_close=rupees(before),
        volume=float(found.volume) if found else MISSING,
        mark=mark,
        at=found.at if found else "",
        tags=tags,
    )


def _mark(held: int, waiting: bool) -> str:
    words = [f"held {qty(held)}"] if held else []
    return " · ".join([*words, "card"] if waiting else words)
