"""Money that moves between two accounts, or back to the owner: proposed, approved, step by step.

Inside one login it moves at the approval. Across logins it leaves the account at the approval and
stands in clearing until a person has seen it arrive; the desk itself moves no money at a broker.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from core.domain.money import ZERO, Money
from core.errors import BadInput, IllegalTransition

OWNER = ""  # the account that a return goes to


class TransferStatus(StrEnum):
    """How far a transfer has got."""

    PROPOSED = "PROPOSED"
    MOVING = "MOVING"
    DONE = "DONE"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"


S = TransferStatus
NEXT: dict[TransferStatus, frozenset[TransferStatus]] = {
    # inside one login the approval is all there is
    S.PROPOSED: frozenset({S.MOVING, S.DONE, S.CANCELLED, S.EXPIRED}),
    S.MOVING: frozenset({S.DONE, S.CANCELLED}),  # cancelled only before money left its broker
    **dict.fromkeys((S.DONE, S.CANCELLED, S.EXPIRED), frozenset()),
}
UNDER_WAY = (S.PROPOSED, S.MOVING)


class StepName(StrEnum):
    """One thing that happens to the money, in this order."""

    MOVE = "move in the books"
    WITHDRAW = "withdraw at the broker"
    BANK = "seen in the bank"
    ADD = "add funds at the other broker"


@dataclass(frozen=True, slots=True)
class Step:
    """One step; `due_on` is None where the calendar is not loaded that far.

    `seen` is what a person saw arrive, None until it is confirmed.
    """

    name: StepName
    due_on: date | None
    seen: Money | None = None
    confirmed_at: datetime | None = None
    confirmed_by: str = ""


@dataclass(frozen=True, slots=True)
class Transfer:
    """One transfer as it stands; `to_account` is OWNER for a return.

    `pays_instalment` is a person's word that it pays what the other account's plan asks for; any
    other transfer leaves both plans as they are.
    """

    id: str
    from_account: str
    to_account: str
    amount: Money
    reason: str
    asked_by: str
    made_at: datetime
    expires_at: datetime
    steps: tuple[Step, ...]
    status: TransferStatus = TransferStatus.PROPOSED
    approved_at: datetime | None = None
    approved_by: str = ""
    ended: str = ""
    version: int = 1
    pays_instalment: bool = False
    ended_at: datetime | None = None

    def __post_init__(self) -> None:
        if self.amount <= ZERO:
            raise BadInput(f"a transfer of {self.amount} moves nothing; use an amount above ₹0")
        if self.from_account == self.to_account:
            raise BadInput(f"{self.from_account} cannot pay itself; name another account")
        if not self.reason.strip():
            raise BadInput("a transfer needs a reason; say what the money is for")
        if not self.steps:
            raise BadInput(f"transfer {self.id} has no step; give one or more")
        if self.pays_instalment and self.is_return:
            raise BadInput("a return to the owner pays no instalment; name an account, or leave it")

    @property
    def is_return(self) -> bool:
        """Whether the money goes back to the owner."""
        return self.to_account == OWNER

    @property
    def next_step(self) -> Step | None:
        """The first step that nobody has confirmed; None when all are."""
        return next((step for step in self.steps if step.confirmed_at is None), None)

    @property
    def in_clearing(self) -> Money:
        """What left the one account and has not arrived; ₹0 before approval and after the end."""
        return self.on_its_way if self.status is S.MOVING else ZERO

    @property
    def on_its_way(self) -> Money:
        """The amount, or what a person saw at the last confirmed step."""
        return next((step.seen for step in self.steps[::-1] if step.seen is not None), self.amount)

    def is_overdue(self, at: datetime) -> bool:
        """Whether it is a proposal that nobody approved in time."""
        return self.status is S.PROPOSED and at >= self.expires_at

    @property
    def is_at_broker(self) -> bool:
        """Whether money in clearing still lies at the broker it leaves."""
        return self.status is S.MOVING and self.steps[0].confirmed_at is None


def advance(
    transfer: Transfer, to: TransferStatus, *, ended: str = "", at: datetime | None = None
) -> Transfer:
    """Return the transfer moved to `to`, or raise IllegalTransition; `at` is when it ended."""
    if to not in NEXT[transfer.status]:
        raise IllegalTransition(
            f"transfer {transfer.id} is {transfer.status} and cannot become {to}"
        )
    if to is S.CANCELLED and transfer.status is S.MOVING and not transfer.is_at_broker:
        raise IllegalTransition(
            f"transfer {transfer.id}: {transfer.on_its_way} has left its broker and cannot be "
            "cancelled; confirm the steps that are left, or propose one back"
        )
    return replace(transfer, status=to, ended=ended, ended_at=at, version=transfer.version + 1)


def expired(transfer: Transfer) -> Transfer:
    """A proposal that nobody approved in time, ended on the moment its time ran out."""
    why = "nobody approved it in time"
    return advance(transfer, S.EXPIRED, ended=why, at=transfer.expires_at)


def confirmed(transfer: Transfer, *, seen: Money, at: datetime, by: str) -> Transfer:
    """The next step confirmed with the rupees seen; the status stays.

    Raises:
        IllegalTransition: it is not under way, or every step is confirmed.
        BadInput: nothing was seen, or more than was on its way.
    """
    step = transfer.next_step
    if transfer.status not in UNDER_WAY or step is None:
        raise IllegalTransition(f"transfer {transfer.id} is {transfer.status}; no step is left")
    if not ZERO < seen <= transfer.on_its_way:
        raise BadInput(
            f"transfer {transfer.id}: {seen} was seen and {transfer.on_its_way} was on its way; "
            "confirm at most that, and book what is beyond it as money added"
        )
    done = replace(step, seen=seen, confirmed_at=at, confirmed_by=by)
    steps = tuple(done if one is step else one for one in transfer.steps)
    return replace(transfer, steps=steps)


def bound_hash(transfer: Transfer, balances: str) -> str:
    """What a click signs: amount, accounts, steps, expiry and the balances that were shown."""
    fields = {
        "transfer": transfer.id,
        "version": transfer.version,
        "from": transfer.from_account,
        "to": transfer.to_account,
        "paise": transfer.amount.paise,
        "steps": [step.name for step in transfer.steps],
        "pays_instalment": transfer.pays_instalment,
        "expires_at": transfer.expires_at.isoformat(),
        "balances": balances,
    }
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def transfer_id(
    *, from_account: str, to_account: str, amount: Money, reason: str, at: datetime
) -> str:
    """A content-derived id; the same wish at the same moment is the same transfer."""
    basis = "\x1f".join((from_account, to_account, str(amount.paise), reason, at.isoformat()))
    return "tr" + hashlib.sha256(basis.encode()).hexdigest()[:12]
