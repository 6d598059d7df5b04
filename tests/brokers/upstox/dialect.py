"""Upstox over its sandbox with the words of `FakeBroker`, so that a scenario runs on either.

Every method of the session is Upstox's, over real HTTP; the faults are the sandbox's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from core.brokers.fake import Verb
from core.brokers.paper import PaperBroker
from core.brokers.upstox.client import Client
from core.brokers.upstox.login import expires_at
from core.brokers.upstox.session import UpstoxSession
from core.brokers.upstox.shares import Shares, UpstoxShare
from core.brokers.wire import Patience
from core.domain.calendar import Phase
from core.domain.clock import SteppedClock
from core.domain.instrument import Instrument
from core.domain.money import Money
from core.domain.order import Order, Product, Side
from core.domain.quote import Quote
from core.exchange.values import Rules
from core.sandbox.faults import Fault, FaultKind
from core.sandbox.house import User
from core.sandbox.serve import serving
from core.sandbox.upstox.sandbox import UpstoxSandbox
from core.sandbox.upstox.state import key_of

QUICK = Patience(connect_seconds=2, read_seconds=2, total_seconds=4)
FUNDS = Money.rupees(100_00_00_000)  # a scenario that wants no funds left says so itself


class UpstoxDialect(UpstoxSession):
    """A UpstoxSession whose writes are listed and whose broker fails as told."""

    def __init__(
        self, sandbox: UpstoxSandbox, client: Client, *, login_id: str, clock: SteppedClock
    ) -> None:
        listed = sandbox.house.instruments.values()
        shares = Shares(
            UpstoxShare(one.isin, one.symbol, one.exchange, key_of(one), Money(5)) for one in listed
        )
        super().__init__(client, login_id=login_id, shares=shares, clock=clock)
        self.sandbox = sandbox
        self.user_id = client.user_id
        self._token_dies_at = expires_at(clock.now())
        self.writes: list[tuple[Verb, object]] = []
        self.logs_in_each_morning = True

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
        self._token_dies_at = expires_at(self._clock.now())

    def alter_tags(self, comes_back: Callable[[str], str]) -> None:
        self.sandbox.faults.script(Fault(FaultKind.ALTER_TAG, text=comes_back("{tag}")))

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


@contextmanager
def upstox_dialect(
    instruments: Mapping[str, Instrument],
    clock: SteppedClock,
    *,
    login_id: str = "fake",
    phase_of: Callable[[Instrument, datetime], Phase] | None = None,
    rules: Rules | None = None,
    funds: Money = FUNDS,
    forgets_ended_gtts: bool = False,
    rejects_in_book: bool = False,
) -> Iterator[UpstoxDialect]:
    """A logged-in session at a sandbox of its own; made like `fake_broker`."""
    sandbox = UpstoxSandbox(
        instruments,
        clock=clock,
        phase_of=phase_of or (lambda instrument, at: Phase.CONTINUOUS),
        users=(User(login_id, "Asha Rao", funds),),
        rules=rules,
        limits=False,
        forgets_ended_gtts=forgets_ended_gtts,
        rejects_in_book=rejects_in_book,
    )
    with serving(sandbox.app) as served:
        client = Client(
            user_id=login_id,
            token=sandbox.log_in(login_id),
            clock=clock,
            root=served.base,
            patience=QUICK,
        )
        yield UpstoxDialect(sandbox, client, login_id=login_id, clock=clock)
    sandbox.close()
