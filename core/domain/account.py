"""Who trades through whom: logical accounts over broker logins, and how money arrives."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

from core.domain.money import ZERO, Money, total
from core.errors import BadInput

LOGIN_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")  # it names a file
LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")


class Market(StrEnum):
    """What a store is stamped with; it refuses any other."""

    SIM = "sim"
    REPLAY = "replay"
    LIVE = "live"


class LoginMode(StrEnum):
    """Whether a login moves real money."""

    PAPER = "PAPER"
    LIVE = "LIVE"


class Broker(StrEnum):
    """The brokers an order can go to."""

    PAPER = "paper"
    ZERODHA = "zerodha"
    UPSTOX = "upstox"
    FYERS = "fyers"


@dataclass(frozen=True, slots=True)
class BrokerLogin:
    """One session at one broker; secrets live in the key store, never here.

    `user_id` is who must log in. `address` is empty for the broker's own; another one is a
    sandbox on this machine, and `control` is the port on which its clock is set.
    """

    id: str
    broker: Broker
    mode: LoginMode
    label: str
    user_id: str = ""
    address: str = ""
    control: str = ""

    def __post_init__(self) -> None:
        if not LOGIN_ID.fullmatch(self.id):
            raise BadInput(f"login {self.id[:70]!r}: use letters, digits, . _ and - in its id")
        if self.broker is Broker.PAPER and self.mode is LoginMode.LIVE:
            raise BadInput(f"{self.label}: the paper broker cannot hold a LIVE login; use PAPER")
        if self.broker is Broker.PAPER and (self.address or self.control):
            raise BadInput(f"{self.label}: the paper broker has no address; leave it out")
        for what, address in (("address", self.address), ("control address", self.control)):
            if address and not is_sandbox_address(address):
                raise BadInput(
                    f"{self.label}: the {what} {address[:60]!r} is no sandbox on this machine; "
                    "write it as http://127.0.0.1:8770, or leave it out for the broker's own"
                )
        if self.control and not self.address:
            raise BadInput(f"{self.label}: only a sandbox has a control address; leave it out")
        if self.is_sandbox and self.mode is LoginMode.LIVE:
            raise BadInput(f"{self.label} is a sandbox and moves no real money; use PAPER")

    @property
    def is_sandbox(self) -> bool:
        """Whether it practises at a sandbox on this machine."""
        return bool(self.address)


def is_sandbox_address(address: str) -> bool:
    """Whether an address is plain HTTP on a port of this machine, without a path."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return False
    bare = not (parts.path or parts.query or parts.fragment or parts.username)
    return parts.scheme == "http" and parts.hostname in LOOPBACK and bool(port) and bare


def refuse_live(login: BrokerLogin, market: Market) -> None:
    """Raise BadInput when a LIVE login would stand under a sim or replay market."""
    if login.mode is LoginMode.LIVE and market is not Market.LIVE:
        raise BadInput(
            f"{login.label} is a LIVE login and this store is stamped {market}; "
            "open a store stamped live, or make the login PAPER"
        )


@dataclass(frozen=True, slots=True)
class Account:
    """A logical account ("Event tactical"); it belongs to one login."""

    id: str
    name: str
    login_id: str
    opened_at: datetime
    closed_at: datetime | None = None


class FundingKind(StrEnum):
    """How money arrives."""

    LUMP_SUM = "lump sum"
    SIP = "SIP"
    HYBRID = "hybrid"


class TrancheTrigger(StrEnum):
    """What lets a part of the lump sum be put into the market."""

    IMMEDIATE = "immediate"
    DATE = "date"
    INDEX_FALL = "index fall"  # the NIFTY 50 below its highest close since the plan started
    ACCOUNT_FALL = "account fall"  # the account's drawdown, as the risk loop measures it
    EVENT = "event"  # an event tagged with the named type
    CLICK = "click"  # a person says so


@dataclass(frozen=True, slots=True)
class Tranche:
    """One part of a lump sum, held back until its trigger fires.

    Of `on`, `fall` (a positive fraction of the peak) and `event_type` only the one that the
    trigger reads is set. A person's click releases any tranche.
    """

    amount: Money
    trigger: TrancheTrigger = TrancheTrigger.IMMEDIATE
    on: date | None = None
    fall: float = 0.0
    event_type: str = ""

    def __post_init__(self) -> None:
        wanted = self.trigger
        if self.amount.paise <= 0:
            raise BadInput(f"a tranche of {self.amount} releases nothing; use an amount above ₹0")
        if (wanted is TrancheTrigger.DATE) != (self.on is not None):
            raise BadInput(f"a tranche by {wanted} has the day {self.on}; only one by date has one")
        falls = wanted in {TrancheTrigger.INDEX_FALL, TrancheTrigger.ACCOUNT_FALL}
        if falls and not 0.0 < self.fall <= 0.80:
            raise BadInput(
                f"a tranche by {wanted} waits for a fall of {self.fall:.2%}; use one above 0% and "
                "at most 80%"
            )
        if not falls and self.fall:
            raise BadInput(f"a tranche by {wanted} waits for no fall; leave {self.fall:.2%} out")
        if (wanted is TrancheTrigger.EVENT) != bool(self.event_type):
            raise BadInput(
                f"a tranche by {wanted} names the event type {self.event_type!r}; only one by "
                "event names one"
            )


class LateMoney(StrEnum):
    """When missed instalments that come together may be put into the market."""

    AT_ONCE = "at once"
    EVENLY = "evenly"  # the first at once, each further one on an instalment day after


CARRIED_MAX: Final = 3


@dataclass(frozen=True, slots=True)
class FundingPlan:
    """Money promised to an account: a lump sum now, an instalment each month, or both.

    The lump sum may come in `tranches` that add up to it; without any it is free at once. A day
    of the month that a month lacks is its last day. A missed instalment is carried forward and
    asked for with the next one, at most `carried_max` of them and, where `carried_cap` is not
    ₹0, at most that much; the oldest beyond that lapses.

    A version holds from `saved_at` on: instalments due before it and money that came before it
    stay as the version of that time had them. `began_at` is when the first version of this start
    was saved; versions that have it in common are one plan. `already_in` is what lay free in the
    account when the lump sum was named; it pays the lump sum first. `desk.fund` sets all three.
    """

    account_id: str
    version: int
    kind: FundingKind
    lump_sum: Money
    instalment: Money
    day_of_month: int
    starts_on: date
    months: int
    buffer: Money = ZERO
    tranches: tuple[Tranche, ...] = ()
    carried_max: int = CARRIED_MAX
    carried_cap: Money = ZERO
    late_money: LateMoney = LateMoney.AT_ONCE
    already_in: Money = ZERO
    began_at: datetime | None = None
    saved_at: datetime | None = None

    def __post_init__(self) -> None:
        if self.lump_sum.paise < 0 or self.instalment.paise < 0 or self.buffer.paise < 0:
            raise BadInput(
                f"{self.account_id}: lump sum {self.lump_sum}, instalment {self.instalment} and "
                f"buffer {self.buffer} cannot be negative"
            )
        if self.instalment and not 1 <= self.day_of_month <= 31:
            raise BadInput(
                f"{self.account_id}: instalment day {self.day_of_month} must be 1 to 31; a month "
                "without it takes its last day"
            )
        if self.instalment and self.months < 1:
            raise BadInput(
                f"{self.account_id}: {self.instalment} for {self.months} months promises nothing; "
                "give 1 month or more"
            )
        if self.kind is not FundingKind.LUMP_SUM and not self.instalment:
            raise BadInput(f"{self.account_id}: a {self.kind} plan needs an instalment above ₹0")
        if self.kind is FundingKind.HYBRID and not self.lump_sum:
            raise BadInput(
                f"{self.account_id}: a hybrid plan needs a lump sum; without one it is SIP"
            )
        if self.kind is FundingKind.LUMP_SUM and self.instalment:
            raise BadInput(
                f"{self.account_id}: a lump sum has no instalment and {self.instalment} a month is "
                "given; make it hybrid, or SIP without the lump sum"
            )
        if self.kind is FundingKind.SIP and self.lump_sum:
            raise BadInput(
                f"{self.account_id}: a SIP has no lump sum and {self.lump_sum} is given; make it "
                "hybrid, or leave it out"
            )
        if not 0 <= self.carried_max <= 12 or self.carried_cap.paise < 0:
            raise BadInput(
                f"{self.account_id}: {self.carried_max} missed instalments up to "
                f"{self.carried_cap} are carried; use 0 to 12, and ₹0 for no cap in rupees"
            )
        parts = total(one.amount for one in self.tranches)
        if self.tranches and parts != self.lump_sum:
            raise BadInput(
                f"{self.account_id}: the tranches add up to {parts} and the lump sum is "
                f"{self.lump_sum}; make them agree"
            )


@dataclass(frozen=True, slots=True)
class Firing:
    """A tranche was let go, once: by what, and what was seen.

    `day` is the day of the evidence, which can lie before `fired_at`; `words` say the evidence
    with its numbers.
    """

    account_id: str
    tranche_id: str
    plan_version: int
    amount: Money
    fired_at: datetime
    day: date
    by: str
    words: str
