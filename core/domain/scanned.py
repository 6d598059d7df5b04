"""What one scan of the universe came to, account by account: kept out, ranked, asked about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class TurnedDown:
    """One filter of one account: whom it turned down, and its sentence for the first of them."""

    name: str
    symbols: tuple[str, ...]
    example: str


@dataclass(frozen=True, slots=True)
class Placed:
    """One share in an account's order; `asked` says that it was sized, by the decision named."""

    place: int
    symbol: str
    words: str
    asked: bool
    decision_id: str = ""


@dataclass(frozen=True, slots=True)
class RiskShare:
    """What one position adds to its book's volatility per year; all of them add up to it."""

    symbol: str
    weight: float
    adds: float


@dataclass(frozen=True, slots=True)
class AccountScan:
    """One account: how many candidates it looked at, and what became of them.

    `volatility` says where its book stands beside its target, and `waiting` how many cards of
    earlier scans took a place of its few.
    """

    account_id: str
    account_name: str
    objective: str
    looked_at: int
    kept: int
    filters: tuple[TurnedDown, ...]
    placed: tuple[Placed, ...]
    volatility: str = ""
    waiting: int = 0
    risks: tuple[RiskShare, ...] = ()


@dataclass(frozen=True, slots=True)
class ScanRecord:
    """The newest scan as a person reads it; `refused` counts signals that were none."""

    at: datetime
    shares: int
    candidates: int
    refused: tuple[tuple[str, int], ...]
    accounts: tuple[AccountScan, ...]
