"""How many shares an account takes or sells short: a full position, cut by clamp after clamp.

The start is the largest position the mandate allows. Every clamp may only cut, so their order
changes the story and never the answer's upper bound. Sizes aim a little under each limit
(`HEADROOM`), because the guardrails run again at the send, on prices that have moved.

Risk per trade and, where it is known how the share moves with the book, the volatility target
(`vol_target`) hold for every trade. Without a voting model the edge is not measured: Kelly is left
out, and charges are held against the ticket alone instead of the expected gain.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from core.domain.allocation import Allocation, Bracket, Clamp
from core.domain.candidate import Book, Candidate
from core.domain.live import Capped
from core.domain.mandate import Mandate
from core.domain.money import ZERO, Money
from core.domain.order import Side
from core.domain.words import decimal, pct, rupees, short
from core.errors import GuardrailRefused, NoData
from core.mandates.bracket import bracket as bracket_of
from core.mandates.guardrails import cap_rails, guardrails
from core.mandates.short_rails import auction_loss_per_share
from core.mandates.vol_target import target_weight, vol_after
from core.mandates.worth import ChargesFor, unpaid

HEADROOM = 0.98
KELLY_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class Cap:
    """The most shares one rule allows, and the rule in words."""

    name: str
    most: int
    reason: str


def allocate(
    candidate: Candidate,
    mandate: Mandate,
    book: Book,
    *,
    charges: ChargesFor,
    closing: ChargesFor | None = None,
    capped: Sequence[Capped] = (),
    others: Sequence[Cap] = (),
) -> Allocation:
    """Shares of one candidate for one account, with every clamp and every guardrail.

    A refusal is an allocation of zero shares whose `rejected` says why.

    Args:
        charges: prices the entry of so many shares, and must not fall as they grow.
        closing: prices the way out at the same price; None leaves it out of what must pay.
        capped: the rupee caps of its login and of the account.
        others: what other accounts that want the same share leave, see `share_out`.
    """
    if book.equity.paise <= 0:
        return _nothing(candidate, book, f"The account holds {rupees(book.equity)}; fund it first.")
    try:
        levels = bracket_of(candidate, mandate)
    except (NoData, GuardrailRefused) as refusal:
        return _nothing(candidate, book, str(refusal))
    caps = (
        *_wish(candidate, mandate, book, levels),
        *_limits(candidate, mandate, book, levels),
        *_in_rupees(capped, levels),
        *_in_an_auction(candidate, mandate, book, levels),
        *others,
    )
    qty, clamps = _clamped(candidate, mandate, book, levels, charges, caps)
    clamps += unpaid(candidate, mandate, levels, qty, charges, closing)
    qty = clamps[-1].to_qty if clamps else qty
    return _allocation(candidate, mandate, book, levels=levels, qty=qty, clamps=clamps,
                       charges=charges, capped=capped)  # fmt: skip


def _allocation(
    candidate: Candidate,
    mandate: Mandate,
    book: Book,
    *,
    levels: Bracket,
    qty: int,
    clamps: tuple[Clamp, ...],
    charges: ChargesFor,
    capped: Sequence[Capped],
) -> Allocation:
    """The sized trade with its guardrails; a failed one sets the shares to zero."""
    cost = charges(qty, levels.entry_high) if qty else ZERO
    rails = (
        *guardrails(candidate, mandate, book, qty=qty, bracket=levels, charges=cost),
        *cap_rails(capped, levels.entry_high * qty),
    )
    no_shares = [] if qty else [clamps[-1].reason]
    rejected = " ".join(no_shares + [rail.sentence for rail in rails if not rail.passed])
    bought = 0 if rejected else qty
    notional = levels.entry_high * bought
    adds = notional.share_of(book.equity)
    weight = book.weight_of(candidate.instrument.isin)
    sector = book.sector_weight(candidate.instrument.sector)
    return Allocation(
        account_id=book.account_id,
        isin=candidate.instrument.isin,
        qty=bought,
        bracket=levels,
        at_risk=levels.risk_per_share * bought,
        notional=notional,
        charges=cost if bought else ZERO,
        weight_before=weight,
        weight_after=weight + adds,
        sector_before=sector,
        sector_after=sector + adds,
        gross_before=book.gross,
        gross_after=book.gross + adds,
        clamps=clamps,
        guardrails=rails,
        rejected=rejected,
        sized=qty,
        vol_after=vol_after(candidate, adds * levels.side.sign),
    )


def _clamped(
    candidate: Candidate,
    mandate: Mandate,
    book: Book,
    levels: Bracket,
    charges: ChargesFor,
    caps: Sequence[Cap],
) -> tuple[int, tuple[Clamp, ...]]:
    """The start cut by each cap in turn; only cuts that cut are kept."""
    start = shares(book.equity, mandate.position_weight_max * HEADROOM, levels.entry_high)
    if start == 0:
        limit = pct(mandate.position_weight_max)
        reason = f"One share at {rupees(levels.entry_high)} is above {limit} of the account."
        return 0, (Clamp("Position weight", 1, 0, reason),)
    qty, clamps = start, []
    for cap in caps:
        if cap.most < qty:
            clamps.append(Clamp(cap.name, qty, max(0, cap.most), cap.reason))
            qty = max(0, cap.most)
    multiple = min(1.0, candidate.playbook.size_multiple)
    if int(qty * multiple) < qty:
        reason = f"{candidate.playbook.name} takes {pct(multiple, digits=0)} of a full size."
        clamps.append(Clamp("Playbook size", qty, int(qty * multiple), reason))
        qty = int(qty * multiple)
    qty = _affordable(qty, mandate, book, levels.entry_high, charges, clamps)
    if qty and levels.entry_high * qty < mandate.ticket_min:
        worth = levels.entry_high * qty
        reason = f"{short(worth)} is below the smallest ticket of {short(mandate.ticket_min)}."
        clamps.append(Clamp("Smallest ticket", qty, 0, reason))
        qty = 0
    return qty, tuple(clamps)


def _wish(candidate: Candidate, mandate: Mandate, book: Book, levels: Bracket) -> list[Cap]:
    """What risk appetite asks for: volatility target, risk per trade, Kelly."""
    caps = []
    if candidate.signal.has_vote or candidate.moves is not None:
        caps.append(_to_target(candidate, mandate, book, levels))
    caps.append(
        Cap(
            "Risk per trade",
            shares(book.equity, mandate.risk_per_trade_max * HEADROOM, levels.risk_per_share),
            f"{rupees(levels.risk_per_share)} a share to the stop; one trade may lose "
            f"{pct(mandate.risk_per_trade_max)} of {short(book.equity)}.",
        )
    )
    if candidate.signal.has_vote:
        fraction = KELLY_SHARE * kelly(
            candidate.signal.target_first.p, candidate.signal.stop_first.p, levels.reward_to_risk
        )
        caps.append(
            Cap(
                "Quarter Kelly",
                shares(book.equity, fraction, levels.risk_per_share),
                f"Target {pct(candidate.signal.target_first.p, digits=0)} against stop "
                f"{pct(candidate.signal.stop_first.p, digits=0)} at "
                f"{decimal(levels.reward_to_risk)} R allows {pct(fraction)} at risk.",
            )
        )
    return caps


def _to_target(candidate: Candidate, mandate: Mandate, book: Book, levels: Bracket) -> Cap:
    """The shares at which the account, once full, stands at its volatility target."""
    isin, moves = candidate.instrument.isin, candidate.moves
    held = sum(1 for position in book.positions if position.qty and position.isin != isin)
    weight = target_weight(candidate, mandate, held=held)
    free, vol = max(1, mandate.positions_max - held), pct(candidate.vol, digits=0)
    words = (
        f"At a volatility of {vol} a year one of {mandate.positions_max} positions may weigh "
        f"{pct(weight)}; how it moves with the book is not known."
        if moves is None
        else f"The book stands at {pct(math.sqrt(max(0.0, moves.book)))} a year of a target of "
        f"{pct(mandate.vol_target)}; one of {free} free places may weigh {pct(weight)} at a "
        f"volatility of {vol}."
    )
    return Cap("Volatility target", shares(book.equity, weight, levels.entry_high), words)


def _limits(candidate: Candidate, mandate: Mandate, book: Book, levels: Bracket) -> list[Cap]:
    """What is left of each limit of the book and the market."""
    price, sector = levels.entry_high, candidate.instrument.sector
    held, in_sector = book.weight_of(candidate.instrument.isin), book.sector_weight(sector)

    def left(name: str, limit: float, used: float, words: str) -> Cap:
        most = shares(book.equity, limit * HEADROOM - used, price)
        return Cap(name, most, f"{words} {pct(used)} of a limit of {pct(limit)}.")

    return [
        left("Position weight", mandate.position_weight_max, held,
             f"{candidate.instrument.symbol} already weighs"),
        left("Sector weight", mandate.sector_weight_max, in_sector, f"{sector} already weighs"),
        left("Gross exposure", mandate.gross_exposure_max, book.gross, "Positions already make up"),
        Cap("Share of day's volume",
            _floor(mandate.volume_share_max * HEADROOM * candidate.volume_median),
            f"{pct(mandate.volume_share_max)} of a median day's volume."),
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
            f"{rupees(lost)} a share if it stays locked at its upper circuit; one short may lose "
            f"{pct(mandate.drawdown_max)} of {short(book.equity)} there.",
        )
    ]


def _in_rupees(capped: Sequence[Capped], levels: Bracket) -> list[Cap]:
    """What a login's and an account's rupee caps leave."""
    return [
        Cap(
            "Rupee cap",
            one.left.paise // levels.entry_high.paise,
            f"{one.of} may send {rupees(one.caps.per_order)} an order and "
            f"{rupees(one.caps.per_day)} a day, of which {rupees(one.used)} is used.",
        )
        for one in capped
    ]


def _affordable(
    qty: int,
    mandate: Mandate,
    book: Book,
    price: Money,
    charges: ChargesFor,
    clamps: list[Clamp],
) -> int:
    """The most of `qty` that leaves the cash floor standing after charges; notes the cut."""
    if not qty:
        return 0
    spendable = book.cash_free - mandate.cash_floor
    most = min(qty, max(0, spendable.paise // price.paise))
    while most and price * most + charges(most, price) > spendable:
        room = (spendable - charges(most, price)).paise // price.paise
        most = max(0, min(most - 1, room))
    if most < qty:
        reason = (
            f"{rupees(book.cash_free)} is free and {rupees(mandate.cash_floor)} of it must stay, "
            "charges included."
        )
        clamps.append(Clamp("Cash", qty, most, reason))
    return most


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


def _nothing(candidate: Candidate, book: Book, reason: str) -> Allocation:
    """No shares, before a bracket could be drawn."""
    weight = book.weight_of(candidate.instrument.isin)
    sector = book.sector_weight(candidate.instrument.sector)
    return Allocation(
        account_id=book.account_id,
        isin=candidate.instrument.isin,
        qty=0,
        bracket=None,
        at_risk=ZERO,
        notional=ZERO,
        charges=ZERO,
        weight_before=weight,
        weight_after=weight,
        sector_before=sector,
        sector_after=sector,
        gross_before=book.gross,
        gross_after=book.gross,
        clamps=(),
        guardrails=(),
        rejected=reason,
    )
