"""Deployable cash: the one sum of what may go into new positions, with every part left out of it.

`desk.deploy` gathers the parts from books, mandate, plan and broker; pages, terminal, sizing, the
click and the send all go by this sum.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from core.domain.money import ZERO, Money


@dataclass(frozen=True, slots=True)
class Deployable:
    """What may be put into new positions, with the parts it is worked out from.

    `cash` is all money at the broker, reserved money included. `blocked` is what open short sales
    keep, `waiting` money that came for tranches not released yet, `late` late instalments that
    wait for their day, `unsettled` what a broker gives of sales only by `settles_on`, beyond what
    stays anyway. `short` is what is missing to keep the floor and the buffer, ₹0 when nothing is.
    """

    cash: Money
    reserved: Money
    floor: Money
    buffer: Money
    waiting: Money = ZERO
    late: Money = ZERO
    blocked: Money = ZERO
    unsettled: Money = ZERO
    settles_on: date | None = None

    @property
    def amount(self) -> Money:
        """Cash less reserved, blocked, floor, buffer and what waits, never below ₹0."""
        return max(ZERO, self._kept - self.waiting - self.late - self.unsettled)

    @property
    def once_settled(self) -> Money:
        """The same as if all sales had settled: what may be promised for a later day."""
        return max(ZERO, self._kept - self.waiting - self.late)

    @property
    def short(self) -> Money:
        return max(ZERO, -self._kept)

    @property
    def parts(self) -> tuple[tuple[str, Money], ...]:
        """Where the cash stands, step by step; the parts add up to it, below ₹0 too."""
        left = max(ZERO, self.cash)
        found = []
        for name, wanted in (
            ("reserved", self.reserved),
            ("blocked", self.blocked),
            ("floor", self.floor),
            ("buffer", self.buffer),
            ("waiting", self.waiting),
            ("late", self.late),
            ("unsettled", self.unsettled),
        ):
            taken = min(max(ZERO, wanted), left)
            left -= taken
            found.append((name, taken))
        return (*found, ("deployable", left), ("overdrawn", min(ZERO, self.cash)))

    @property
    def _kept(self) -> Money:
        return self.cash - self.reserved - self.blocked - self.floor - self.buffer


def deployable(
    *,
    cash: Money,
    reserved: Money,
    floor: Money,
    buffer: Money = ZERO,
    waiting: Money = ZERO,
    late: Money = ZERO,
    blocked: Money = ZERO,
    unsettled: Money = ZERO,
    settles_on: date | None = None,
) -> Deployable:
    """Deployable cash with its parts.

    Args:
        cash: the cash ledger plus the reserved ledger.
        reserved: the reserved ledger.
        floor: the mandate's cash floor.
        buffer: the funding plan's buffer.
        waiting: money received for tranches that are not released.
        late: late instalments that may not go into the market yet.
        blocked: what open short sales keep.
        unsettled: what sales brought and may not be spent yet, beyond what stays anyway.
        settles_on: the day by which that may be spent; None where it is not known.
    """
    return Deployable(
        cash=cash,
        reserved=reserved,
        floor=floor,
        buffer=buffer,
        waiting=waiting,
        late=late,
        blocked=blocked,
        unsettled=unsettled,
        settles_on=settles_on,
    )
