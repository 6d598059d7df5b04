"""What an account holds: as a table with its total, and as a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.desk.books import Standing
from core.domain.account import Account
from core.domain.instrument import Instrument
from core.domain.money import Money, total
from core.domain.words import pct, price, qty, rupees
from core.views.shown import RowMark, Text, in_rupees, pnl, sign_tone


@dataclass(frozen=True, slots=True)
class HoldingRow:
    """One open position at its mark."""

    symbol: Text
    qty: str
    avg: str
    ltp: str
    value: str
    pnl: Text
    change: Text
    weight: str
    stop: str
    mark: RowMark = ""


@dataclass(frozen=True, slots=True)
class HoldingLine:
    """One open position for a file: rupees to the paisa, empty where there is no price or stop."""

    account: str
    symbol: str
    isin: str
    sector: str
    qty: int
    average: str
    cost: str
    ltp: str
    value: str
    unrealised: str
    stop: str
    as_of: str


def holdings_of(books: Standing, known: Mapping[str, Instrument]) -> tuple[HoldingRow, ...]:
    """Open positions, the largest first, with their total where there are several."""
    rows = []
    for one in sorted(books.positions, key=lambda held: -abs(books.value(held).paise)):
        value, stop = books.value(one), books.stops.get(one.isin)
        mark = books.marks.get(one.isin)
        item = known.get(one.isin)
        rows.append(
            HoldingRow(
                symbol=Text(item.symbol if item else one.isin, bold=True,
                            note=item.sector if item else ""),
                qty=qty(one.qty),
                avg=price(one.avg_price),
                ltp=price(mark) if mark is not None else "–",
                value=rupees(value, digits=0),
                pnl=pnl(books.gain(one)),
                change=_change(books.gain(one), one.cost) if mark is not None else Text("–"),
                weight=pct(abs(value).share_of(books.equity), digits=1) if books.equity else "–",
                stop=price(stop) if stop is not None else "none",
            )
        )  # fmt: skip
    if len(rows) > 1:
        rows.append(_all_holdings(books))
    return tuple(rows)


def _all_holdings(books: Standing) -> HoldingRow:
    """The total row: what all of it cost is in the average's place."""
    cost = total(one.cost for one in books.positions)
    gain = total(books.gain(one) for one in books.positions)
    weight = pct(books.invested.share_of(books.equity), digits=1) if books.equity else "–"
    return HoldingRow(
        symbol=Text("Total", bold=True),
        qty="",
        avg=f"cost {rupees(cost, digits=0)}",
        ltp="",
        value=rupees(books.invested, digits=0),
        pnl=pnl(gain),
        change=_change(gain, cost),
        weight=weight,
        stop="",
        mark="tot",
    )


def _change(gain: Money, cost: Money) -> Text:
    if not cost:
        return Text("–")
    return Text(pct(gain.share_of(abs(cost)), signed=True), sign_tone(gain))


def holding_lines(
    account: Account, books: Standing, known: Mapping[str, Instrument], *, as_of: str
) -> tuple[HoldingLine, ...]:
    """Open positions for a file."""
    rows = []
    for one in books.positions:
        item, mark, stop = known.get(one.isin), books.marks.get(one.isin), books.stops.get(one.isin)
        rows.append(
            HoldingLine(
                account=account.name,
                symbol=item.symbol if item else one.isin,
                isin=one.isin,
                sector=item.sector if item else "",
                qty=one.qty,
                average=in_rupees(one.avg_price),
                cost=in_rupees(one.cost),
                ltp=in_rupees(mark),
                value=in_rupees(books.value(one)),
                unrealised=in_rupees(books.gain(one)) if mark is not None else "",
                stop=in_rupees(stop),
                as_of=as_of,
            )
        )
    return tuple(rows)
