"""A Kite sandbox on loopback for the bench, with a session of the desk on it and what it heard."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from core.backtest.bench_cards import Stand
from core.brokers.kite.client import Client
from core.brokers.kite.session import KiteSession
from core.brokers.kite.shares import KiteShare, Shares
from core.desk.floor import phase_of
from core.desk.open_market import PAPER_LOGIN
from core.domain.money import Money
from core.domain.quote import Quote
from core.exchange.values import Traded
from core.sandbox.faults import ANY, Fault, FaultKind, Request
from core.sandbox.house import Happening, User
from core.sandbox.kite.sandbox import KiteSandbox
from core.sandbox.serve import serving

DESK_USER, OTHER_USER = "AB1234", "CD5678"
FUNDS = Money.rupees(100_00_00_000)
FOR_GOOD = 10**6  # requests that a fault lasts


@dataclass(slots=True)
class Loopback:
    """The sandbox, the desk's session on it and the raw client of somebody else."""

    sandbox: KiteSandbox
    session: KiteSession
    raw: Any
    traded: list[float] = field(default_factory=list)  # monotonic seconds of each trade

    def on_quotes(self, quotes: Sequence[Quote]) -> None:
        """Let prices reach the exchange behind."""
        self.sandbox.house.on_quotes(quotes)

    def slow(self, seconds: float) -> None:
        """Let every answer come so much later; its work is done at once."""
        self.sandbox.faults.script(Fault(FaultKind.DELAY, ANY, times=FOR_GOOD, seconds=seconds))

    @property
    def requests(self) -> list[Request]:
        """Every request that arrived, in order."""
        return self.sandbox.faults.requests


@contextmanager
def loopback(made: Stand, *, limits: bool = False) -> Iterator[Loopback]:
    """A sandbox whose journals lie in memory, so that its disk is in no figure."""
    from kiteconnect import KiteConnect

    clock = made.clock
    sandbox = KiteSandbox(
        {share.isin: share for share in made.shares},
        clock=clock,
        phase_of=lambda share, at: phase_of(made.desk, share, at),
        users=(User(DESK_USER, "Desk", FUNDS), User(OTHER_USER, "Other", FUNDS)),
        limits=limits,
    )
    with serving(sandbox.app) as served:
        key = sandbox.registered.api_key
        client = Client(
            user_id=DESK_USER,
            api_key=key,
            token=sandbox.log_in(DESK_USER),
            clock=clock,
            root=served.base,
        )
        raw = KiteConnect(api_key=key, access_token=sandbox.log_in(OTHER_USER), root=served.base)
        session = KiteSession(client, login_id=PAPER_LOGIN.id, shares=_shares(sandbox), clock=clock)
        found = Loopback(sandbox, session, raw)

        def heard(_user: str, happened: Sequence[Happening]) -> None:
            found.traded += [clock.monotonic() for one in happened if isinstance(one.event, Traded)]

        sandbox.house.listen(heard)
        yield found
    sandbox.close()


def _shares(sandbox: KiteSandbox) -> Shares:
    house = sandbox.house
    return Shares(
        KiteShare(one.isin, one.symbol, one.exchange, one.symbol, house.tokens[one.isin], Money(5))
        for one in house.instruments.values()
    )
