"""Kite's logins: request tokens with a checksum, and access tokens that die at 06:00 IST."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import Final

from core.domain.clock import Clock
from core.sandbox.kite.answers import KiteError
from core.sandbox.logins import Login, Logins

TOKEN_DIES_AT: Final = time(6, 0)
BAD_TOKEN: Final = "Incorrect `api_key` or `access_token`."


@dataclass(frozen=True, slots=True)
class App:
    """One registered Kite Connect app; empty addresses are not registered."""

    api_key: str = "sandboxkitekey01"
    api_secret: str = "sandboxkitesecretsandboxkite0001"
    redirect_url: str = ""
    postback_url: str = ""
    app_id: int = 1234


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
            new_token=lambda: secrets.token_hex(16),
        )
        self.app = app

    def request_token(self, user_id: str) -> str:
        """A token that a redirect carries; raises InputException for somebody unknown."""
        if not self.knows(user_id):
            raise KiteError("InputException", f"Invalid username: {user_id!r} has no account.")
        return self.keep_code(secrets.token_hex(16), user_id)

    def exchange(self, api_key: str, request_token: str, checksum: str) -> Login:
        """Turn a request token into an access token, once; raises TokenException."""
        app = self.app
        text = f"{app.api_key}{request_token}{app.api_secret}"
        expected = hashlib.sha256(text.encode()).hexdigest()
        if api_key != app.api_key:
            raise KiteError("InputException", "Invalid `api_key`.")
        if not hmac.compare_digest(expected, checksum):
            raise KiteError("TokenException", "Invalid `checksum`.")
        user_id = self.spend_code(request_token)
        if not user_id:
            raise KiteError("TokenException", "Token is invalid or has expired.")
        return self.grant(user_id)

    def user_of(self, api_key: str, access_token: str) -> str:
        """Whose token this is; raises TokenException."""
        user_id = self.holder(access_token)
        if api_key != self.app.api_key or not user_id:
            raise KiteError("TokenException", BAD_TOKEN)
        return user_id

    def end(self, access_token: str) -> None:
        """Log out; a token that opens nothing raises TokenException."""
        if not self.log_out(access_token):
            raise KiteError("TokenException", BAD_TOKEN)
