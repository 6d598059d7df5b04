"""Session tokens on disk, encrypted, one file a login, for the worker alone.

The passphrase is MUNIM_SECRET or a word of our own in the system's keyring; scrypt with a random
salt makes the key, so two files never share one. A file is sealed to its login's name: copied to
another login it does not open.
"""

from __future__ import annotations

import base64
import json
import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from core.errors import BadInput, BadSetting, Tampered

SERVICE: Final = "munim"
NAME: Final = "vault"
VARIABLE: Final = "MUNIM_SECRET"
SHORTEST: Final = 12
FORMAT: Final = 1
COST: Final = 2**15  # 32 MB and about a tenth of a second a key
LOGIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
NOFOLLOW: Final = getattr(os, "O_NOFOLLOW", 0)


@dataclass(frozen=True, slots=True)
class Kept:
    """A session as it is kept; its token is never shown."""

    login_id: str
    user_id: str
    token: str
    expires_at: datetime

    def __repr__(self) -> str:
        return f"Kept({self.login_id}, {self.user_id}, until {self.expires_at.isoformat()})"


class Vault:
    """The folder of sealed sessions; `folder` is made for its owner alone."""

    def __init__(self, folder: Path, passphrase: str) -> None:
        if len(passphrase) < SHORTEST:
            raise BadSetting(
                f"{VARIABLE} has {len(passphrase)} characters; give it {SHORTEST} or more"
            )
        self._folder = folder
        self._passphrase = passphrase.encode()
        self._keys: dict[bytes, bytes] = {}

    def __repr__(self) -> str:
        return f"Vault({self._folder.name})"

    def put(self, kept: Kept) -> None:
        """Seal a session, replacing the login's last one; a crash leaves the old or the new."""
        path = self._path(kept.login_id)
        salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
        plain = {
            "user_id": kept.user_id,
            "token": kept.token,
            "expires_at": kept.expires_at.isoformat(),
        }
        sealed = AESGCM(self._key(salt)).encrypt(
            nonce, json.dumps(plain).encode(), _seal(kept.login_id)
        )
        body = {"format": FORMAT, "salt": _text(salt), "nonce": _text(nonce), "box": _text(sealed)}
        _write(path, json.dumps(body).encode())

    def get(self, login_id: str) -> Kept | None:
        """A login's session, expired or not; None when none is kept.

        Raises BadSetting for another passphrase, Tampered for a file that is no sealed session.
        """
        path = self._path(login_id)
        try:
            raw = _read(path)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Tampered(
                f"login {login_id}: its session file cannot be read ({error.strerror}); "
                "delete it and log in again"
            ) from None
        plain = self._opened(login_id, raw)
        return Kept(
            login_id=login_id,
            user_id=plain["user_id"],
            token=plain["token"],
            expires_at=datetime.fromisoformat(plain["expires_at"]),
        )

    def drop(self, login_id: str) -> None:
        """Forget a login's session."""
        self._path(login_id).unlink(missing_ok=True)

    def _opened(self, login_id: str, raw: bytes) -> dict[str, Any]:
        try:
            body = json.loads(raw)
            if body["format"] != FORMAT:
                raise ValueError(body["format"])
            salt, nonce, box = (base64.b64decode(body[part]) for part in ("salt", "nonce", "box"))
        except (ValueError, KeyError, TypeError):
            body = None
        if body is None:
            raise Tampered(
                f"login {login_id}: its session file is no sealed session; delete it and log in "
                "again"
            )
        try:
            plain: dict[str, Any] = json.loads(
                AESGCM(self._key(salt)).decrypt(nonce, box, _seal(login_id))
            )
        except (InvalidTag, ValueError):
            plain = {}
        if not plain:
            raise BadSetting(
                f"login {login_id}: its session does not open with this {VARIABLE}; set the one "
                "it was sealed with, or log in again"
            )
        return plain

    def _key(self, salt: bytes) -> bytes:
        if salt not in self._keys:
            made = Scrypt(salt=salt, length=32, n=COST, r=8, p=1).derive(self._passphrase)
            self._keys = {salt: made, **dict(list(self._keys.items())[:7])}
        return self._keys[salt]

    def _path(self, login_id: str) -> Path:
        if not LOGIN.fullmatch(login_id):
            raise BadInput(
                f"login {login_id[:70]!r} cannot name a file; use letters, digits, . _ and -"
            )
        return self._folder / f"{login_id}.session"


def open_vault(
    folder: Path,
    *,
    environ: Mapping[str, str] | None = None,
    keyring_word: Callable[[], str | None] | None = None,
) -> Vault:
    """The vault with MUNIM_SECRET, else with the keyring's word, made when it has none.

    Raises BadSetting where there is neither.
    """
    given = (os.environ if environ is None else environ).get(VARIABLE)
    if given:
        return Vault(folder, given)
    found = (keyring_word or _keyring_word)()
    if not found:
        raise BadSetting(
            f"session tokens need a key and this system has no keyring; set {VARIABLE} to "
            f"{SHORTEST} or more characters"
        )
    return Vault(folder, found)


def _keyring_word() -> str | None:
    """The vault's own word; None where there is no keyring or it cannot be used."""
    import keyring
    from keyring.errors import KeyringError

    try:
        found = keyring.get_password(SERVICE, NAME)
        if not found:
            found = secrets.token_urlsafe(32)
            keyring.set_password(SERVICE, NAME, found)
    except KeyringError:
        return None
    return found


def _seal(login_id: str) -> bytes:
    return f"munim session {FORMAT} {login_id}".encode()


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _read(path: Path) -> bytes:
    with os.fdopen(os.open(path, os.O_RDONLY | NOFOLLOW), "rb") as file:
        return file.read(65_536)


def _write(path: Path, body: bytes) -> None:
    """Write beside and rename, readable by the owner alone from the first byte."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
