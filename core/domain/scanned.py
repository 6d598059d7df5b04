"""What one scan of the universe came to, account by account: kept out, ranked, asked about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class TurnedDown:
    """One filter of one account: whom it turned down, and why.

    `whys` has a sentence for each symbol, or one alone where it is the same for all.
    """

    name: str
    symbols: tuple[str, ...]
    whys: tuple[str, ...]

    def why(self, symbol: str) -> str:
        """The sentence for one of the symbols."""
        at = self.symbols.index(symbol)
        return self.whys[at if len(self.whys) > 1 else 0]


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

    `placed` is the head of its order and `beyond` the symbols further down. `volatility` says where
    its book stands beside its target, and `waiting` how many cards of earlier scans took a place of
    its few.
    """

    account_id: str
    account_name: str
    objective: str
    looked_at: int
    kept: int
    filters: tuple[TurnedDown, ...]
    placed: tuple[Placed, ...]
    beyond: tuple[str, ...] = ()
    volatility: str = ""
    waiting: int = 0
    risks: tuple[RiskShare, ...] = ()


@dataclass(frozen=True, slots=True)
class ScanRecord:
    """The newest scan as a person reads it; `no_signal` are the shares that have none, by reason.

    `candidates` is how many shares some account was asked about.
    """

    at: datetime
    shares: int
    candidates: int
    no_signal: tuple[tuple[str, tuple[str, ...]], ...]
    accounts: tuple[AccountScan, ...]
