"""What a backtest is asked for and what it leaves behind; the playing is in `core.backtest.run`.

The request is checked before a job is made of it, so that a person reads at once what is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from core.desk.desk import Desk
from core.desk.history import HISTORY_MIN, way_to_more
from core.desk.jobs import ask
from core.domain.job import JobRequest
from core.domain.money import Money
from core.errors import BadInput
from core.mandates.defaults import EVENT, MOMENTUM
from core.store import bars, instruments

BOTH = "both"
STRATEGIES = (BOTH, EVENT, MOMENTUM)
SESSIONS_MAX = 250
SHARES_MIN = 5


@dataclass(frozen=True, slots=True)
class Trial:
    """A checked request: which sessions and which shares, for which strategy."""

    strategy: str
    sessions: tuple[date, ...]
    isins: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TrialTrade:
    """One plan of a backtest; `pnl` is after the charges of its fills, None while it is open."""

    symbol: str
    account_id: str
    qty: int
    entered_at: datetime
    entry: Money
    left_at: datetime | None
    exit: Money | None
    charges: Money
    pnl: Money | None
    how: str


@dataclass(frozen=True, slots=True)
class BacktestResult:
    """Equity of all accounts at each session's end, and what happened on the way.

    `equity` has one more point than there are sessions: the money at the start comes first.
    `market` is the mean of the shares' own returns, compounded from 1, at the same points.
    """

    strategy: str
    days: tuple[date, ...]
    equity: tuple[Money, ...]
    market: tuple[float, ...]
    exposure: tuple[float, ...]
    trades: tuple[TrialTrade, ...]
    shares: int
    charges: Money
    books_off: Money
    events_read: int
    events_mapped: int
    decided: int
    cards: int
    approved: int
    model_version: str
    model_votes: bool
    invented_prices: bool


def check(
    desk: Desk, *, strategy: str, start: date, end: date, symbols: Sequence[str] = ()
) -> Trial:
    """The request as sessions and ISINs; no symbols means every share with bars.

    Raises:
        BadInput: an unknown strategy, days the wrong way round, too many or too few sessions.
        NotFound: an unknown symbol.
        OutsideCalendar: a day outside the loaded calendar.
    """
    if strategy not in STRATEGIES:
        raise BadInput(f"{strategy!r} is no strategy; use one of {', '.join(STRATEGIES)}")
    if end < start:
        raise BadInput(f"the backtest ends on {end}, before it starts on {start}; swap them")
    wanted = desk.calendar.sessions(start, end)
    with desk.store.read() as tx:
        stored = bars.sessions(tx)
        isins = _isins(tx, symbols)
    sessions = tuple(sorted(set(wanted) & set(stored)))
    if not sessions:
        span = f"{stored[0]} to {stored[-1]}" if stored else "none yet"
        raise BadInput(f"no bars from {start} to {end}; stored are {span}")
    if len(sessions) > SESSIONS_MAX:
        raise BadInput(
            f"{start} to {end} has {len(sessions)} sessions and one run takes {SESSIONS_MAX}; "
            "choose a shorter stretch"
        )
    _enough_before(desk, sessions[0], stored)
    return Trial(strategy=strategy, sessions=sessions, isins=isins)


def ask_backtest(
    desk: Desk, *, strategy: str, start: date, end: date, symbols: Sequence[str], by: str
) -> JobRequest:
    """Ask the worker for a backtest that can be run."""
    check(desk, strategy=strategy, start=start, end=end, symbols=symbols)
    return ask(
        desk,
        "backtest",
        by=by,
        strategy=strategy,
        start=start.isoformat(),
        end=end.isoformat(),
        symbols=list(symbols),
    )


def _isins(tx: Session, symbols: Sequence[str]) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(instruments.by_symbol(tx, symbol).isin for symbol in symbols))
    if symbols and len(found) < SHARES_MIN:
        raise BadInput(
            f"{len(found)} shares are too few to train on; name {SHARES_MIN} or more, or none "
            "for all of them"
        )
    return found


def _enough_before(desk: Desk, first: date, stored: tuple[date, ...]) -> None:
    before = sum(1 for session in stored if session < first)
    if before >= HISTORY_MIN:
        return
    if len(stored) <= HISTORY_MIN:
        lacking = HISTORY_MIN + 1 - len(stored)
        raise BadInput(
            f"{len(stored)} sessions are stored and {HISTORY_MIN} must lie before a backtest; "
            f"{way_to_more(desk, lacking=lacking, last=stored[-1])}"
        )
    raise BadInput(
        f"{before} sessions lie before {first} and {HISTORY_MIN} are needed; start on "
        f"{stored[HISTORY_MIN]} or later"
    )
