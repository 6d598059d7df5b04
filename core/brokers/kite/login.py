"""Logging in at Zerodha: the address a person opens, and the exchange of the one-time code.

A token dies at 06:00 in India.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Final
from urllib.parse import quote, urlencode

from core.brokers.kite import NAME
from core.brokers.kite.client import Client
from core.brokers.login import LoggedIn, logged_in, next_death
from core.brokers.plain import row_of
from core.brokers.wire import Patience, is_loopback
from core.domain.clock import Clock
from core.errors import Refused, SessionDead

LOGIN_PAGE: Final = "https://kite.zerodha.com/connect/login"
VERSION: Final = "3"
DIES_AT: Final = time(6, 0)


@dataclass(frozen=True, slots=True)
class Keys:
    """One Kite app's key and secret; neither is ever shown."""

    api_key: str = field(repr=False)
    api_secret: str = field(repr=False)


def login_url(api_key: str, state: str, *, root: str | None = None) -> str:
    """Where a person logs in; Kite gives `state` back beside the code."""
    page = f"{root.rstrip('/')}/connect/login" if is_loopback(root) and root else LOGIN_PAGE
    back = quote(urlencode({"state": state}), safe="")
    return f"{page}?v={VERSION}&api_key={quote(api_key, safe='')}&redirect_params={back}"


def log_in(
    keys: Keys,
    request_token: str,
    *,
    user_id: str,
    clock: Clock,
    root: str | None = None,
    patience: Patience | None = None,
) -> LoggedIn:
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
    answer = row_of(found, NAME, "login")
    at = answer.moment("login_time") or clock.now()
    return logged_in(client, answer, at=at, dies_at=DIES_AT)


def expires_at(logged_in_at: datetime) -> datetime:
    """The next 06:00 in India after a login."""
    return next_death(logged_in_at, DIES_AT)
