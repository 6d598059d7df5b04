"""Who is logged in at a sandbox: one-time codes, and access tokens that die in the early morning.

A user has one access token per app at a time; a second login ends the first. With a file the
tokens survive a restart of the sandbox, as the brokers' do.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Final

from core.domain.clock import IST, Clock
from core.errors import BadInput

CODE_LIVES: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Login:
    """An open session; times are ISO with their zone."""

    user_id: str
    access_token: str
    login_at: str
    dies_at: str


class Logins:
    """Logins of one app's users. What a broker answers to a wrong one is its dialect's."""

    def __init__(
        self,
        users: Sequence[str],
        *,
        clock: Clock,
        path: Path | None,
        dies_at: time,
        new_token: Callable[[], str],
    ) -> None:
        self._users = tuple(users)
        self._clock = clock
        self._path = path
        self._dies_at = dies_at
        self._new_token = new_token
        self._hear: list[Callable[[str], None]] = []
        self._codes: dict[str, tuple[str, datetime]] = {}
        self._logins: dict[str, Login] = _read(path)

    def on_end(self, hear: Callable[[str], None]) -> None:
        """Hear whose session ended; empty means everybody's."""
        self._hear.append(hear)

    def knows(self, user_id: str) -> bool:
        """Whether somebody has an account here."""
        return user_id in self._users

    def keep_code(self, code: str, user_id: str) -> str:
        """Remember a code that a redirect carries."""
        self._codes[code] = (user_id, self._clock.now())
        return code

    def spend_code(self, code: str) -> str:
        """Whose code it was, once; empty for a used, unknown or old one."""
        user_id, made_at = self._codes.pop(code, ("", self._clock.now()))
        return user_id if self._clock.now() - made_at <= CODE_LIVES else ""

    def grant(self, user_id: str) -> Login:
        """Log a user in, ending his other session."""
        if not self.knows(user_id):
            raise BadInput(f"{user_id} has no account here; there are {', '.join(self._users)}")
        now = self._clock.now()
        dies_at = _next(self._dies_at, now)
        login = Login(user_id, self._new_token(), now.isoformat(), dies_at.isoformat())
        self.kill(user_id)
        self._logins[login.access_token] = login
        self._write()
        return login

    def holder(self, access_token: str) -> str:
        """Whose token this is; empty for one that opens nothing any more."""
        login = self._logins.get(access_token)
        if login is None or self._clock.now() >= datetime.fromisoformat(login.dies_at):
            return ""
        return login.user_id

    def log_out(self, access_token: str) -> bool:
        """End a session; False for a token that opens nothing."""
        login = self._logins.pop(access_token, None)
        if login is None:
            return False
        self._write()
        self._tell(login.user_id)
        return True

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


def _next(hour: time, now: datetime) -> datetime:
    """The next time that it is `hour` in India."""
    local = now.astimezone(IST)
    at = datetime.combine(local.date(), hour, IST)
    return at if local < at else at + timedelta(days=1)
