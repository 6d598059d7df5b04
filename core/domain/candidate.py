"""What sizing looks at: one candidate trade and one account's book.

Both are plain snapshots. Sizing computes nothing about the market itself: median turnover,
ATR, volatility and correlation arrive measured, as of the decision.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

from core.domain.event import TaggedEvent
from core.domain.instrument import Instrument, PriceBand
from core.domain.money import ZERO, Money, total
from core.domain.quality import WHOLE
from core.domain.quote import Quote
from core.domain.risk import KillLevel
from core.domain.signal import MetaLabel, Playbook, Regime, Signal
from core.errors import BadInput


@dataclass(frozen=True, slots=True)
class Comovement:
    """How a share moves with one account's book, variances and covariances per year.

    `book` is the variance of the book's return on equity, `with_book` the share's covariance with
    it, signed as the book is; `pairs` is the usual correlation between two shares and `usual_vol`
    the usual volatility of one, NaN where nobody asked.
    """

    book: float
    with_book: float
    pairs: float
    usual_vol: float = math.nan


@dataclass(frozen=True, slots=True)
class Candidate:
    """One instrument somebody could buy now, with all that was measured about it.

    `vol` is per year, `turnover_median` rupees and `volume_median` shares a session over 20
    sessions, `rsi` runs 0 to 100, `skew` is of daily returns, and NaN is not known.
    `earnings_in_sessions` is None when no results date is known, `event_age_minutes` None for
    a scan. `quote_age_seconds` is measured by the caller; nothing here knows the time.
    `goes_ex_in_sessions` counts to an announced split, bonus, rights issue or demerger, 1 for the
    next session, None where none is announced.
    `quality` is the score of the share's bars, 0 to 100, and `flaw` what takes points off.
    `moves` is None where too few sessions are shared with what is held. `left_sessions_ago` counts
    from the account's last exit of the share, None where it never left one.
    """

    instrument: Instrument
    quote: Quote
    signal: Signal
    meta_label: MetaLabel
    playbook: Playbook
    tag: TaggedEvent | None
    event_age_minutes: float | None
    atr: Money
    vol: float
    turnover_median: Money
    volume_median: float
    earnings_in_sessions: int | None
    regime: Regime
    rsi: float
    skew: float
    correlation_with_book: float
    tick: Money
    band: PriceBand
    quote_age_seconds: float = 0.0
    goes_ex_in_sessions: int | None = None
    quality: float = float(WHOLE)
    flaw: str = ""
    moves: Comovement | None = None
    left_sessions_ago: int | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """One open position at its mark; `at_risk` is what its stop would lose from the mark.

    `qty` is below zero for a short position, `value` is its size and never negative.
    """

    isin: str
    sector: str
    qty: int
    mark: Money
    value: Money
    at_risk: Money

    @property
    def worth(self) -> Money:
        """`value` with the sign of the shares: a short position loses when its share rises."""
        return self.value if self.qty >= 0 else -self.value


@dataclass(frozen=True, slots=True)
class Book:
    """One account at the moment of deciding; `gross` is a fraction of equity.

    A share whose entry filled in part stands in two `positions`: what is held and what is coming.
    `unsettled` came from sales, may be spent by `settles_on` and is no part of `cash_free`, which
    counts it only as far as it stays in cash anyway.
    """

    account_id: str
    equity: Money
    cash_free: Money
    positions: tuple[Held, ...]
    day_pnl: Money
    at_risk_total: Money
    kill_level: KillLevel
    gross: float
    unsettled: Money = ZERO
    settles_on: date | None = None

    def __post_init__(self) -> None:
        if self.gross < 0:
            raise BadInput(f"{self.account_id}: gross exposure {self.gross} cannot be negative")

    @property
    def held(self) -> frozenset[str]:
        """ISINs of what is held or being bought; an entry that filled in part is one of them."""
        return frozenset(held.isin for held in self.positions if held.qty)

    def value_of(self, isin: str) -> Money:
        """Rupees in one instrument, what is still being bought included."""
        return total(held.value for held in self.positions if held.isin == isin)

    def weight_of(self, isin: str) -> float:
        """One instrument as a fraction of equity."""
        return self.value_of(isin).share_of(self.equity)

    def sector_weight(self, sector: str) -> float:
        """One sector as a fraction of equity."""
        paise = sum(held.value.paise for held in self.positions if held.sector == sector)
        return Money(paise).share_of(self.equity)

    def holds(self, isin: str) -> bool:
        """Whether a position is open in the instrument."""
        return isin in self.held
