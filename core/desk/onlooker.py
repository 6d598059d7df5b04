"""Read what brokers hold while the store cannot be used: orders, GTTs and shares, and no write.

The logins are those the worker used last, with the sessions sealed in the desk's home. Nobody can
log in, and nothing is decided; a broker that cannot be asked is said with its last rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Protocol

from core.brokers.paper import PaperBroker
from core.brokers.vault import Vault, open_vault
from core.config import Settings
from core.desk.desk import REFERENCE, calendar_now
from core.desk.doors import DOORS, Door, Heard, Opened, door_of
from core.desk.open_market import PAPER_LOGIN
from core.desk.seen import Held, Outside, Seen, Sight, read_outside
from core.domain.account import Broker, BrokerLogin, Market
from core.domain.calendar import Phase
from core.domain.clock import Clock, SteppedClock, WallClock
from core.domain.instrument import Instrument
from core.domain.ports import BrokerOrder, GttOrder
from core.errors import MunimError, SessionDead
from core.providers.sim.market import SIM_STARTS_ON
from core.providers.universe_file import load_universe

NOBODY: Final = "nobody is logged in, and a login needs the store; see the broker's own app"


class Reads(Protocol):
    """What is asked of a broker here."""

    def orders(self) -> Sequence[BrokerOrder]: ...

    def gtts(self) -> Sequence[GttOrder]: ...

    def holdings(self) -> dict[str, int]: ...


@dataclass(slots=True)
class Onlooker:
    """The worker without its store; sessions stay open from look to look."""

    settings: Settings
    sentence: str
    since: datetime
    doors: Mapping[Broker, Door] = field(default_factory=lambda: DOORS)
    vault: Callable[[Path], Vault] = open_vault
    opened: dict[str, Reads] = field(default_factory=dict)
    last: dict[str, Sight] = field(default_factory=dict)

    def look(self, *, at: datetime) -> Seen:
        """Ask every login once; one that does not answer keeps the rows it told last."""
        trouble = ""
        try:
            known = read_outside(self.settings.home)
        except MunimError as unreadable:
            known, trouble = Outside((), ()), str(unreadable)
        if self.settings.market is Market.SIM:
            known = Outside((PAPER_LOGIN, *known.logins), known.shares or _listed())
        names = {one.isin: one.symbol for one in known.shares}
        for login in known.logins:
            self.last[login.id] = self._sight(login, known, names, at=at)
        said = f"{self.sentence}; {trouble}" if trouble else self.sentence
        return Seen(said, self.since, at, tuple(self.last.values()))

    def _sight(
        self, login: BrokerLogin, known: Outside, names: Mapping[str, str], *, at: datetime
    ) -> Sight:
        before = self.last.get(login.id) or Sight(login.id, login.label, None, "")
        try:
            reads = self.opened.get(login.id) or self._open(login, known)
            self.opened[login.id] = reads
            return Sight(
                login_id=login.id,
                label=login.label,
                read_at=at,
                trouble="",
                held=tuple(
                    Held(isin, names.get(isin, isin), qty)
                    for isin, qty in sorted(reads.holdings().items())
                ),
                orders=tuple(reads.orders()),
                gtts=tuple(one for one in reads.gtts() if one.active),
            )
        except MunimError as failure:
            if isinstance(failure, SessionDead):
                self.opened.pop(login.id, None)
            return Sight(
                before.login_id, before.label, before.read_at, str(failure),
                before.held, before.orders, before.gtts,
            )  # fmt: skip

    def _open(self, login: BrokerLogin, known: Outside) -> Reads:
        universe = {one.isin: one for one in known.shares}
        if login.broker is Broker.PAPER:
            return paper_as_left(self.settings.home, universe)
        kept = self.vault(self.settings.home / "sessions").get(login.id)
        if kept is None:
            raise SessionDead(NOBODY)
        opened: Opened = door_of(self.doors, login.broker).open(
            login,
            kept,
            universe=universe,
            clock=_clock(self.settings),
            heard=Heard(quotes=lambda _quotes: None, hint=lambda: None),
        )
        return opened.session


def paper_as_left(home: Path, universe: Mapping[str, Instrument]) -> PaperBroker:
    """The paper broker at the second its market was left; no price reaches it."""
    clock = SteppedClock(calendar_now().session(SIM_STARTS_ON).opens_at.astimezone(UTC))
    broker = PaperBroker(
        home / "exchange.db",
        login_id=PAPER_LOGIN.id,
        instruments=universe,
        clock=clock,
        phase_of=lambda _item, _at: Phase.CLOSED,
    )
    if (left := broker.saved_clock()) is not None:
        clock.move_to(left)
    return broker


def _clock(settings: Settings) -> Clock:
    """A sandbox keeps the simulated market's time, a broker its own."""
    if settings.market is not Market.SIM:
        return WallClock()
    with suppress(MunimError):
        broker = paper_as_left(settings.home, {})
        left = broker.saved_clock()
        broker.close()
        if left is not None:
            return SteppedClock(left)
    return WallClock()


def _listed() -> tuple[Instrument, ...]:
    return tuple(load_universe(REFERENCE / "universe.csv"))
