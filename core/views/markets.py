"""A watchlist as rows: last price, change and what the desk has in each share."""

from __future__ import annotations

from dataclasses import dataclass

from core.desk.desk import Desk
from core.domain.card import CardStatus
from core.domain.instrument import Instrument
from core.domain.money import Money
from core.domain.quote import Quote
from core.domain.words import ist_time, qty
from core.errors import NotFound
from core.store import cards, instruments, ledger, quotes, watchlists
from core.views.shown import count

EVERYTHING = "All shares"
MISSING = float("nan")


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


@dataclass(frozen=True, slots=True)
class WatchlistView:
    """One list; `symbols` is what its editor starts with."""

    name: str
    names: tuple[str, ...]
    rows: tuple[WatchRow, ...]
    note: str
    symbols: str
    empty: str


def watchlist_view(desk: Desk, *, name: str = "") -> WatchlistView:
    """A list in its own order; the first one when the name is empty or unknown."""
    with desk.store.read() as tx:
        lists = {one.name: one for one in watchlists.all_watchlists(tx)}
        listed = {item.isin: item for item in instruments.all_instruments(tx)}
        prices = quotes.all_quotes(tx)
        held = {one.isin: 0 for one in ledger.positions(tx)}
        for position in ledger.positions(tx):
            held[position.isin] += position.qty
        waiting = {card.isin for card in cards.with_status(tx, CardStatus.OPEN)}
    chosen = name if name in lists or name == EVERYTHING else next(iter(lists), EVERYTHING)
    isins = list(lists[chosen].isins) if chosen in lists else list(listed)
    newest = max((quote.received_at for quote in prices.values()), default=None)
    rows = []
    for isin in isins:
        if isin in listed:
            mark = _mark(held.get(isin, 0), isin in waiting)
            rows.append(_row(listed[isin], prices.get(isin), mark))
    return WatchlistView(
        name=chosen,
        names=(*lists, EVERYTHING),
        rows=tuple(rows),
        note=f"{count(len(rows), 'share')} · {ist_time(newest)}"
        if newest
        else f"{len(rows)} · no price yet",
        symbols=", ".join(row.symbol for row in rows) if chosen in lists else "",
        empty="No shares are listed yet. The first start lists the universe."
        if not listed
        else f"{chosen} is empty; add symbols below it.",
    )


def isin_of(desk: Desk, *, symbol: str = "", isin: str = "") -> str:
    """The share a link names, by ISIN or symbol; raises NotFound naming near ones."""
    with desk.store.read() as tx:
        if isin:
            return instruments.by_isin(tx, isin.strip().upper()).isin
        if symbol:
            return instruments.by_symbol(tx, symbol).isin
    raise NotFound("no share is named; choose one in the watchlist")


def _row(share: Instrument, quote: Quote | None, mark: str) -> WatchRow:
    def rupees(amount: Money | None) -> float:
        return MISSING if amount is None else float(amount.in_rupees)

    move = quote.ltp - quote.prev_close if quote else None
    return WatchRow(
        isin=share.isin,
        symbol=share.symbol,
        name=share.name,
        sector=share.sector,
        size=share.cap_class.value,
        ltp=rupees(quote.ltp if quote else None),
        move=rupees(move),
        change=move.share_of(quote.prev_close) if quote and move is not None else MISSING,
        open=rupees(quote.open if quote else None),
        high=rupees(quote.high if quote else None),
        low=rupees(quote.low if quote else None),
        prev_close=rupees(quote.prev_close if quote else None),
        volume=float(quote.volume) if quote else MISSING,
        mark=mark,
        at=ist_time(quote.received_at) if quote else "",
    )


def _mark(held: int, waiting: bool) -> str:
    words = [f"held {qty(held)}"] if held else []
    return " · ".join([*words, "card"] if waiting else words)
