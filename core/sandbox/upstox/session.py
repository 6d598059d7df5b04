"""Upstox's logins: codes, access tokens that die at 03:30 IST, and one-time socket passes."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Final

from core.domain.clock import Clock
from core.sandbox.logins import Login, Logins
from core.sandbox.upstox.answers import BAD_TOKEN, UpstoxError

PASS_LIVES: Final = timedelta(minutes=1)
TOKEN_DIES_AT: Final = time(3, 30)
NO_TOKEN: Final = "Invalid token used to access API"


@dataclass(frozen=True, slots=True)
class App:
    """One registered app; the redirect must be given again when a code is exchanged."""

    client_id: str = "sandbox-upstox-client-0001"
    client_secret: str = field(default="sandboxsecret1", repr=False)
    redirect_uri: str = "http://127.0.0.1:8501/"


class Sessions(Logins):
    """Logins of one app's users."""

    def __init__(
        self, app: App, users: Sequence[str], *, clock: Clock, path: Path | None = None
    ) -> None:
        super().__init__(
            users,
            clock=clock,
            path=path,
            dies_at=TOKEN_DIES_AT,
            new_token=lambda: secrets.token_urlsafe(24),
        )
        self.app = app
        self._passes: dict[str, tuple[str, str, datetime]] = {}

    def code(self, user_id: str) -> str:
        """A code that a redirect carries; raises UpstoxError for somebody unknown."""
        if not self.knows(user_id):
            raise UpstoxError("UDAPI100016", f"Invalid credentials: {user_id!r} has no account")
        return self.keep_code(secrets.token_urlsafe(6), user_id)

    def exchange(self, *, client_id: str, secret: str, code: str, redirect_uri: str) -> Login:
        """Turn a code into an access token, once; raises UpstoxError."""
        app = self.app
        named = hmac.compare_digest(client_id.encode(), app.client_id.encode())
        if not (named and hmac.compare_digest(secret.encode(), app.client_secret.encode())):
            raise UpstoxError("UDAPI100016", "Invalid Credentials")
        if redirect_uri != app.redirect_uri:
            raise UpstoxError("UDAPI100068", "Check your 'client_id' and 'redirect_uri'")
        user_id = self.spend_code(code)
        if not user_id:
            raise UpstoxError("UDAPI100057", "Invalid Auth code")
        return self.grant(user_id)

    def user_of(self, access_token: str) -> str:
        """Whose token this is; raises UpstoxError."""
        user_id = self.holder(access_token)
        if not user_id:
            raise UpstoxError(BAD_TOKEN, NO_TOKEN)
        return user_id

    def socket_pass(self, user_id: str, kind: str) -> str:
        """A word that opens one socket of a kind once."""
        made = secrets.token_urlsafe(16)
        self._passes[made] = (user_id, kind, self._clock.now())
        return made

    def user_of_pass(self, word: str, kind: str) -> str:
        """Whose socket this opens; raises UpstoxError the second time."""
        user_id, made_for, at = self._passes.pop(word, ("", "", self._clock.now()))
        if made_for != kind or self._clock.now() - at > PASS_LIVES:
            raise UpstoxError(BAD_TOKEN, NO_TOKEN)
        return user_id

    def end(self, access_token: str) -> None:
        """Log out; a token that opens nothing raises UpstoxError."""
        if not self.log_out(access_token):
            raise UpstoxError(BAD_TOKEN, NO_TOKEN)
