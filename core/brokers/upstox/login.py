"""Logging in at Upstox: the address a person opens, and the exchange of the one-time code.

The code comes back with our `state`, which may be used once and for ten minutes. The session must
belong to the user that the login names, or its token is thrown away. A token dies at 03:30 in
India, whenever it was made, and nothing renews it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from core.brokers.kite.login import STATE_SECONDS, check_state, new_state
from core.brokers.plain import Row, row_of
from core.brokers.upstox import NAME
from core.brokers.upstox.client import HOST, VERSION, Client
from core.brokers.wire import Patience
from core.domain.clock import IST, Clock
from core.errors import MunimError, Refused, SessionDead, SourceFailed, SourceWrong

DIALOG: Final = "/v2/login/authorization/dialog"
DIES_AT: Final = time(3, 30)


@dataclass(frozen=True, slots=True)
class Keys:
    """One Upstox app's id, secret and registered address; the first two are never shown."""

    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class UpstoxLogin:
    """An open session; the token is for the vault and the client alone."""

    user_id: str
    name: str
    token: str = field(repr=False)
    logged_in_at: datetime
    expires_at: datetime


def login_url(keys: Keys, state: str, *, root: str | None = None) -> str:
    """Where a person logs in; Upstox gives `state` back beside the code."""
    asked = {
        "response_type": "code",
        "client_id": keys.client_id,
        "redirect_uri": keys.redirect_uri,
        "state": state,
    }
    return f"{(root or HOST).rstrip('/')}{DIALOG}?{urlencode(asked)}"


def log_in(
    keys: Keys,
    code: str,
    *,
    user_id: str,
    clock: Clock,
    root: str | None = None,
    patience: Patience | None = None,
) -> UpstoxLogin:
    """Exchange the one-time code for a session of `user_id`.

    Raises Refused for a code that is used or too old and for another user's session, whose token
    is ended at once; SourceFailed when Upstox could not be asked.
    """
    client = Client(user_id=user_id, token="", clock=clock, root=root, patience=patience)
    client.keep_secret(keys.client_secret, keys.client_id, code)
    refused = ""
    found: Any = None
    try:
        found = client.read(
            "exchange the login code",
            "token",
            VERSION,
            code=code,
            client_id=keys.client_id,
            client_secret=keys.client_secret,
            redirect_uri=keys.redirect_uri,
            grant_type="authorization_code",
        )
    except (SessionDead, SourceWrong) as error:
        refused = str(error)
    if refused:
        raise Refused(
            f"Upstox {user_id}: the login code is used or too old, or the app's keys or address "
            f"are others ({refused}); log in again from the broker page"
        )
    return _checked(client, row_of(found, NAME, "login"), user_id, clock)


def expires_at(logged_in_at: datetime) -> datetime:
    """The next 03:30 in India after a login, UTC."""
    here = logged_in_at.astimezone(IST)
    day = here.date() if here.time() < DIES_AT else here.date() + timedelta(days=1)
    return datetime.combine(day, DIES_AT, IST).astimezone(logged_in_at.tzinfo)


def _checked(client: Client, row: Row, user_id: str, clock: Clock) -> UpstoxLogin:
    token, who = row.word("access_token"), row.word("user_id")
    if not token or not who:
        raise SourceFailed(f"Upstox {user_id}: the login answer lacks its token; log in again")
    client.replace_token(token)
    if who != user_id:
        ended = _thrown_away(client)
        raise Refused(f"{who} logged in where {user_id} was expected; {ended}; log in as {user_id}")
    at = clock.now()
    return UpstoxLogin(
        user_id=who,
        name=row.word("user_name"),
        token=token,
        logged_in_at=at,
        expires_at=expires_at(at),
    )


def _thrown_away(client: Client) -> str:
    """End a session that is not wanted; it is kept nowhere even when Upstox cannot be told."""
    try:
        client.log_out()
    except MunimError:
        return "its session is not kept here, but Upstox could not be told to end it"
    return "its session was ended"


__all__ = [
    "STATE_SECONDS", "Keys", "UpstoxLogin", "check_state", "expires_at", "log_in", "login_url",
    "new_state",
]  # fmt: skip
