"""What a login's session does alike at every broker, whatever words the broker uses."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from threading import Lock
from typing import Any, Final, TypeVar

from core.brokers.client import BrokerClient
from core.brokers.rows import Incomplete, Taken, Trades, net_shares
from core.brokers.verified import Shape, Verified, witnessed
from core.domain.clock import Clock
from core.domain.evidence import Evidence
from core.domain.money import Money
from core.domain.order import Fill, Order
from core.domain.ports import BrokerHolding, BrokerPosition, NotTaken
from core.domain.quote import Quote
from core.errors import BrokerRefused, MunimError, NotFound, SourceFailed, Throttled

T = TypeVar("T")
QUOTES_AT_ONCE: Final = 500


class BrokerReads(ABC):
    """What was read of a login, when, and what was set aside; safe for several threads."""

    def __init__(
        self,
        client: BrokerClient,
        *,
        login_id: str,
        clock: Clock,
        verified: Mapping[str, Verified],
    ) -> None:
        self.login_id = login_id
        self._asks = client
        self._clock = clock
        self._verified = verified
        self._lock = Lock()
        self._not_taken: dict[str, tuple[NotTaken, ...]] = {}
        self.incomplete: tuple[Incomplete, ...] = ()
        self.strange_words: tuple[str, ...] = ()
        self.read_at: dict[str, datetime] = {}
        self.evidence: dict[str, Evidence] = {}  # by call, from the broker's own host

    @abstractmethod
    def holding_rows(self) -> Sequence[BrokerHolding]:
        """Delivery shares as the day began."""

    @abstractmethod
    def positions(self) -> Sequence[BrokerPosition]:
        """Positions of the day in shares; futures and options are set aside by name."""

    @abstractmethod
    def quotes(self, isins: Sequence[str]) -> Sequence[Quote]:
        """One quote per ISIN."""

    def holdings(self) -> dict[str, int]:
        """Net shares by ISIN: carried over the night, plus today's trades; two reads."""
        return net_shares(self.holding_rows(), self.positions())

    @property
    def not_taken(self) -> Sequence[NotTaken]:
        """Rows of the last read of each list that the desk does not trade."""
        with self._lock:
            return [one for rows in self._not_taken.values() for one in rows]

    @property
    def wire_verified(self) -> Mapping[str, bool]:
        """For each call, whether a recorded real answer passes through this adapter."""
        return {call: known.seen for call, known in self._verified.items()}

    @property
    def wire_reasons(self) -> Mapping[str, str]:
        """Why each call counts as verified, or why not."""
        return {call: known.why for call, known in self._verified.items()}

    def _ask(self, call: str, doing: str, method: str, *arguments: Any, **named: Any) -> Any:
        found = self._asks.read(doing, method, *arguments, **named)
        self.read_at[call] = self._clock.now()
        return found

    def _witness(self, call: str, rows: Sequence[Mapping[str, Any]], shape: Shape) -> None:
        """Keep what this thread's last answer proves of a call; a sandbox's proves nothing."""
        answer = self._asks.last_answer
        if answer is None or self._asks.is_sandbox:
            return
        found = witnessed(call, rows, shape, answer, at=self._clock.now())
        if found is not None:
            self.evidence[call] = found

    def _rows(self, call: str, read: Taken[T]) -> tuple[T, ...]:
        """The rows of a list, once those set aside are noted."""
        with self._lock:
            self._not_taken[call] = read.not_taken
        return read.rows

    def _fills(self, read: Trades) -> tuple[Fill, ...]:
        self.incomplete = read.incomplete
        return self._rows("trades", Taken(read.fills, read.not_taken))

    def _price_of(self, order: Order) -> Money:
        """What an order would trade at: its limit, else its trigger, else the last price."""
        known = order.limit_price or order.trigger_price
        return known if known is not None else self.quotes([order.isin])[0].ltp

    def _before_write(self, subject: str, read: Callable[[], T]) -> T:
        """A read that a write needs; failing it, nothing was sent and it may be tried later."""
        try:
            return read()
        except Throttled:
            raise
        except SourceFailed as failed:
            error: MunimError = Throttled(f"{subject}: nothing was sent, for {failed}")
        except NotFound as missing:
            error = BrokerRefused(f"{subject}: {missing}")
        raise error

    def _check_login(self, order: Order) -> None:
        """Raise BrokerRefused for another login's order."""
        if order.login_id != self.login_id:
            raise BrokerRefused(
                f"{order.symbol}: order {order.id} is for login {order.login_id} and this session "
                f"is {self.login_id}"
            )


def in_parts(isins: Sequence[T]) -> Iterator[Sequence[T]]:
    """As many at once as a broker quotes."""
    for start in range(0, len(isins), QUOTES_AT_ONCE):
        yield isins[start : start + QUOTES_AT_ONCE]


def said(order: Order) -> str:
    """An order in a sentence: `BUY 100 MIDCO LIMIT at ₹500.00`."""
    price = order.limit_price or order.trigger_price
    at = f" at {price}" if price is not None else ""
    return f"{order.side} {order.qty} {order.symbol} {order.order_type}{at}"
