"""A real session over its sandbox with the words of `FakeBroker`, for every broker alike.

Every method of the session is the broker's adapter, over real HTTP; the faults are the sandbox's
own. `Dialect` says what differs: the sandbox, the client and the session.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.brokers.fake import Verb
from core.brokers.paper import PaperBroker
from core.brokers.wire import Patience
from core.domain.calendar import Phase
from core.domain.clock import SteppedClock
from core.domain.instrument import Instrument
from core.domain.money import Money
from core.domain.order import Order, Product, Side
from core.domain.quote import Quote
from core.sandbox.faults import Fault, FaultKind
from core.sandbox.house import User
from core.sandbox.serve import serving

QUICK = Patience(connect_seconds=2, read_seconds=2, total_seconds=4)
HASTY = Patience(connect_seconds=2, read_seconds=0.5, total_seconds=4)
FUNDS = Money.rupees(100_00_00_000)  # a scenario that wants no funds left says so itself


class Scripted:
    """Stands before a session: its writes are listed and its broker fails as told."""

    def __init__(
        self,
        client: Any,
        *,
        sandbox: Any,
        clock: SteppedClock,
        dies: Callable[[datetime], datetime],
        **more: Any,
    ) -> None:
        super().__init__(client, clock=clock, **more)
        self.sandbox = sandbox
        self.user_id = client.user_id
        self.writes: list[tuple[Verb, object]] = []
        self.logs_in_each_morning = True
        self._dies = dies
        self._token_dies_at = dies(clock.now())

    @property
    def paper(self) -> PaperBroker:
        """The paper broker behind the sandbox: the truth of what the broker did."""
        return self.sandbox.house.client(self.user_id).paper

    def on_quotes(self, quotes: Sequence[Quote]) -> None:
        """Let prices reach the broker behind."""
        self.sandbox.house.on_quotes(quotes)

    def sends(self) -> list[Order]:
        """Every order that left the desk, in order."""
        placed = (what for verb, what in self.writes if verb is Verb.PLACE)
        return [what for what in placed if isinstance(what, Order)]

    # The script

    def accept_then_timeout(self, verb: Verb = Verb.PLACE) -> None:
        self._next(FaultKind.ACCEPT_THEN_DROP, verb)

    def drop_before_accept(self, verb: Verb = Verb.PLACE) -> None:
        self._next(FaultKind.DROP_BEFORE_ACCEPT, verb)

    def refuse(self, reason: str, verb: Verb = Verb.PLACE) -> None:
        self.sandbox.faults.script(Fault(FaultKind.REFUSE, verb, text=reason))

    def throttle(self, verb: Verb = Verb.PLACE) -> None:
        self._next(FaultKind.THROTTLE_429, verb)

    def delay_visibility(self, seconds: float) -> None:
        self.sandbox.faults.clear(FaultKind.DELAY_VISIBILITY)
        if seconds:
            self.sandbox.faults.script(Fault(FaultKind.DELAY_VISIBILITY, seconds=seconds))

    def fail_reads(self, times: int) -> None:
        self.sandbox.faults.script(Fault(FaultKind.READ_5XX, "read", times=times))

    def die(self) -> None:
        self.sandbox.sessions.kill(self.user_id)

    def log_in(self) -> None:
        self.client.replace_token(self.sandbox.log_in(self.user_id))
        self._token_dies_at = self._dies(self._clock.now())

    def alter_tags(self, comes_back: Callable[[str], str]) -> None:
        self.sandbox.faults.script(Fault(FaultKind.ALTER_TAG, text=comes_back("{tag}")))

    def hurry(self) -> None:
        """From now on no answer is waited for longer than half a second."""
        self.client._wire._patience = HASTY

    # Writes, listed before they leave

    def place(self, order: Order) -> str:
        self._wrote(Verb.PLACE, order)
        return super().place(order)

    def cancel(self, broker_order_id: str) -> None:
        self._wrote(Verb.CANCEL, broker_order_id)
        super().cancel(broker_order_id)

    def modify(
        self,
        broker_order_id: str,
        *,
        limit: Money | None = None,
        qty: int | None = None,
        trigger: Money | None = None,
    ) -> None:
        self._wrote(Verb.MODIFY, (broker_order_id, limit))
        super().modify(broker_order_id, limit=limit, qty=qty, trigger=trigger)

    def place_gtt(
        self,
        *,
        isin: str,
        symbol: str,
        qty: int,
        side: Side,
        stop: Money | None,
        target: Money | None,
        product: Product,
    ) -> str:
        self._wrote(Verb.PLACE_GTT, (isin, qty, stop, target))
        return super().place_gtt(
            isin=isin, symbol=symbol, qty=qty, side=side, stop=stop, target=target, product=product
        )

    def modify_gtt(
        self, gtt_id: str, *, qty: int, stop: Money | None, target: Money | None
    ) -> None:
        self._wrote(Verb.MODIFY_GTT, (gtt_id, qty, stop, target))
        super().modify_gtt(gtt_id, qty=qty, stop=stop, target=target)

    def cancel_gtt(self, gtt_id: str) -> None:
        self._wrote(Verb.CANCEL_GTT, gtt_id)
        super().cancel_gtt(gtt_id)

    def _ask(self, call: str, doing: str, method: str, *arguments: Any, **named: Any) -> Any:
        self._morning()
        return super()._ask(call, doing, method, *arguments, **named)

    def _wrote(self, verb: Verb, what: object) -> None:
        self._morning()
        self.writes.append((verb, what))

    def _morning(self) -> None:
        """A person logs in when the night ended the token, as on every trading day."""
        if self.logs_in_each_morning and self._clock.now() >= self._token_dies_at:
            self.log_in()

    def _next(self, kind: FaultKind, verb: Verb) -> None:
        self.sandbox.faults.script(Fault(kind, verb, seconds=1))


@dataclass(frozen=True)
class Dialect:
    """One broker's side of it.

    Args:
        sandbox: made of instruments and keywords.
        client: made of a sandbox, its address and a user's token.
        session: made of a client; a `Scripted`.
        source: what its quotes say of themselves.
        strange: a status word that the broker does not have, in its spelling.
    """

    name: str
    sandbox: Callable[..., Any]
    client: Callable[..., Any]
    session: Callable[..., Any]
    source: str
    strange: str

    def enter(self, sandbox: Any, base: str, *, user: str, login_id: str, clock: Any) -> Any:
        """A session of a user who has logged in."""
        client = self.client(
            sandbox,
            user_id=user,
            token=sandbox.log_in(user),
            clock=clock,
            root=base,
            patience=QUICK,
        )
        return self.session(client, sandbox=sandbox, login_id=login_id, clock=clock)

    @contextmanager
    def opened(
        self,
        instruments: Mapping[str, Instrument],
        clock: SteppedClock,
        *,
        login_id: str = "fake",
        phase_of: Callable[[Instrument, datetime], Phase] | None = None,
        funds: Money = FUNDS,
        **more: Any,
    ) -> Iterator[Any]:
        """A logged-in session at a sandbox of its own; made like `fake_broker`."""
        sandbox = self.sandbox(
            instruments,
            clock=clock,
            phase_of=phase_of or (lambda instrument, at: Phase.CONTINUOUS),
            users=(User(login_id, "Asha Rao", funds),),
            limits=False,
            **more,
        )
        with serving(sandbox.app) as served:
            yield self.enter(sandbox, served.base, user=login_id, login_id=login_id, clock=clock)
        sandbox.close()
