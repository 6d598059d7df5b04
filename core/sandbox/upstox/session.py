"""Who is logged in: one-time codes, access tokens that die at 03:30 IST, one-time socket passes.

A user has one access token per app at a time; a second login ends the first. With a folder the
tokens survive a restart of the sandbox.
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path

from core.domain.clock import IST, Clock
from core.errors import BadInput
from core.sandbox.upstox.answers import BAD_TOKEN, UpstoxError

CODE_LIVES = timedelta(minutes=5)
PASS_LIVES = timedelta(minutes=1)
TOKEN_DIES_AT = time(3, 30)
NO_TOKEN = "Invalid token used to access API"


@dataclass(frozen=True, slots=True)
class App:
    """One registered app; the redirect must be given again when a code is exchanged."""

    client_id: str = "sandbox-upstox-client-0001"
    client_secret: str = field(default="sandboxsecret1", repr=False)
    redirect_uri: str = "http://127.0.0.1:8501/"


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
        self._codes: dict[str, tuple[str, datetime]] = {}
        self._passes: dict[str, tuple[str, str, datetime]] = {}
        self._logins: dict[str, Login] = _read(path)

    def on_end(self, hear: Callable[[str], None]) -> None:
        """Hear whose session ended; empty means everybody's."""
        self._hear.append(hear)

    def code(self, user_id: str) -> str:
        """A code that a redirect carries."""
        if user_id not in self._users:
            raise UpstoxError("UDAPI100016", f"Invalid credentials: {user_id!r} has no account")
        made = secrets.token_urlsafe(6)
        self._codes[made] = (user_id, self._clock.now())
        return made

    def exchange(self, *, client_id: str, secret: str, code: str, redirect_uri: str) -> Login:
        """Turn a code into an access token, once; raises UpstoxError."""
        app = self.app
        named = hmac.compare_digest(client_id.encode(), app.client_id.encode())
        if not (named and hmac.compare_digest(secret.encode(), app.client_secret.encode())):
            raise UpstoxError("UDAPI100016", "Invalid Credentials")
        if redirect_uri != app.redirect_uri:
            raise UpstoxError("UDAPI100068", "Check your 'client_id' and 'redirect_uri'")
        user_id, made_at = self._codes.pop(code, ("", self._clock.now()))
        if not user_id or self._clock.now() - made_at > CODE_LIVES:
            raise UpstoxError("UDAPI100057", "Invalid Auth code")
        return self.grant(user_id)

    def grant(self, user_id: str) -> Login:
        """Log a user in, ending his other session."""
        if user_id not in self._users:
            raise BadInput(f"{user_id} has no account here; there are {', '.join(self._users)}")
        now = self._clock.now()
        login = Login(user_id, secrets.token_urlsafe(24), now.isoformat(), _dies(now).isoformat())
        self.kill(user_id)
        self._logins[login.access_token] = login
        self._write()
        return login

    def user_of(self, access_token: str) -> str:
        """Whose token this is; raises UpstoxError."""
        login = self._logins.get(access_token)
        if login is None or self._clock.now() >= datetime.fromisoformat(login.dies_at):
            raise UpstoxError(BAD_TOKEN, NO_TOKEN)
        return login.user_id

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
        """Log out."""
        login = self._logins.pop(access_token, None)
        if login is None:
            raise UpstoxError(BAD_TOKEN, NO_TOKEN)
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
        opened = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(opened, "w") as file:
            json.dump(rows, file)


def _read(path: Path | None) -> dict[str, Login]:
    if path is None or not path.exists():
        return {}
    return {row["access_token"]: Login(**row) for row in json.loads(path.read_text())}


def _dies(now: datetime) -> datetime:
    """The next 03:30 in India."""
    local = now.astimezone(IST)
    at = datetime.combine(local.date(), TOKEN_DIES_AT, IST)
    return at if local < at else at + timedelta(days=1)
