"""The tick before the one that stands, kept for each plan whose stop looks at prices itself.

One wild tick must neither sell nor tighten; the tick after it shows whether the price is there.
"""

from __future__ import annotations

from core.desk.desk import Desk
from core.domain.money import Money
from core.domain.plan import Plan
from core.domain.quote import Quote
from core.store import settings


def tick_before(desk: Desk, plan: Plan, quote: Quote) -> Money | None:
    """The last price of the tick before this quote, None where none was looked at.

    Looking at the same quote again gives the same answer.
    """
    key, seen = f"tick:{plan.id}", quote.at.isoformat()
    with desk.store.read() as tx:
        kept = settings.get(tx, key, None)
    if kept is not None and kept["at"] == seen:
        return None if kept["before"] is None else Money(int(kept["before"]))
    before = None if kept is None else int(kept["paise"])
    with desk.store.write() as tx:
        settings.put(tx, key, {"at": seen, "paise": quote.ltp.paise, "before": before})
    return None if before is None else Money(before)
