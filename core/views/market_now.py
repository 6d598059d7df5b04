"""The market of this moment in a few rows: breadth, and what moved most."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean

from sqlmodel import Session

from core.desk.desk import Desk
from core.domain.quote import Quote
from core.domain.words import age, pct, price
from core.store import instruments
from core.views.ages import real_age
from core.views.shown import MARKETS, Cells, Text, Tone

MOVERS = 3


@dataclass(frozen=True, slots=True)
class MarketRow:
    """One line: a share or the whole universe."""

    name: Cells
    last: str
    change: Cells


@dataclass(frozen=True, slots=True)
class MarketView:
    """Breadth first, then the biggest movers; `note` is the age of the newest price."""

    rows: tuple[MarketRow, ...]
    note: str
    empty: str


def market_view(desk: Desk, tx: Session, prices: Mapping[str, Quote]) -> MarketView:
    """Equal-weight change, rising and falling shares, and the biggest movers each way."""
    names = {item.isin: item.symbol for item in instruments.all_instruments(tx)}
    moves = sorted(
        (
            ((one.ltp - one.prev_close).share_of(one.prev_close), names.get(isin, isin), one)
            for isin, one in prices.items()
            if one.prev_close
        ),
        key=lambda move: (move[0], move[1]),
    )
    empty = "No price has come yet; they come with the worker."
    if not moves:
        return MarketView((), "", empty)
    changes = [move[0] for move in moves]
    up, down = sum(c > 0 for c in changes), sum(c < 0 for c in changes)
    newest = max(one.received_at for one in prices.values())
    whole = MarketRow(
        Text(f"{len(moves)} shares, equal weight"), f"▲ {up}  ▼ {down}", _change(fmean(changes))
    )
    shown = [*moves[: -MOVERS - 1 : -1], *reversed(moves[: min(MOVERS, len(moves) - MOVERS)])]
    return MarketView(
        rows=(
            whole,
            *(
                MarketRow(Text(name, bold=True), price(one.ltp), _change(change))
                for change, name, one in shown
            ),
        ),
        note=f"{MARKETS[desk.market]} · {age(real_age(desk, newest))}",
        empty=empty,
    )


def _change(change: float) -> Text:
    tone: Tone = "gain" if change > 0 else "loss" if change < 0 else "mute"
    return Text(pct(change, signed=True), tone)
