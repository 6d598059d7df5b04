"""A broker that fails as told, for tests of the desk: scripted faults before a real PaperBroker.

Each fault is used up by one write of the named verb. `writes` lists every request that left the
desk, also those that never arrived, so that a test can count sends.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from core.brokers.paper import PaperBroker
from core.domain.calendar import Phase
from core.domain.clock import Clock
from core.domain.instrument import Instrument
from core.domain.money import Money
from core.domain.order import Fill, Order, Product, Side
from core.domain.ports import BrokerOrder, GttOrder
from core.domain.quote import Quote
from core.errors import (
    BrokerRefused,
    MunimError,
    OutcomeUnknown,
    SessionDead,
    SourceFailed,
    Throttled,
)
from core.exchange.rules import Rules
from core.exchange.values import ExchangeEvent


class Verb(StrEnum):
    """The writes a fault can be put on."""

    PLACE = "place"
    CANCEL = "cancel"
    MODIFY = "modify"
    PLACE_GTT = "place_gtt"
    MODIFY_GTT = "modify_gtt"
    CANCEL_GTT = "cancel_gtt"


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with one write, and whether the broker did it all the same."""

    error: MunimError
    accepted: bool


class FakeBroker:
    """A BrokerSession with scripted faults; without one it is the PaperBroker behind it."""

    def __init__(self, paper: PaperBroker, clock: Clock) -> None:
        self.paper = paper
        self.writes: list[tuple[Verb, object]] = []
        self._clock = clock
        self._faults: dict[Verb, list[Fault]] = {verb: [] for verb in Verb}
        self._failing_reads = 0
        self._dead = False
        self._hide_seconds = 0.0
        self._hidden_until: dict[str, float] = {}
        self._tag_comes_back: Callable[[str], str] = str

    # The script

    def accept_then_timeout(self, verb: Verb = Verb.PLACE) -> None:
        """The next write is done and the answer is lost."""
        self._script(verb, OutcomeUnknown(f"{verb}: no answer after 7 s; look it up"), True)

    def drop_before_accept(self, verb: Verb = Verb.PLACE) -> None:
        """The next write never arrives and neither does an answer."""
        self._script(verb, OutcomeUnknown(f"{verb}: no answer after 7 s; look it up"), False)

    def refuse(self, reason: str, verb: Verb = Verb.PLACE) -> None:
        """The next write is turned down with this reason."""
        self._script(verb, BrokerRefused(reason), False)

    def throttle(self, verb: Verb = Verb.PLACE) -> None:
        """The next write is not accepted for coming too soon."""
        self._script(verb, Throttled(f"{verb}: too many requests; wait 1 s"), False)

    def delay_visibility(self, seconds: float) -> None:
        """Orders and GTTs placed from now on show in reads only after so many seconds."""
        self._hide_seconds = seconds

    def fail_reads(self, times: int) -> None:
        """The next reads cannot be answered."""
        self._failing_reads = times

    def die(self) -> None:
        """The session ends: reads and writes raise SessionDead until `log_in`."""
        self._dead = True

    def log_in(self) -> None:
        """A person logs in again."""
        self._dead = False

    def alter_tags(self, comes_back: Callable[[str], str]) -> None:
        """Order books show this of a tag from now on."""
        self._tag_comes_back = comes_back

    # Reads

    def orders(self) -> Sequence[BrokerOrder]:
        """Every order of the broker's day that shows already."""
        self._read()
        return [
            replace(order, tag=self._tag_comes_back(order.tag))
            for order in self.paper.orders()
            if self._shows(order.broker_order_id)
        ]

    def trades(self) -> Sequence[Fill]:
        """Every trade of the broker's day whose order shows already."""
        self._read()
        return [trade for trade in self.paper.trades() if self._shows(trade.order_id)]

    def gtts(self) -> Sequence[GttOrder]:
        """GTTs that show already."""
        self._read()
        return [gtt for gtt in self.paper.gtts() if self._shows(gtt.gtt_id)]

    def holdings(self) -> dict[str, int]:
        """Net shares by ISIN."""
        self._read()
        return self.paper.holdings()

    # Writes

    def place(self, order: Order) -> str:
        """Send one order, or fail as scripted."""
        return self._hidden(self._write(Verb.PLACE, order, lambda: self.paper.place(order)))

    def cancel(self, broker_order_id: str) -> None:
        """Cancel, or fail as scripted."""
        self._write(Verb.CANCEL, broker_order_id, lambda: self._cancelled(broker_order_id))

    def modify(
        self,
        broker_order_id: str,
        *,
        limit: Money | None = None,
        qty: int | None = None,
        trigger: Money | None = None,
    ) -> None:
        """Change an order, or fail as scripted."""

        def modify() -> str:
            self.paper.modify(broker_order_id, limit=limit, qty=qty, trigger=trigger)
            return broker_order_id

        self._write(Verb.MODIFY, (broker_order_id, limit), modify)

    def place_gtt(
        self,
        *,
        isin: str,
        symbol: str,
        qty: int,
        side: Side,
        stop: Money,
        target: Money,
        product: Product,
    ) -> str:
        """Rest a pair, or fail as scripted."""

        def place() -> str:
            return self.paper.place_gtt(
                isin=isin,
                symbol=symbol,
                qty=qty,
                side=side,
                stop=stop,
                target=target,
                product=product,
            )

        return self._hidden(self._write(Verb.PLACE_GTT, (isin, qty, stop, target), place))

    def modify_gtt(self, gtt_id: str, *, qty: int, stop: Money, target: Money) -> None:
        """Change a pair, or fail as scripted."""

        def modify() -> str:
            self.paper.modify_gtt(gtt_id, qty=qty, stop=stop, target=target)
            return gtt_id

        self._write(Verb.MODIFY_GTT, (gtt_id, qty, stop, target), modify)

    def cancel_gtt(self, gtt_id: str) -> None:
        """Take a pair away, or fail as scripted."""

        def cancel() -> str:
            self.paper.cancel_gtt(gtt_id)
            return gtt_id

        self._write(Verb.CANCEL_GTT, gtt_id, cancel)

    def on_quotes(self, quotes: Sequence[Quote]) -> Sequence[ExchangeEvent]:
        """Let prices reach the broker behind."""
        return self.paper.on_quotes(quotes)

    def sends(self) -> list[Order]:
        """Every order that left the desk, in order."""
        return [
            what for verb, what in self.writes if verb is Verb.PLACE and isinstance(what, Order)
        ]

    # Inside

    def _script(self, verb: Verb, error: MunimError, accepted: bool) -> None:
        self._faults[verb].append(Fault(error, accepted))

    def _cancelled(self, broker_order_id: str) -> str:
        self.paper.cancel(broker_order_id)
        return broker_order_id

    def _alive(self) -> None:
        if self._dead:
            raise SessionDead(f"login {self.paper.login_id} is logged out; log in again")

    def _read(self) -> None:
        self._alive()
        if self._failing_reads > 0:
            self._failing_reads -= 1
            raise SourceFailed(f"login {self.paper.login_id} could not be read; try again")

    def _write(self, verb: Verb, what: object, do: Callable[[], str]) -> str:
        self.writes.append((verb, what))
        self._alive()
        fault = self._faults[verb].pop(0) if self._faults[verb] else None
        if fault is None:
            return do()
        if fault.accepted:
            self._hidden(do())
        raise fault.error

    def _hidden(self, name: str) -> str:
        if self._hide_seconds and name not in self._hidden_until:
            self._hidden_until[name] = self._clock.monotonic() + self._hide_seconds
        return name

    def _shows(self, name: str) -> bool:
        return self._clock.monotonic() >= self._hidden_until.get(name, float("-inf"))


def fake_broker(
    instruments: Mapping[str, Instrument],
    clock: Clock,
    *,
    login_id: str = "fake",
    phase_of: Callable[[Instrument, datetime], Phase] | None = None,
    rules: Rules | None = None,
) -> FakeBroker:
    """A fake in memory; its market is always in continuous trading unless told otherwise."""
    paper = PaperBroker(
        ":memory:",
        login_id=login_id,
        instruments=instruments,
        clock=clock,
        phase_of=phase_of or (lambda instrument, at: Phase.CONTINUOUS),
        rules=rules,
    )
    return FakeBroker(paper, clock)
