"""Who trades through whom: logical accounts over broker logins, and how money arrives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from core.domain.money import ZERO, Money
from core.errors import BadInput


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
    """One session at one broker; secrets live in the key store, never here."""

    id: str
    broker: Broker
    mode: LoginMode
    label: str

    def __post_init__(self) -> None:
        if self.broker is Broker.PAPER and self.mode is LoginMode.LIVE:
            raise BadInput(f"{self.label}: the paper broker cannot hold a LIVE login; use PAPER")


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


@dataclass(frozen=True, slots=True)
class FundingPlan:
    """Money promised to an account: a lump sum now, an instalment each month, or both."""

    account_id: str
    version: int
    kind: FundingKind
    lump_sum: Money
    instalment: Money
    day_of_month: int
    starts_on: date
    months: int
    buffer: Money = ZERO

    def __post_init__(self) -> None:
        if self.lump_sum.paise < 0 or self.instalment.paise < 0 or self.buffer.paise < 0:
            raise BadInput(
                f"{self.account_id}: lump sum {self.lump_sum}, instalment {self.instalment} and "
                f"buffer {self.buffer} cannot be negative"
            )
        if self.instalment and not 1 <= self.day_of_month <= 28:
            raise BadInput(
                f"{self.account_id}: instalment day {self.day_of_month} must be 1 to 28, "
                "so that every month has it"
            )
        if self.kind is not FundingKind.LUMP_SUM and not self.instalment:
            raise BadInput(f"{self.account_id}: a {self.kind} plan needs an instalment above ₹0")
