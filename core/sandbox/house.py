"""The broker behind a dialect: clients with a paper broker each, market prices, and listeners.

A dialect words what stands here and never keeps trading state of its own. Calls may come from
several threads; one lock per house orders them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from threading import RLock
from typing import Final

from core.brokers.paper import PaperBroker, PhaseOf
from core.domain.action import CorporateAction
from core.domain.clock import Clock
from core.domain.instrument import Instrument
from core.domain.money import Money
from core.domain.quote import Quote
from core.domain.square_off import SquaresOff
from core.errors import BadInput, NotFound
from core.exchange.rules import Rules
from core.exchange.trading_floor import broker_day
from core.exchange.values import ExchangeEvent
from core.sandbox.clock import SandboxClock
from core.sandbox.record import OrderStep, Record
from core.sandbox.turns import turns

Priced = Callable[[Sequence[Quote]], None]
START_FUNDS: Final = Money.rupees(25_00_000)


@dataclass(frozen=True, slots=True)
class Happening:
    """One event of a client with the order as the event left it, where it concerns one."""

    event: ExchangeEvent
    step: OrderStep | None


Told = Callable[[str, Sequence[Happening]], None]  # user id and what happened to him


@dataclass(frozen=True, slots=True)
class User:
    """A client of the house; `funds` is the cash it opened the account with."""

    user_id: str
    name: str
    funds: Money = START_FUNDS


@dataclass(frozen=True, slots=True)
class Client:
    """One client's paper broker and record; `place` counts clients from 1 and numbers orders."""

    user: User
    place: int
    paper: PaperBroker
    record: Record


class House:
    """A broker's house. `home` is the folder of its journals, or None for memory.

    `tokens` names each share by the number the dialect streams and quotes it with.
    """

    def __init__(
        self,
        instruments: Mapping[str, Instrument],
        *,
        clock: Clock,
        phase_of: PhaseOf,
        users: Sequence[User],
        tokens: Mapping[str, int] | None = None,
        home: Path | None = None,
        rules: Rules | None = None,
        squares_off: SquaresOff | None = None,
    ) -> None:
        self.lock = RLock()
        self.clock = clock
        self.instruments = dict(instruments)
        self.phase_of = phase_of
        self.rules = rules or Rules()
        self.squares_off = squares_off
        self.tokens = dict(tokens or numbered(instruments))
        self.isin_of_token = {token: isin for isin, token in self.tokens.items()}
        self.isin_of_symbol = {item.symbol: isin for isin, item in self.instruments.items()}
        self.quotes: dict[str, Quote] = {}
        self.previous: dict[str, Quote] = {}
        self.fill_at_most: int | None = None
        self.bring: Callable[[], None] | None = None  # who brings the prices of the moment
        self._later: list[tuple[float, Callable[[], None]]] = []
        self._told: list[Told] = []
        self._priced: list[Priced] = []
        self._news: list[tuple[str, Sequence[Happening]]] = []
        self._clients: dict[str, Client] = {}
        for place, user in enumerate(users, start=1):
            self._clients[user.user_id] = self._opened(user, place, home)

    @property
    def users(self) -> list[User]:
        """Everybody with an account here."""
        return [client.user for client in self._clients.values()]

    def client(self, user_id: str) -> Client:
        """One client; raises NotFound."""
        found = self._clients.get(user_id)
        if found is None:
            names = ", ".join(self._clients)
            raise NotFound(f"no client {user_id!r} here; there are {names}")
        return found

    def instrument(self, symbol: str) -> Instrument:
        """A share by its symbol; raises NotFound."""
        isin = self.isin_of_symbol.get(symbol)
        if isin is None:
            raise NotFound(f"{symbol} is not listed here; check the symbol")
        return self.instruments[isin]

    def quote(self, isin: str) -> Quote | None:
        """The last quote, or None before the first."""
        return self.quotes.get(isin)

    def listen(self, told: Told) -> None:
        """Hear of every event of every client once it is on disk, in order, outside the lock."""
        self._told.append(told)

    def watch(self, priced: Priced) -> None:
        """Hear of every round of quotes after it has been matched."""
        self._priced.append(priced)

    def on_quotes(self, quotes: Sequence[Quote]) -> None:
        """Bring prices to the exchange of each client, then to the streams."""
        with self.lock:
            for quote in quotes:
                last = self.quotes.get(quote.isin)
                if last is not None and last.at < quote.at:
                    self.previous[quote.isin] = last
                self.quotes[quote.isin] = quote
            matched = [self._thinned(quote) for quote in quotes]
            for client in self._clients.values():
                client.paper.on_quotes(matched)
        self.tell()
        for priced in list(self._priced):
            priced(quotes)

    def tick(self) -> None:
        """Let time pass without prices: days turn and orders expire."""
        with self.lock:
            for client in self._clients.values():
                client.paper.on_quotes(())
        self.tell()

    def pass_to(self, at: datetime) -> None:
        """Move the market's time on, past every turn of its days on the way.

        Opens, closes and square-offs between now and then happen at their own minute and at its
        prices. Raises BadInput for a clock that somebody else moves.
        """
        if not isinstance(self.clock, SandboxClock):
            raise BadInput("this sandbox runs on a clock that its owner moves")
        for turn in turns(
            list(self.instruments.values()),
            since=self.clock.now(),
            until=at,
            phase_of=self.phase_of,
            squares_off=self.squares_off,
        ):
            self.clock.move_to(turn)
            (self.bring or self.tick)()
        self.clock.move_to(at)
        self.tick()

    def after(self, seconds: float, do: Callable[[], None]) -> None:
        """Do something at the house once so many seconds have gone by on its clock."""
        with self.lock:
            self._later.append((self.clock.monotonic() + seconds, do))

    def _do_what_is_due(self) -> None:
        with self.lock:
            now = self.clock.monotonic()
            due = [do for at, do in self._later if at <= now]
            self._later = [(at, do) for at, do in self._later if at > now]
            for do in due:
                do()

    def tell(self) -> None:
        """Pass on what happened since the last call; a dialect calls it after each request."""
        self._do_what_is_due()
        while True:
            with self.lock:
                if not self._news:
                    return
                user_id, happened = self._news.pop(0)
            for told in list(self._told):
                told(user_id, happened)

    def credit(self, user_id: str, isin: str, qty: int, *, price: Money | None = None) -> None:
        """Bring settled shares in from outside; `price` is what they cost."""
        with self.lock:
            self.client(user_id).paper.credit(isin, qty, price=price)
        self.tell()

    def move_money(self, user_id: str, amount: Money) -> None:
        """Let a client add money, or have it paid out where the amount is below ₹0.

        Raises:
            BrokerRefused: more is to be paid out than is free.
        """
        with self.lock:
            self.client(user_id).paper.move_money(amount)
        self.tell()

    def go_ex(self, action: CorporateAction, *, base: Money, pays_on: date) -> None:
        """Let a share go ex for every client; a second call for the same action changes nothing."""
        with self.lock:
            for client in self._clients.values():
                client.paper.go_ex(action, base=base, pays_on=pays_on)
        self.tell()

    def partial(self, most: int | None) -> None:
        """Let no more than `most` shares of a quote trade; None takes the limit away."""
        if most is not None and most < 1:
            raise BadInput(f"at most {most} shares a quote cannot trade; use 1 or more")
        self.fill_at_most = most

    def today(self) -> date:
        """The day an order book belongs to now."""
        return broker_day(self.clock.now())

    def save_clock(self) -> None:
        """Keep the market's time, so that it sleeps while the sandbox is down."""
        for client in self._clients.values():
            client.paper.save_clock(self.clock.now())

    def saved_clock(self) -> datetime | None:
        """The market's time when it was last kept."""
        kept = [client.paper.saved_clock() for client in self._clients.values()]
        return max((at for at in kept if at is not None), default=None)

    def close(self) -> None:
        """Close every journal."""
        for client in self._clients.values():
            client.paper.close()

    def _opened(self, user: User, place: int, home: Path | None) -> Client:
        record = Record()

        def heard(events: Sequence[ExchangeEvent]) -> None:
            happened = tuple(Happening(event, record.apply(event)) for event in events)
            self._news.append((user.user_id, happened))

        if home is not None:
            home.mkdir(parents=True, exist_ok=True)
        paper = PaperBroker(
            ":memory:" if home is None else home / f"{user.user_id}.db",
            login_id=user.user_id,
            instruments=self.instruments,
            clock=self.clock,
            phase_of=self.phase_of,
            rules=self.rules,
            funds=user.funds,
            heard=heard,
            squares_off=self.squares_off,
        )
        for event in paper.past():
            record.apply(event)
        return Client(user, place, paper, record)

    def _thinned(self, quote: Quote) -> Quote:
        """A quote whose size lets a client have no more than the limit."""
        if self.fill_at_most is None:
            return quote
        shown = -(-self.fill_at_most * 100 // self.rules.visible_share_pct)
        return replace(quote, bid_qty=min(quote.bid_qty, shown), ask_qty=min(quote.ask_qty, shown))


def numbered(instruments: Mapping[str, Instrument]) -> dict[str, int]:
    """Tokens of NSE's segment, the last byte, for shares in the order of their symbols."""
    by_symbol = sorted(instruments.values(), key=lambda item: item.symbol)
    return {item.isin: (2_001 + place) * 256 + 1 for place, item in enumerate(by_symbol)}
