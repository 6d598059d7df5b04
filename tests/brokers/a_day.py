"""A sandbox with everything an adapter needs of it for a trader's day: login and stream."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar

from core.brokers.guard import Rejected
from core.brokers.login import LoggedIn
from core.brokers.stream import BrokerStream, Hint, Listeners
from core.domain.clock import SteppedClock
from core.domain.quote import Quote
from core.sandbox.house import User
from core.sandbox.serve import Served
from tests.made import MIDCO, quote
from tests.sandbox.served import sandbox_served


@dataclass
class Day(ABC):
    """One sandbox, its clock, and what its stream told."""

    sandbox: Any
    served: Served
    clock: SteppedClock
    quotes: list[Quote] = field(default_factory=list)
    hints: list[Hint] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)

    kind: ClassVar[Any]
    users: ClassVar[tuple[User, ...]]
    registered: ClassVar[Any] = None

    def __post_init__(self) -> None:
        self.client = self.client_with(self.sandbox.log_in(self.user))

    @property
    def user(self) -> str:
        """Whose day it is."""
        return self.users[0].user_id

    @abstractmethod
    def client_with(self, token: str) -> Any:
        """A client of the user with a token."""

    @abstractmethod
    def code(self, user: str) -> str:
        """Log in on the sandbox's page as a person does; the code comes back with the state."""

    @abstractmethod
    def log_in(self, code: str) -> LoggedIn:
        """Exchange a code as the user."""

    @abstractmethod
    def profile(self, client: Any) -> str:
        """Whom the broker takes a client for."""

    @abstractmethod
    def new_stream(self, to: Listeners) -> BrokerStream[Any]:
        """A stream of the user."""

    def price(self, ltp: str, **changes: object) -> None:
        """A second passes and MIDCO trades."""
        self.clock.pass_seconds(1)
        self.sandbox.house.on_quotes([quote(ltp, at=self.clock.now(), **changes)])

    @contextmanager
    def stream(self) -> Iterator[BrokerStream[Any]]:
        """A stream that watches MIDCO."""
        to = Listeners(self.quotes.extend, self.hints.append, self.rejected.append)
        stream = self.new_stream(to)
        stream.watch([MIDCO.isin])
        stream.start()
        try:
            until(lambda: stream.state.subscribed == 1 and stream.state.connected)
            yield stream
        finally:
            stream.stop()


@contextmanager
def a_day(kind: type[Day]) -> Iterator[Any]:
    """A day that begins with one price of MIDCO at ₹501."""
    more = {"users": kind.users, "registered": kind.registered}
    with sandbox_served(kind.kind, **more) as (sandbox, served, clock):
        made = kind(sandbox, served, clock)
        made.price("501")
        yield made


def until(holds: Any) -> None:
    """Wait until something holds; fail after five seconds."""
    ends = time.monotonic() + 5
    while not holds():
        assert time.monotonic() < ends, "it did not happen"
        time.sleep(0.005)
