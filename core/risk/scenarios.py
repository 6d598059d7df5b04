"""What the book would lose if: the market falls, or shares gap through their stops.

A stop fills at the worse of its price and where the share opens, so a gap costs more than the
card's "at risk".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.domain.money import ZERO, Money, total
from core.domain.words import pct
from core.exchange.rules import Rules
from core.risk.book import Line

MARKET_FALLS = (-0.05, -0.10)
GAPS = (-0.05, -0.10, -0.20)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One scenario: change in rupees, as a fraction of equity, and how many stops it reaches."""

    name: str
    pnl: Money
    of_equity: float
    stops_hit: int


def scenarios(
    lines: Sequence[Line], equity: Money, *, betas: Mapping[str, float] | None = None
) -> tuple[Outcome, ...]:
    """Market falls and opening gaps over today's lines; an unknown beta counts as 1.

    A book with a short position is also looked at with every move turned upwards.
    """
    known = betas or {}
    ways = (1, -1) if any(line.qty < 0 for line in lines) else (1,)
    falls = [
        _outcome(f"Market {_signed(way * move)}", lines, equity,
                 {line.isin: way * move * known.get(line.isin, 1.0) for line in lines})
        for way in ways
        for move in MARKET_FALLS
    ]  # fmt: skip
    gaps = [
        _outcome(f"Every share gaps {_signed(way * move)}", lines, equity,
                 dict.fromkeys((line.isin for line in lines), way * move))
        for way in ways
        for move in GAPS
    ]  # fmt: skip
    return (*falls, *gaps)


def _signed(move: float) -> str:
    return pct(move, digits=0, signed=True)


def gap_loss(*, qty: int, entry: Money, stop: Money, gap: float) -> Money:
    """Loss when the share opens `gap` from the entry: the open or the stop, the worse.

    Positive rupees lost on `qty` shares. A stop above the entry is that of a short sale, which a
    gap upwards hurts.
    """
    opens = entry.times(1 + Decimal(repr(gap)))
    if stop > entry:
        return (max(opens, stop) - entry) * qty
    return (entry - min(opens, stop)) * qty


def auction_loss(*, qty: int, entry: Money, circuit: Money, rules: Rules | None = None) -> Money:
    """Loss on shares sold short at `entry` that stay locked at the upper circuit till the close.

    They are bought at the exchange's auction, or closed out as far above the last price as its
    rules say, which is what is counted.
    """
    dearer = 1 + Decimal((rules or Rules()).close_out_pct) / 100
    return (circuit.times(dearer) - entry) * qty


def _outcome(
    name: str, lines: Sequence[Line], equity: Money, moves: Mapping[str, float]
) -> Outcome:
    """Each line sold where it opens if that is through its stop, else marked there."""
    changes, hit = [], 0
    for line in lines:
        opens = max(ZERO, line.mark.times(1 + Decimal(repr(moves[line.isin]))))
        changes.append((opens - line.mark) * line.qty)
        hit += line.stop is not None and (line.stop - opens).paise * line.qty >= 0
    pnl = total(changes)
    return Outcome(name=name, pnl=pnl, of_equity=pnl.share_of(equity), stops_hit=hit)
