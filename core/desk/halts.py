"""A market-wide halt at the desk: entries wait, protection stays, and its dated end lifts it.

The rule of the day says how long a move of the index stops trading. While it lasts nothing can
trade: no entry goes out, no exit gives up its broker stop, and stops rest where they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlmodel import Session

from core.desk.alarm import raise_alarm
from core.desk.desk import REFERENCE, Desk
from core.domain.calendar import Phase
from core.domain.clock import ist_day
from core.domain.halts import Halt, HaltTable, market_halt
from core.domain.instrument import Instrument
from core.domain.words import ist_time
from core.errors import OutsideCalendar
from core.providers.calendar_file import load_halts
from core.store import settings

KEY = "market halt"
TAKES_ENTRIES = frozenset({Phase.PRE_OPEN, Phase.CONTINUOUS})


@dataclass(frozen=True, slots=True)
class Halted:
    """A halt that stands; `until` None lasts for the rest of the day."""

    move_pct: int
    began_at: datetime
    until: datetime | None

    @property
    def sentence(self) -> str:
        """What a person reads."""
        ends = "for the rest of the day" if self.until is None else f"until {_hm(self.until)}"
        return (
            f"Trading is halted market-wide since {_hm(self.began_at)}, the index moved "
            f"{self.move_pct} %, {ends}; no entry goes out, stops stay where they are"
        )


@lru_cache(maxsize=1)
def halt_tables() -> tuple[HaltTable, ...]:
    """The dated rules in the committed calendar, read once."""
    return load_halts(REFERENCE / "calendar.json")


def note_move(desk: Desk, move: float, *, at: datetime) -> Halted | None:
    """Take an index move since the previous close to the desk; the halt it brought, if any.

    A step of the rules halts a day once. Raises OutsideCalendar where the rule is not loaded.
    """
    found = market_halt(halt_tables(), move=move, at=at)
    if found is None:
        return None
    with desk.store.read() as tx:
        before = _kept(tx)
    same_day = before is not None and ist_day(before.began_at) == ist_day(at)
    if before is not None and same_day and before.move_pct >= found.move_pct:
        return before
    with desk.store.write() as tx:
        made = _keep(tx, found, at=at)
        raise_alarm(
            tx,
            id=f"halt:{ist_day(at)}:{found.move_pct}",
            isin="",
            symbol="",
            at=at,
            sentence=made.sentence,
        )
    return made


def halted(tx: Session, *, at: datetime) -> Halted | None:
    """The market-wide halt that stands at a moment; None when trading goes on."""
    found = _kept(tx)
    if found is None or ist_day(found.began_at) != ist_day(at) or at < found.began_at:
        return None
    return None if found.until is not None and at >= found.until else found


def why_halted(tx: Session, *, at: datetime) -> str:
    """Why nothing may be entered now; empty when trading goes on."""
    found = halted(tx, at=at)
    return "" if found is None else found.sentence


def _keep(tx: Session, found: Halt, *, at: datetime) -> Halted:
    until = None if found.ends_at is None else found.ends_at.isoformat()
    kept = {"move_pct": found.move_pct, "began_at": at.isoformat(), "until": until}
    settings.put(tx, KEY, kept)
    return Halted(found.move_pct, at, found.ends_at)


def _kept(tx: Session) -> Halted | None:
    row = settings.get(tx, KEY, None)
    if row is None:
        return None
    until = None if row["until"] is None else datetime.fromisoformat(row["until"])
    return Halted(int(row["move_pct"]), datetime.fromisoformat(row["began_at"]), until)


def _hm(at: datetime) -> str:
    return ist_time(at, seconds=False)


def why_shut(desk: Desk, share: Instrument) -> str:
    """Why no entry may go out in the share's phase of the day; empty while one may."""
    now = desk.clock.now()
    try:
        phase = desk.calendar.phase(now, has_derivatives=share.has_derivatives)
    except OutsideCalendar as unknown:
        return f"{share.symbol}: {unknown}"
    if phase in TAKES_ENTRIES or (phase is Phase.CLOSING_AUCTION and share.has_derivatives):
        return ""
    return f"{share.symbol}: the market is {phase} at {ist_time(now)}; wait for the next open"
