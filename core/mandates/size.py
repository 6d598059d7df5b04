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

from core.domain.allocation import Allocation, Bracket, Clamp
from core.domain.candidate import Book, Candidate
from core.domain.live import Capped
from core.domain.mandate import Mandate
from core.domain.money import ZERO, Money
from core.domain.words import pct, rupees, short
from core.errors import GuardrailRefused, NoData
from core.mandates.bracket import bracket as bracket_of
from core.mandates.caps import HEADROOM, Cap, caps_of_rules, shares
from core.mandates.guardrails import cap_rails, guardrails
from core.mandates.later import and_later
from core.mandates.vol_target import vol_after
from core.mandates.worth import ChargesFor, unpaid


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
    qty, clamps = cut_to_size(candidate, mandate, book, levels, charges=charges, closing=closing,
                              capped=capped, others=others)  # fmt: skip
    return _allocation(candidate, mandate, book, levels=levels, qty=qty, clamps=clamps,
                       charges=charges, capped=capped)  # fmt: skip


def cut_to_size(
    candidate: Candidate,
    mandate: Mandate,
    book: Book,
    levels: Bracket,
    *,
    charges: ChargesFor,
    closing: ChargesFor | None = None,
    capped: Sequence[Capped] = (),
    others: Sequence[Cap] = (),
) -> tuple[int, tuple[Clamp, ...]]:
    """The shares that every cut leaves, before a guardrail is asked, and the cuts that cut."""
    caps = [*caps_of_rules(candidate, mandate, book, levels, capped=capped), *others]
    qty, clamps = _clamped(candidate, mandate, book, levels, charges, caps)
    clamps += unpaid(candidate, mandate, levels, qty, charges, closing)
    return (clamps[-1].to_qty if clamps else qty), clamps


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
            clamps.append(Clamp(cap.name, qty, max(0, cap.most), cap.why()))
            qty = max(0, cap.most)
    multiple = candidate.playbook.size_multiple
    multiple = min(1.0, max(0.0, multiple)) if math.isfinite(multiple) else 0.0
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
            f"charges included.{and_later(book)}"
        )
        clamps.append(Clamp("Cash", qty, most, reason))
    return most


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
