"""How old something is that should be new each second: a price, a look of the risk loop.

The market's clock stands still while the worker is silent, and a price would then look fresh
for ever; the silence counts as well.
"""

from __future__ import annotations

from datetime import datetime

from core.desk.desk import SILENT_AFTER, Desk
from core.domain.account import Market


def real_age(desk: Desk, at: datetime) -> float:
    """Real seconds since the market time `at`."""
    passed = desk.real_seconds((desk.clock.now() - at).total_seconds())
    if desk.market is not Market.SIM:
        return max(0.0, passed)
    return max(0.0, passed) + max(0.0, (desk.worker_age() or 0.0) - SILENT_AFTER)
