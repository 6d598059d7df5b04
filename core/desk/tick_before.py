"""The tick before the one that stands, kept for each plan whose stop looks at prices itself.

One wild tick must neither sell nor tighten; the tick after it shows whether the price is there.
"""

from __future__ import annotations

from collections.abc import Mapping

from core.desk.desk import Desk
from core.domain.money import Money
from core.domain.quote import Quote
from core.store import settings


def ticks_before(desk: Desk, standing: Mapping[str, Quote]) -> dict[str, Money | None]:
    """The last price of the tick before each quote, None where none was looked at, by plan id.

    Looking at the same quote again gives the same answer.
    """
    keys = {name: f"tick:{name}" for name in standing}
    with desk.store.read() as tx:
        settings.read_ahead(tx, list(keys.values()))
        kept = {name: settings.get(tx, key, None) for name, key in keys.items()}
    found: dict[str, Money | None] = {}
    new: dict[str, object] = {}
    for name, quote in standing.items():
        row, seen = kept[name], quote.at.isoformat()
        fresh = row is None or row["at"] != seen
        before = row and row["paise" if fresh else "before"]
        found[name] = None if before is None else Money(int(before))
        if fresh:
            new[keys[name]] = {"at": seen, "paise": quote.ltp.paise, "before": before}
    if new:
        with desk.store.write() as tx:
            settings.put_all(tx, new)
    return found
