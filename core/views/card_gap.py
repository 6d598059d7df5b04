"""A card's losses beyond its stop as table rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core.domain.allocation import Bracket
from core.domain.order import Side
from core.domain.words import decimal, pct, price, rupees
from core.execution.gap import GapLoss
from core.views.shown import Text


@dataclass(frozen=True, slots=True)
class GapRow:
    """One opening beyond the stop; `in_r` counts it in units of the planned risk."""

    opens: Text
    loss: Text
    in_r: str


def gap_rows(
    losses: Iterable[GapLoss], bracket: Bracket, *, side: Side, qty: int
) -> tuple[GapRow, ...]:
    """Rows nearest to the stop first; R is the risk per share that the bracket plans."""
    entry = bracket.entry_high if side is Side.BUY else bracket.entry_low
    risk = abs((entry - bracket.stop).paise) * qty
    return tuple(
        GapRow(
            opens=Text(price(one.opens_at), note=_far(one, side)),
            loss=Text(rupees(-one.loss, digits=0, signed=True), "loss"),
            in_r=decimal(-one.loss.paise / risk, digits=1, signed=True) if risk else "–",
        )
        for one in losses
    )


def _far(one: GapLoss, side: Side) -> str:
    return pct(-side.sign * one.beyond_pct / 100, digits=0, signed=True)
