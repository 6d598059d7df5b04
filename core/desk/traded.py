"""Which shares may be studied and traded, where prices of others are kept to be looked at."""

from __future__ import annotations

from datetime import date

from sqlmodel import Session

from core.store import bars, instruments, ledger


def traded_with_bars(tx: Session, *, until: date) -> list[str] | None:
    """ISINs a decision may see: traded or held, with a bar by a day; None where all are traded.

    What is held stays in sight after its universe is traded no more, because a book is measured
    against it.
    """
    listed = instruments.all_instruments(tx)
    if all(one.is_traded for one in listed):
        return None
    held = {one.isin for one in ledger.positions(tx)}
    wanted = sorted(one.isin for one in listed if one.is_traded or one.isin in held)
    return sorted(bars.with_bars(tx, wanted, until=until))
