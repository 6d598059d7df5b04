"""Logging in at Zerodha: the address a person opens, and the exchange of the one-time code.

The code comes back with our `state`; whoever holds a state may use it once and for ten minutes.
The session must belong to the user that the login names, or its token is thrown away. A token
dies at 06:00 in India.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Final
from urllib.parse import quote, urlencode

from core.brokers.kite import NAME
from core.brokers.kite.client import Client
from core.brokers.plain import Row, row_of
from core.brokers.wire import Patience, is_loopback
from core.domain.clock import IST, Clock
from core.errors import MunimError, Refused, SessionDead, SourceFailed

LOGIN_PAGE: Final = "https://kite.zerodha.com/connect/login"
VERSION: Final = "3"
STATE_SECONDS: Final = 600.0
DIES_AT: Final = time(6, 0)


@dataclass(frozen=True, slots=True)
class Keys:
    """One Kite app's key and secret; neither is ever shown."""

    api_key: str = field(repr=False)
    api_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class KiteLogin:
    """An open session; the token is for the vault and the client alone."""

    user_id: str
    name: str
    token: str = field(repr=False)
    logged_in_at: datetime
    expires_at: datetime


def new_state() -> str:
    """A word that binds the answer to the page that asked."""
    return secrets.token_urlsafe(24)


def login_url(api_key: str, state: str, *, root: str | None = None) -> str:
    """Where a person logs in; Kite gives `state` back beside the code."""
    page = f"{root.rstrip('/')}/connect/login" if is_loopback(root) and root else LOGIN_PAGE
    back = quote(urlencode({"state": state}), safe="")
    return f"{page}?v={VERSION}&api_key={quote(api_key, safe='')}&redirect_params={back}"


def check_state(*, given: str, expected: str, age_seconds: float) -> None:
    """Raise Refused for another page's state, or one that is too old."""
    if not expected or not hmac.compare_digest(given.encode(), expected.encode()):
        raise Refused(
            "the login came back with another page's state; open the login from the broker page"
        )
    if not 0 <= age_seconds <= STATE_SECONDS:
        raise Refused(
            f"the login took {age_seconds:.0f} s and {STATE_SECONDS:.0f} s are allowed; "
            "open it again from the broker page"
        )


def log_in(
    keys: Keys,
    request_token: str,
    *,
    user_id: str,
    clock: Clock,
    root: str | None = None,
    patience: Patience | None = None,
) -> KiteLogin:
    """Exchange the one-time code for a session of `user_id`.

    Raises Refused for a code that is used or too old and for another user's session, whose token
    is ended at once; SourceFailed when Kite could not be asked.
    """
    client = Client(
        user_id=user_id, api_key=keys.api_key, token="", clock=clock, root=root, patience=patience
    )
    client.keep_secret(keys.api_secret, request_token)
    try:
        found = client.read(
            "exchange the login code", "generate_session", request_token, keys.api_secret
        )
    except SessionDead:
        found = None
    if found is None:
        raise Refused(
            f"Zerodha {user_id}: the login code is used or too old; log in again from the broker "
            "page"
        )
    return _checked(client, row_of(found, NAME, "login"), user_id, clock)


def expires_at(logged_in_at: datetime) -> datetime:
    """The next 06:00 in India after a login, UTC."""
    here = logged_in_at.astimezone(IST)
    day = here.date() if here.time() < DIES_AT else here.date() + timedelta(days=1)
    return datetime.combine(day, DIES_AT, IST).astimezone(logged_in_at.tzinfo)


def _checked(client: Client, row: Row, user_id: str, clock: Clock) -> KiteLogin:
    token, who = row.word("access_token"), row.word("user_id")
    if not token or not who:
        raise SourceFailed(f"Zerodha {user_id}: the login answer lacks its token; log in again")
    client.keep_secret(token)
    if who != user_id:
        ended = _thrown_away(client)
        raise Refused(f"{who} logged in where {user_id} was expected; {ended}; log in as {user_id}")
    at = row.moment("login_time") or clock.now()
    return KiteLogin(
        user_id=who,
        name=row.word("user_name"),
        token=token,
        logged_in_at=at,
        expires_at=expires_at(at),
    )


def _thrown_away(client: Client) -> str:
    """End a session that is not wanted; it is kept nowhere even when Kite cannot be told."""
    try:
        client.log_out()
    except MunimError:
        return "its session is not kept here, but Kite could not be told to end it"
    return "its session was ended"
