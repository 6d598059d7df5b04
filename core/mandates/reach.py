"""How near an account stands to its volatility target, and what keeps a full one from it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from core.domain.candidate import Book
from core.domain.mandate import Mandate
from core.domain.words import counted, pct, short

NEAR = 0.10  # of the target, either way


@dataclass(frozen=True, slots=True)
class Reach:
    """The book's volatility per year beside its target; NaN where it cannot be measured.

    `full_by` is the limit that lets nothing more in, empty while something still fits.
    """

    vol: float
    target: float
    full_by: str

    @property
    def is_near(self) -> bool:
        """Whether the book stands within a tenth of its target."""
        return abs(self.vol - self.target) <= NEAR * self.target

    @property
    def words(self) -> str:
        """Where the account stands, and why it is not at its target."""
        if not math.isfinite(self.vol):
            return f"Volatility not measured, target {pct(self.target, digits=0)}."
        now = f"{pct(self.vol, digits=1)} a year of a target of {pct(self.target, digits=1)}"
        if self.is_near or not self.full_by:
            return f"{now}." if self.is_near else f"{now}; places are still free."
        side = "under" if self.vol < self.target else "over"
        return f"{now}; it stays {side} it because {self.full_by}."


def reach(mandate: Mandate, book: Book, vol: float) -> Reach:
    """Measure one account's book against its target.

    Args:
        vol: volatility of the book per year, NaN where it cannot be measured.
    """
    return Reach(vol, mandate.vol_target, _full_by(mandate, book))


def _full_by(mandate: Mandate, book: Book) -> str:
    held = len(book.held)
    ticket = mandate.ticket_min.share_of(book.equity) if book.equity.paise > 0 else 1.0
    if held >= mandate.positions_max:
        most = pct(mandate.position_weight_max, digits=0)
        return f"all {counted(held, 'place')} of at most {most} are filled"
    if book.gross + ticket > mandate.gross_exposure_max * 0.98:
        limit = pct(mandate.gross_exposure_max, digits=0)
        return f"positions make up {pct(book.gross, digits=0)} of a limit of {limit}"
    if book.cash_free - mandate.cash_floor < mandate.ticket_min:
        later = f" and {short(book.unsettled)} of sales has not settled" if book.unsettled else ""
        return f"{short(book.cash_free)} is free and {short(mandate.cash_floor)} must stay{later}"
    return ""
