"""Whether a broker's file says one thing once and its own sums add up, before it is booked."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.domain.charges import Charges
from core.domain.money import Money
from core.domain.statement import StatedTrade
from core.domain.words import rupees
from core.errors import BadInput

ISIN = re.compile(r"[A-Z]{2}[A-Z0-9]{9}[0-9]")
PRICE_MAX = Money.rupees(10_000_000)
QTY_MAX = 100_000_000
ROUNDED = Money.rupees(1)  # a note's own sums are rounded item by item


def sound_trades(name: str, trades: Sequence[StatedTrade]) -> None:
    """Raise BadInput for what is no trade of a share, or stands on two lines of a file."""
    seen: dict[tuple[object, ...], int] = {}
    for one in trades:
        if one.isin and not ISIN.fullmatch(one.isin):
            raise BadInput(f"{name}, line {one.line}: {one.isin!r} is no ISIN, as INE002A01018 is")
        if one.price > PRICE_MAX or abs(one.qty) > QTY_MAX:
            raise BadInput(
                f"{name}, line {one.line}: {abs(one.qty)} shares at ₹{one.price.in_rupees:.4g} is "
                f"more than {QTY_MAX} at {rupees(PRICE_MAX)}; check the columns"
            )
        key = (one.on, one.exchange, one.isin or one.symbol, one.trade_id, one.qty > 0)
        if one.trade_id and key in seen:
            raise BadInput(
                f"{name}, line {one.line}: trade {one.trade_id} of {one.symbol} stands on line "
                f"{seen[key]} already; take one of them out"
            )
        seen[key] = one.line


def signed_sums(
    name: str,
    charges: Charges | None,
    obligation: Money | None,
    net: Money | None,
    *,
    unread: Sequence[str] = (),
) -> tuple[Money | None, Money | None]:
    """Obligation and net amount with money to the client above zero, where the file has both.

    A broker may print what the client pays as above zero; the charges tell which it is.

    Raises:
        BadInput: obligation, charges and net amount do not add up, so a line was not understood.
    """
    if charges is None or obligation is None or net is None:
        return obligation, net
    if abs(obligation - charges.total - net) <= ROUNDED:
        return obligation, net
    if abs(obligation + charges.total - net) <= ROUNDED:
        return -obligation, -net
    others = f", for instance {', '.join(unread[:5])}" if unread else ""
    raise BadInput(
        f"{name}: the trades come to {rupees(obligation)}, the charge lines that were understood "
        f"to {rupees(charges.total)}, and the net amount is {rupees(net)}; a line is missing or "
        f"stands twice{others}; correct the file"
    )
