"""Logging in at Upstox: the address a person opens, and the exchange of the one-time code.

A token dies at 03:30 in India, whenever it was made, and nothing renews it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any, Final
from urllib.parse import urlencode

from core.brokers.login import LoggedIn, logged_in, next_death
from core.brokers.plain import row_of
from core.brokers.upstox import NAME
from core.brokers.upstox.client import HOST, VERSION, Client
from core.brokers.wire import Patience
from core.domain.clock import Clock
from core.errors import Refused, SessionDead, SourceWrong

DIALOG: Final = "/v2/login/authorization/dialog"
DIES_AT: Final = time(3, 30)


@dataclass(frozen=True, slots=True)
class Keys:
    """One Upstox app's id, secret and registered address; the first two are never shown."""

    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)
    redirect_uri: str


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
) -> LoggedIn:
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
    return logged_in(client, row_of(found, NAME, "login"), at=clock.now(), dies_at=DIES_AT)


def expires_at(logged_in_at: datetime) -> datetime:
    """The next 03:30 in India after a login."""
    return next_death(logged_in_at, DIES_AT)
