"""Whether a ticket is worth the charges of its way in and its way out."""

from __future__ import annotations

from collections.abc import Callable

from core.domain.allocation import Bracket, Clamp
from core.domain.candidate import Candidate
from core.domain.mandate import Mandate
from core.domain.money import Money
from core.domain.words import pct, rupees, short

ChargesFor = Callable[[int, Money], Money]


def unpaid(
    candidate: Candidate,
    mandate: Mandate,
    levels: Bracket,
    qty: int,
    charges: ChargesFor,
    closing: ChargesFor | None,
) -> tuple[Clamp, ...]:
    """The cut to nothing where the way in and out costs too much of the ticket or of the gain."""
    if not qty or closing is None:
        return ()
    price, notional = levels.worst_entry, levels.worst_entry * qty
    costs = charges(qty, price) + closing(qty, price)
    share, m, reason = costs.share_of(notional), mandate, ""
    if share > m.charges_of_ticket_max:
        reason = (
            f"In and out costs {rupees(costs)}, {pct(share)} of {short(notional)}; the mandate "
            f"allows {pct(m.charges_of_ticket_max)}."
        )
    elif candidate.signal.has_vote:
        gain = max(0.0, candidate.signal.edge) + share
        if share > m.charges_of_gain_max * gain:
            reason = (
                f"In and out costs {pct(share)} of a gain of {pct(gain)} before charges; the "
                f"mandate allows {pct(m.charges_of_gain_max, digits=0)} of it."
            )
    return (Clamp("Worth its charges", qty, 0, reason),) if reason else ()
