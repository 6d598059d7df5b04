"""Who is logged in: one-time request tokens, checksums and access tokens that die at 06:00 IST.

A user has one access token per app at a time; a second login ends the first. With a folder the
tokens survive a restart of the sandbox, as Kite's do.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, time, timedelta
from pathlib import Path

from core.domain.clock import IST, Clock
from core.errors import BadInput
from core.sandbox.kite.answers import KiteError

REQUEST_TOKEN_LIVES = timedelta(minutes=5)
TOKEN_DIES_AT = time(6, 0)
BAD_TOKEN = "Incorrect `api_key` or `access_token`."


@dataclass(frozen=True, slots=True)
class App:
    """One registered Kite Connect app; empty addresses are not registered."""

    api_key: str = "sandboxkitekey01"
    api_secret: str = "sandboxkitesecretsandboxkite0001"
    redirect_url: str = ""
    postback_url: str = ""
    app_id: int = 1234


@dataclass(frozen=True, slots=True)
class Login:
    """An open session; times are ISO with their zone."""

    user_id: str
    access_token: str
    login_at: str
    dies_at: str


class Sessions:
    """Logins of one app's users."""

    def __init__(
        self, app: App, users: Sequence[str], *, clock: Clock, path: Path | None = None
    ) -> None:
        self.app = app
        self._users = tuple(users)
        self._clock = clock
        self._path = path
        self._hear: list[Callable[[str], None]] = []
        self._requests: dict[str, tuple[str, datetime]] = {}
        self._logins: dict[str, Login] = _read(path)

    def on_end(self, hear: Callable[[str], None]) -> None:
        """Hear whose session ended; empty means everybody's."""
        self._hear.append(hear)

    def request_token(self, user_id: str) -> str:
        """A token that a redirect carries; raises InputException for somebody unknown."""
        if user_id not in self._users:
            raise KiteError("InputException", f"Invalid username: {user_id!r} has no account.")
        token = secrets.token_hex(16)
        self._requests[token] = (user_id, self._clock.now())
        return token

    def exchange(self, api_key: str, request_token: str, checksum: str) -> Login:
        """Turn a request token into an access token, once; raises TokenException."""
        app = self.app
        text = f"{app.api_key}{request_token}{app.api_secret}"
        expected = hashlib.sha256(text.encode()).hexdigest()
        if api_key != app.api_key:
            raise KiteError("InputException", "Invalid `api_key`.")
        if not hmac.compare_digest(expected, checksum):
            raise KiteError("TokenException", "Invalid `checksum`.")
        user_id, made_at = self._requests.pop(request_token, ("", self._clock.now()))
        if not user_id or self._clock.now() - made_at > REQUEST_TOKEN_LIVES:
            raise KiteError("TokenException", "Token is invalid or has expired.")
        return self.grant(user_id)

    def grant(self, user_id: str) -> Login:
        """Log a user in, ending his other session."""
        if user_id not in self._users:
            raise BadInput(f"{user_id} has no account here; there are {', '.join(self._users)}")
        now = self._clock.now()
        login = Login(
            user_id=user_id,
            access_token=secrets.token_hex(16),
            login_at=now.isoformat(),
            dies_at=_next_six(now).isoformat(),
        )
        self.kill(user_id)
        self._logins[login.access_token] = login
        self._write()
        return login

    def user_of(self, api_key: str, access_token: str) -> str:
        """Whose token this is; raises TokenException."""
        login = self._logins.get(access_token)
        if api_key != self.app.api_key or login is None:
            raise KiteError("TokenException", BAD_TOKEN)
        if self._clock.now() >= datetime.fromisoformat(login.dies_at):
            raise KiteError("TokenException", BAD_TOKEN)
        return login.user_id

    def end(self, access_token: str) -> None:
        """Log out; a token that opens nothing raises TokenException."""
        login = self._logins.pop(access_token, None)
        if login is None:
            raise KiteError("TokenException", BAD_TOKEN)
        self._write()
        self._tell(login.user_id)

    def kill(self, user_id: str = "") -> None:
        """End a user's session, or everybody's."""
        self._logins = {
            token: login
            for token, login in self._logins.items()
            if user_id not in ("", login.user_id)
        }
        self._write()
        self._tell(user_id)

    def _tell(self, user_id: str) -> None:
        for hear in list(self._hear):
            hear(user_id)

    def _write(self) -> None:
        if self._path is None:
            return
        rows = [asdict(login) for login in self._logins.values()]
        handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump(rows, file)


def _read(path: Path | None) -> dict[str, Login]:
    if path is None or not path.exists():
        return {}
    return {row["access_token"]: Login(**row) for row in json.loads(path.read_text())}


def _next_six(now: datetime) -> datetime:
    """The next 06:00 in India."""
    local = now.astimezone(IST)
    six = datetime.combine(local.date(), TOKEN_DIES_AT, IST)
    return six if local < six else six + timedelta(days=1)
