"""What a short sale must pass beside the rules that hold for every entry.

A short that cannot be bought back before the close, because the share is locked at its upper
circuit and nobody sells, ends in the exchange's auction: the shares are bought for it above the
last price. That loss is known beforehand and held against the account's drawdown limit.
"""

from __future__ import annotations

from core.domain.allocation import Bracket, Guardrail, Unit
from core.domain.candidate import Book, Candidate
from core.domain.mandate import Mandate
from core.domain.money import Money
from core.domain.words import decimal, pct, rupees
from core.exchange.rules import Rules
from core.mandates.rails import at_least, at_most, claim
from core.risk.scenarios import auction_loss

CIRCUIT_PAST_STOP_MIN = 0.01
CIRCUIT_AWAY_MIN = 0.02
RSI_MIN = 20.0
RIGHT_SKEW_MAX = 2.0


def auction_loss_per_share(candidate: Candidate, bracket: Bracket) -> Money:
    """What one share sold short loses when it is locked at today's upper circuit till the close."""
    return auction_loss(qty=1, entry=bracket.worst_entry, circuit=candidate.band.high)


def short_money_rails(
    candidate: Candidate, mandate: Mandate, book: Book, *, qty: int, bracket: Bracket
) -> tuple[Guardrail, ...]:
    """The loss of a short that nobody could buy back."""
    lost = auction_loss_per_share(candidate, bracket) * qty
    share = lost.share_of(book.equity)
    dearer = Rules().close_out_pct
    return (
        at_most("Short auction", share, mandate.drawdown_max, Unit.FRACTION,
                f"Locked at the upper circuit {rupees(candidate.band.high)} and closed out "
                f"{dearer} % above it loses {rupees(lost)}: {pct(share)} of a limit of "
                f"{pct(mandate.drawdown_max)}."),
    )  # fmt: skip


def short_market_rails(candidate: Candidate, bracket: Bracket) -> tuple[Guardrail, ...]:
    """What the market must leave room for: a fall, and above all a stop that somebody fills."""
    c = candidate
    down = (c.quote.ltp - c.band.low).share_of(c.quote.ltp)
    past = (c.band.high - bracket.stop).share_of(bracket.stop)
    fraction = Unit.FRACTION
    return (
        at_least("Lower circuit, away", down, CIRCUIT_AWAY_MIN, fraction,
                 f"The lower circuit {rupees(c.band.low)} is {pct(down)} away, "
                 f"at least {pct(CIRCUIT_AWAY_MIN)} is needed."),
        at_least("Upper circuit, past the stop", past, CIRCUIT_PAST_STOP_MIN, fraction,
                 f"The upper circuit {rupees(c.band.high)}, where nobody sells, is {pct(past)} "
                 f"above the stop, at least {pct(CIRCUIT_PAST_STOP_MIN)} is needed."),
        claim("Price band", c.band.low <= bracket.entry_low and bracket.stop <= c.band.high,
              f"Entry {rupees(bracket.entry_low)} and stop {rupees(bracket.stop)} against today's "
              f"band {rupees(c.band.low)} to {rupees(c.band.high)}."),
        at_least("Oversold, RSI", c.rsi, RSI_MIN, Unit.SCORE,
                 f"RSI stands at {decimal(c.rsi, digits=0)}, the floor is "
                 f"{decimal(RSI_MIN, digits=0)}."),
        at_most("Right skew", c.skew, RIGHT_SKEW_MAX, Unit.SCORE,
                f"Daily returns have a skew of {decimal(c.skew)}, "
                f"the limit is {decimal(RIGHT_SKEW_MAX)}."),
    )  # fmt: skip
