"""The risk loop: mark every account each second, and stop what crosses a line.

It only ever makes a level stricter; letting go is a person's act.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session

from core.desk.alarm import raise_alarm
from core.desk.books import Standing, standing
from core.desk.desk import Desk
from core.desk.kill import set_level
from core.domain.clock import ist_day
from core.domain.instrument import Instrument
from core.domain.ledger import FUNDING
from core.domain.mandate import Mandate
from core.domain.money import ZERO, Money, total
from core.domain.plan import PlanStatus
from core.domain.protection import ProtectionStatus
from core.domain.quote import Quote
from core.domain.risk import DESK, KillLevel, KillSwitch, RiskSnapshot
from core.risk.book import Line, snapshot
from core.risk.levels import breaches, desk_breaches
from core.store import accounts, instruments, kills, ledger, mandates, plans, protections, quotes
from core.store import risk as risks
from core.store import settings
from core.desk.settle import held_qty

COVERED = (ProtectionStatus.VERIFIED, ProtectionStatus.PLACED, ProtectionStatus.ARMED_LOCAL)


def watch(desk: Desk) -> list[RiskSnapshot]:
    """One look at every account and the desk; stores snapshots and raises levels."""
    at = desk.clock.now()
    with desk.store.read() as tx:
        prices = quotes.all_quotes(tx)
        listed = {item.isin: item for item in instruments.all_instruments(tx)}
        running = [a for a in accounts.accounts(tx) if a.closed_at is None]
        looks = [
            _look(desk, tx, account.id, prices=prices, listed=listed, at=at) for account in running
        ]
        rules = {account.id: mandates.current(tx, account.id) for account in running}
    with desk.store.write() as tx:
        for scope, kept, _ in looks:
            settings.put(tx, f"day:{scope}", kept)
        for _, _, found in looks:
            risks.put(tx, found)
    snapshots = [found for _, _, found in looks]
    _raise_levels(desk, snapshots, rules)
    return snapshots
