"""Who may see the page: one-time links, sessions and the password, as files in the desk's home.

Only hashes are kept, each file readable by its owner alone. A link works once and within
LINK_MINUTES; what it gives is a session that outlives a restart and ends after SESSION_HOURS.
Links and sessions are dated by the wall, whatever time it is at a simulated market.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from core.desk import sign
from core.domain.clock import Clock, WallClock
from core.errors import BadInput, Refused

LINK_MINUTES: Final = 30
SESSION_HOURS: Final = 24
PASSWORD_LENGTH_MIN: Final = 10

WALL: Final = WallClock()


def fresh_link(home: Path, port: int, *, host: str = "127.0.0.1", clock: Clock = WALL) -> str:
    """A link that opens the page once; the link given before it stops working."""
    token = secrets.token_urlsafe(32)
    _keep(_link_file(home), f"{_hash(token)} {_deadline(clock, timedelta(minutes=LINK_MINUTES))}")
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}/enter?token={token}"


def redeem(home: Path, token: str, *, clock: Clock = WALL) -> str:
    """Use up a link's token and return a new session; raises Refused when it is not the one."""
    kept = _kept(_link_file(home))
    if kept is None or not hmac.compare_digest(kept[0], _hash(token)):
        raise Refused("this link was used already or is not the latest one; ask for a fresh one")
    try:
        _link_file(home).unlink()  # of two that arrive together only one removes the file
    except FileNotFoundError:
        raise Refused("this link was used already; ask for a fresh one") from None
    if kept[1] < clock.now().timestamp():
        raise Refused(f"this link is older than {LINK_MINUTES} minutes; ask for a fresh one")
    return open_session(home, clock=clock)


def open_session(home: Path, *, clock: Clock = WALL) -> str:
    """A new session, and the value its cookie carries; sessions past their time are removed."""
    for file in _sessions(home).glob("[0-9a-f]*"):
        if _expired(file, clock):
            file.unlink(missing_ok=True)
            sign.end_web_key(home, file.name)
    session = secrets.token_urlsafe(32)
    file = _sessions(home) / _hash(session)
    until = _deadline(clock, timedelta(hours=SESSION_HOURS))
    sign.open_web_key(home, file.name, until=until)
    _keep(file, f"session {until}")
    return session


def is_session(home: Path, session: str, *, clock: Clock = WALL) -> bool:
    """Whether a cookie's value is a session that has not ended."""
    return bool(session) and not _expired(_sessions(home) / _hash(session), clock)


def end_sessions(home: Path) -> int:
    """End every session, here and in any other browser; returns how many there were."""
    files = list(_sessions(home).glob("[0-9a-f]*"))
    for file in files:
        file.unlink(missing_ok=True)
    sign.end_web_keys(home)
    return len(files)


def has_password(home: Path) -> bool:
    """Whether a password was set."""
    return _password_file(home).exists()


def set_password(home: Path, password: str) -> None:
    """Keep the password's argon2id hash and end every session; raises BadInput when too short."""
    if len(password) < PASSWORD_LENGTH_MIN:
        raise BadInput(
            f"the password has {len(password)} characters and needs {PASSWORD_LENGTH_MIN}; "
            "a short sentence makes a good one"
        )
    _keep(_password_file(home), PasswordHasher().hash(password))
    end_sessions(home)


def check_password(home: Path, password: str) -> bool:
    """Whether this is the password; False when none was set."""
    if not has_password(home):
        return False
    try:
        return PasswordHasher().verify(_password_file(home).read_text().strip(), password)
    except VerifyMismatchError:
        return False
    except InvalidHashError:
        raise Refused(
            f"{_password_file(home).name} in the desk's home is damaged; remove it, enter by a "
            "link from `munim doctor` and set the password again"
        ) from None


def _link_file(home: Path) -> Path:
    return home / "web_token"


def _password_file(home: Path) -> Path:
    return home / "password"


def _sessions(home: Path) -> Path:
    return home / "web_sessions"


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _deadline(clock: Clock, life: timedelta) -> int:
    return int((clock.now() + life).timestamp())


def _expired(file: Path, clock: Clock) -> bool:
    kept = _kept(file)
    return kept is None or kept[1] < clock.now().timestamp()


def _kept(file: Path) -> tuple[str, int] | None:
    """A file's word and its deadline in Unix seconds; None if it is absent or damaged."""
    try:
        word, deadline = file.read_text().split()
        return word, int(deadline)
    except (FileNotFoundError, ValueError):
        return None


def _keep(file: Path, text: str) -> None:
    """Write a file for its owner alone, whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text + "\n")
    draft.replace(file)
