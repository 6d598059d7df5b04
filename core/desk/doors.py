"""How the worker gets in at each broker: the link, the exchange of the code, the open session.

Keys come from the environment or the keyring and go to the broker alone. A sandbox has a key of
its own, printed by `munim sandbox`, so that a real key never reaches it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol

from core.brokers.kite.client import Client
from core.brokers.kite.login import Keys, log_in, login_url
from core.brokers.kite.prices import read_instruments
from core.brokers.kite.session import KiteSession
from core.brokers.kite.shares import Shares, shares_from
from core.brokers.kite.stream import ROOT, KiteStream
from core.brokers.stream import Listeners, StreamState
from core.brokers.upstox import login as upstox_login
from core.brokers.upstox.client import Client as UpstoxClient
from core.brokers.upstox.session import UpstoxSession
from core.brokers.upstox.shares import Shares as UpstoxShares
from core.brokers.upstox.shares import UpstoxShare
from core.brokers.upstox.stream import UpstoxStream
from core.brokers.vault import Kept
from core.brokers.wire import Dated, Patience, Use
from core.config import settings_now
from core.desk.logins import RETURN_PATH
from core.desk.one_a_second import QUOTES_APART_SECONDS, OneASecond
from core.desk.paced import PacedSession
from core.domain.account import Broker, BrokerLogin
from core.domain.capability import CAPABILITIES
from core.domain.clock import Clock
from core.domain.instrument import Instrument
from core.domain.money import Money
from core.domain.ports import BrokerMore, BrokerSession
from core.domain.quote import Quote
from core.errors import BadSetting, NotBuilt, NotFound, SessionDead
from core.providers.keys import SERVICE, FindKey, find_key
from core.sandbox.kite.session import App
from core.sandbox.upstox.session import App as UpstoxApp

PATIENCE: Final = Patience(connect_seconds=1.5, read_seconds=4.0, total_seconds=6.0)
UPSTOX_NAMES: Final = ("MUNIM_UPSTOX_CLIENT_ID", "MUNIM_UPSTOX_CLIENT_SECRET")
UPSTOX_TICK: Final = Money(5)  # the desk's own ticks decide what is sent
KITE_NAMES: Final = ("MUNIM_KITE_API_KEY", "MUNIM_KITE_API_SECRET")


class Stream(Protocol):
    """A broker's socket in a thread of its own."""

    def watch(self, isins: Sequence[str]) -> None: ...

    def start(self) -> None: ...

    def stop(self) -> None: ...

    @property
    def state(self) -> StreamState: ...

    def take_snapshot_flag(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Heard:
    """Whom a stream tells: prices, and a hint that an order moved."""

    quotes: Callable[[Sequence[Quote]], object]
    hint: Callable[[], object]


@dataclass(frozen=True, slots=True)
class Opened:
    """A login with its open session; `known` reads more than the loop needs."""

    login: BrokerLogin
    kept: Kept
    session: PacedSession
    known: BrokerMore
    stream: Stream
    user: str
    uses: Callable[[], Sequence[Use]]
    skew: Callable[[], float | None]
    dated: Callable[[], Dated | None]  # the last answer that told a time
    refused: Callable[[], str | None]  # how the last order was turned away for its address
    verified: Mapping[str, tuple[bool, str]]
    read_at: Mapping[str, datetime]
    close: Callable[[], object]
    notes: dict[str, str] = field(default_factory=dict)  # sentences on its clock and its prices
    funds: dict[str, int] = field(default_factory=dict)  # paise, as last read
    looks: dict[str, float] = field(default_factory=dict)  # when something is looked at next
    lists: Callable[[str], bool] = lambda _isin: True  # whether the broker lists an ISIN


class Door(Protocol):
    """One broker's way in."""

    def link(self, login: BrokerLogin, state: str) -> str:
        """Where a person logs in; raises BadSetting without a key."""

    def exchange(self, login: BrokerLogin, code: str, clock: Clock) -> Kept:
        """The one-time code for a session of the login's user; raises Refused or SourceFailed."""

    def open(
        self,
        login: BrokerLogin,
        kept: Kept,
        *,
        universe: Mapping[str, Instrument],
        clock: Clock,
        heard: Heard,
    ) -> Opened:
        """Use a kept session; raises SessionDead where it ended and SourceFailed."""


class KiteDoor:
    """Zerodha's way in, and its sandbox's."""

    def __init__(
        self,
        find: FindKey = find_key,
        patience: Patience = PATIENCE,
        quotes_apart: float = QUOTES_APART_SECONDS,
    ) -> None:
        self._find = find
        self._patience = patience
        self._quotes_apart = quotes_apart

    def link(self, login: BrokerLogin, state: str) -> str:
        """Zerodha's login page, or the sandbox's."""
        return login_url(self._keys(login).api_key, state, root=login.address or None)

    def exchange(self, login: BrokerLogin, code: str, clock: Clock) -> Kept:
        """Zerodha's answer to the code, if it is the expected user's."""
        found = log_in(
            self._keys(login),
            code,
            user_id=login.user_id,
            clock=clock,
            root=login.address or None,
            patience=self._patience,
        )
        return Kept(login.id, found.user_id, found.token, found.expires_at)

    def open(
        self,
        login: BrokerLogin,
        kept: Kept,
        *,
        universe: Mapping[str, Instrument],
        clock: Clock,
        heard: Heard,
    ) -> Opened:
        """A session with this morning's instrument list and a stream that is not started."""
        keys = self._keys(login)
        client = Client(
            user_id=kept.user_id,
            api_key=keys.api_key,
            token=kept.token,
            clock=clock,
            root=login.address or None,
            patience=self._patience,
        )
        shares = _kite_shares(client, universe)
        session = KiteSession(
            client,
            login_id=login.id,
            shares=shares,
            clock=clock,
            quotes_turn=OneASecond(label=login.label, apart=self._quotes_apart),
        )
        who = session.profile()
        _check_user(login, who.user_id)

        def priced(quotes: Sequence[Quote]) -> None:
            for quote in quotes:
                session.see(quote)
            heard.quotes(quotes)

        stream = KiteStream(
            shares,
            api_key=keys.api_key,
            token=lambda: kept.token,
            clock=clock,
            to=Listeners(priced, lambda _hint: heard.hint()),
            root=login.address.replace("http", "ws", 1) if login.address else ROOT,
        )
        reasons = session.wire_reasons
        return Opened(
            login=login,
            kept=kept,
            session=_paced(login, session, client.uses),
            known=session,
            stream=stream,
            user=f"{who.name} ({who.user_id})" if who.name else who.user_id,
            uses=client.uses,
            skew=lambda: client.skew_seconds,
            dated=lambda: client.dated,
            refused=lambda: client.address_refused,
            verified={call: (seen, reasons[call]) for call, seen in session.wire_verified.items()},
            read_at=session.read_at,
            close=client.log_out,
            lists=_lists(shares.by_isin),
        )

    def _keys(self, login: BrokerLogin) -> Keys:
        if login.is_sandbox:
            app = App()
            return Keys(app.api_key, app.api_secret)
        key, secret = _found(self._find, login, KITE_NAMES)
        return Keys(key, secret)


def _kite_shares(client: Client, universe: Mapping[str, Instrument]) -> Shares:
    found = client.read("read NSE's instrument list", "instruments", "NSE")
    return shares_from(read_instruments(found), universe)


class UpstoxDoor:
    """Upstox's way in, and its sandbox's. Its shares are named by their ISIN."""

    def __init__(self, find: FindKey = find_key, patience: Patience = PATIENCE) -> None:
        self._find = find
        self._patience = patience

    def link(self, login: BrokerLogin, state: str) -> str:
        """Upstox's login page, or the sandbox's."""
        return upstox_login.login_url(self._keys(login), state, root=login.address or None)

    def exchange(self, login: BrokerLogin, code: str, clock: Clock) -> Kept:
        """Upstox's answer to the code, if it is the expected user's."""
        found = upstox_login.log_in(
            self._keys(login),
            code,
            user_id=login.user_id,
            clock=clock,
            root=login.address or None,
            patience=self._patience,
        )
        return Kept(login.id, found.user_id, found.token, found.expires_at)

    def open(
        self,
        login: BrokerLogin,
        kept: Kept,
        *,
        universe: Mapping[str, Instrument],
        clock: Clock,
        heard: Heard,
    ) -> Opened:
        """A session and a stream that is not started."""
        client = UpstoxClient(
            user_id=kept.user_id,
            token=kept.token,
            clock=clock,
            root=login.address or None,
            patience=self._patience,
        )
        shares = UpstoxShares(
            UpstoxShare(one.isin, one.symbol, "NSE", f"NSE_EQ|{one.isin}", UPSTOX_TICK)
            for one in universe.values()
        )
        session = UpstoxSession(client, login_id=login.id, shares=shares, clock=clock)
        who = session.profile()
        _check_user(login, who.user_id)
        stream = UpstoxStream(
            client,
            shares,
            clock=clock,
            to=Listeners(heard.quotes, lambda _hint: heard.hint()),
        )
        reasons = session.wire_reasons
        return Opened(
            login=login,
            kept=kept,
            session=_paced(login, session, client.uses),
            known=session,
            stream=stream,
            user=f"{who.name} ({who.user_id})" if who.name else who.user_id,
            uses=client.uses,
            skew=lambda: client.skew_seconds,
            dated=lambda: client.dated,
            refused=lambda: client.address_refused,
            verified={call: (seen, reasons[call]) for call, seen in session.wire_verified.items()},
            read_at=session.read_at,
            close=client.log_out,
            lists=_lists(shares.by_isin),
        )

    def _keys(self, login: BrokerLogin) -> upstox_login.Keys:
        back = f"http://{settings_now().bind}:{settings_now().port}{RETURN_PATH}"
        if login.is_sandbox:
            app = UpstoxApp()
            return upstox_login.Keys(app.client_id, app.client_secret, back)
        key, secret = _found(self._find, login, UPSTOX_NAMES)
        return upstox_login.Keys(key, secret, back)


def _paced(
    login: BrokerLogin, session: BrokerSession, uses: Callable[[], Sequence[Use]]
) -> PacedSession:
    """A session within its broker's read windows, counted where requests leave."""
    return PacedSession(
        session,
        label=login.label,
        rates=CAPABILITIES[login.broker].reads,
        asked=lambda: sum(one.day for one in uses() if one.kind != "order writes"),
    )


def _lists(find: Callable[[str], object]) -> Callable[[str], bool]:
    """Whether a look-up that raises NotFound knows an ISIN."""

    def known(isin: str) -> bool:
        try:
            find(isin)
        except NotFound:
            return False
        return True

    return known


def _check_user(login: BrokerLogin, user_id: str) -> None:
    """Raise SessionDead for a session that belongs to somebody else."""
    if user_id != login.user_id:
        raise SessionDead(
            f"the kept session of {login.label} belongs to {user_id} and {login.user_id} is "
            "expected; log in again"
        )


def _found(find: FindKey, login: BrokerLogin, names: tuple[str, str]) -> tuple[str, str]:
    """Two keys by name; raises BadSetting saying how to set what is missing."""
    key, secret = (find(name) for name in names)
    if key and secret:
        return key, secret
    missing = [name for name, value in zip(names, (key, secret), strict=True) if not value]
    raise BadSetting(
        f"{login.label} has no key: put {' and '.join(missing)} into the environment or "
        f".env, or into the system's keyring with keyring set {SERVICE} {missing[0]}"
    )


DOORS: Final[Mapping[Broker, Door]] = {Broker.ZERODHA: KiteDoor(), Broker.UPSTOX: UpstoxDoor()}


def door_of(doors: Mapping[Broker, Door], broker: Broker) -> Door:
    """A broker's way in; raises NotBuilt."""
    found = doors.get(broker)
    if found is None:
        raise NotBuilt(f"logging in at {broker} is not built yet; practise with a Kite sandbox")
    return found


def plain_uses(opened: Opened) -> list[list[Any]]:
    """Requests of each kind in the last second, minute and day."""
    return [[one.kind, one.second, one.minute, one.day] for one in opened.uses()]
