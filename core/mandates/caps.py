"""The most shares each rule allows, before the tightest one decides.

A cap's words are made only where it cuts: most do not, and sizing is asked often.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from core.domain.allocation import Bracket
from core.domain.candidate import Book, Candidate
from core.domain.live import Capped
from core.domain.mandate import Mandate
from core.domain.money import Money
from core.domain.order import Side
from core.domain.words import decimal, pct, rupees, short
from core.mandates.bracket import measured
from core.mandates.short_rails import auction_loss_per_share
from core.mandates.vol_target import target_weight

HEADROOM = 0.98
KELLY_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class Cap:
    """The most shares one rule allows; `why` words the rule."""

    name: str
    most: int
    why: Callable[[], str]


def caps_of_rules(
    candidate: Candidate,
    mandate: Mandate,
    book: Book,
    levels: Bracket,
    *,
    capped: Sequence[Capped] = (),
) -> list[Cap]:
    """Every cap of one candidate for one account, those of appetite before those of limits."""
    return [
        *_wish(candidate, mandate, book, levels),
        *_limits(candidate, mandate, book, levels),
        *_in_rupees(capped, levels),
        *_in_an_auction(candidate, mandate, book, levels),
    ]


def _wish(candidate: Candidate, mandate: Mandate, book: Book, levels: Bracket) -> list[Cap]:
    """What risk appetite asks for: volatility target, risk per trade, Kelly."""
    caps = []
    if candidate.signal.has_vote or candidate.moves is not None:
        caps.append(_to_target(candidate, mandate, book, levels))
    caps.append(
        Cap(
            "Risk per trade",
            shares(book.equity, mandate.risk_per_trade_max * HEADROOM, levels.risk_per_share),
            lambda: (
                f"{rupees(levels.risk_per_share)} a share to the stop; one trade may lose "
                f"{pct(mandate.risk_per_trade_max)} of {short(book.equity)}."
            ),
        )
    )
    target, stop = candidate.signal.target_first, candidate.signal.stop_first
    if candidate.signal.has_vote and target.shown and stop.shown:
        risk, ratio = measured(candidate, levels)
        fraction = KELLY_SHARE * kelly(target.p, stop.p, ratio)
        caps.append(
            Cap(
                "Quarter Kelly",
                shares(book.equity, fraction, risk),
                lambda: (
                    f"Target {pct(target.p, digits=0)} against stop {pct(stop.p, digits=0)} at "
                    f"{decimal(ratio)} R allows {pct(fraction)} at risk."
                ),
            )
        )
    return caps


def _to_target(candidate: Candidate, mandate: Mandate, book: Book, levels: Bracket) -> Cap:
    """The shares at which the account, once full, stands at its volatility target."""
    isin = candidate.instrument.isin
    held = len(book.held - {isin})
    left = mandate.gross_exposure_max * HEADROOM - book.gross
    weight = target_weight(candidate, mandate, held=held, gross_left=left)
    most = shares(book.equity, weight, levels.entry_high)
    return Cap("Volatility target", most, lambda: _target_words(candidate, mandate, held, weight))


def _target_words(candidate: Candidate, mandate: Mandate, held: int, weight: float) -> str:
    moves, vol = candidate.moves, pct(candidate.vol, digits=0)
    if moves is None:
        return (
            f"At a volatility of {vol} a year one of {mandate.positions_max} positions may weigh "
            f"{pct(weight)}; how it moves with the book is not known."
        )
    return (
        f"The book stands at {pct(math.sqrt(max(0.0, moves.book)))} a year of a target of "
        f"{pct(mandate.vol_target)}; with {max(1, mandate.positions_max - held)} places free one "
        f"at a volatility of {vol} may weigh {pct(weight)}."
    )


def _limits(candidate: Candidate, mandate: Mandate, book: Book, levels: Bracket) -> list[Cap]:
    """What is left of each limit of the book and the market."""
    price, sector = levels.entry_high, candidate.instrument.sector
    held, in_sector = book.weight_of(candidate.instrument.isin), book.sector_weight(sector)

    def left(name: str, limit: float, used: float, words: str) -> Cap:
        most = shares(book.equity, limit * HEADROOM - used, price)
        return Cap(name, most, lambda: f"{words} {pct(used)} of a limit of {pct(limit)}.")

    return [
        left("Position weight", mandate.position_weight_max, held,
             f"{candidate.instrument.symbol} already weighs"),
        left("Sector weight", mandate.sector_weight_max, in_sector, f"{sector} already weighs"),
        left("Gross exposure", mandate.gross_exposure_max, book.gross, "Positions already make up"),
        Cap("Share of day's volume",
            _floor(mandate.volume_share_max * HEADROOM * candidate.volume_median),
            lambda: f"{pct(mandate.volume_share_max)} of a median day's volume."),
    ]  # fmt: skip


def _in_an_auction(
    candidate: Candidate, mandate: Mandate, book: Book, levels: Bracket
) -> list[Cap]:
    """What a short sale that nobody can buy back may lose; nothing for a buy."""
    if levels.side is Side.BUY:
        return []
    lost = auction_loss_per_share(candidate, levels)
    return [
        Cap(
            "Short auction",
            shares(book.equity, mandate.drawdown_max * HEADROOM, lost),
            lambda: (
                f"{rupees(lost)} a share if it stays locked at its upper circuit; one short may "
                f"lose {pct(mandate.drawdown_max)} of {short(book.equity)} there."
            ),
        )
    ]


def _in_rupees(capped: Sequence[Capped], levels: Bracket) -> list[Cap]:
    """What a login's and an account's rupee caps leave."""
    return [
        Cap(
            "Rupee cap",
            one.left.paise // levels.entry_high.paise,
            partial(_rupee_words, one),
        )
        for one in capped
    ]


def _rupee_words(one: Capped) -> str:
    return (
        f"{one.of} may send {rupees(one.caps.per_order)} an order and {rupees(one.caps.per_day)} "
        f"a day, of which {rupees(one.used)} is used."
    )


def shares(equity: Money, fraction: float, per_share: Money) -> int:
    """Whole shares whose `per_share` adds up to at most `fraction` of equity; never negative."""
    if per_share.paise <= 0:
        return 0
    return _floor(equity.paise * fraction / per_share.paise)


def kelly(p_target: float, p_stop: float, reward_to_risk: float) -> float:
    """The fraction of equity to put at risk that grows it fastest; 0 without an edge.

    Maximises p ln(1 + b f) + q ln(1 - f), a time exit counted as no gain and no loss.

    Source: J. L. Kelly, "A New Interpretation of Information Rate", Bell System Technical
    Journal 35 (1956).
    """
    p, q, b = p_target, p_stop, reward_to_risk
    if p + q <= 0 or b <= 0:
        return 0.0
    return max(0.0, (p * b - q) / (b * (p + q)))


def _floor(value: float) -> int:
    return max(0, math.floor(value)) if math.isfinite(value) else 0
