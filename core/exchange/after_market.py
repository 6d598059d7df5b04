"""Orders given while the market is shut: the broker keeps them and sends them at the open.

What the exchange alone can judge (phase, band, a trigger on the wrong side) is judged when the
order reaches it, with the rules of that moment; before, the broker looks at shares and money.
A pre-open session takes no stops, so those wait for continuous trading.
"""

from __future__ import annotations

from dataclasses import replace

from core.domain.calendar import Phase
from core.domain.order import Validity
from core.exchange.refusals import OPEN_PHASES, Standing, why_refused
from core.exchange.values import BookOrder, Ticket


def why_not_queued(ticket: Ticket, on: Standing) -> str:
    """Why the broker keeps no such order for the next open, or nothing."""
    if on.phase in OPEN_PHASES:
        return (
            f"{ticket.symbol}: the market is {on.phase} and an after market order is taken only "
            "while it is shut; place a regular order"
        )
    return why_not_kept(ticket, on)


def why_not_kept(ticket: Ticket, on: Standing) -> str:
    """Why the broker does not keep an order it has, as it stands after a change, or nothing."""
    if ticket.validity is Validity.IOC:
        return f"{ticket.symbol}: IOC is not taken after the market; use DAY"
    later = replace(on, phase=Phase.CONTINUOUS, band=None, ltp=None, intraday_over=False)
    return why_refused(ticket, later)


def is_sent(order: BookOrder, phase: Phase) -> bool:
    """Whether a kept order goes to the exchange in this phase."""
    if phase is Phase.PRE_OPEN:
        return not order.ticket.is_stop
    return phase in OPEN_PHASES
