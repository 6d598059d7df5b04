"""Two letters that tell this desk's orders from another desk's at the same broker.

They live in a file beside the database, so that a copied database does not speak for its
original.
"""

from __future__ import annotations

import os
import secrets
import string
from contextlib import suppress
from pathlib import Path

from core.errors import BadSetting

FILE = "desk-id"


def desk_id(home: Path) -> str:
    """This desk's two capital letters, chosen once; raises BadSetting for a spoiled file."""
    path = home / FILE
    home.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        _choose(path)
    return _read(path)


def _choose(path: Path) -> None:
    """Write two letters, whole or not at all; of several at once, one is kept."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write("".join(secrets.choice(string.ascii_uppercase) for _ in range(2)))
    with suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()


def _read(path: Path) -> str:
    letters = path.read_text().strip()
    if len(letters) != 2 or not letters.isalpha() or not letters.isupper():
        raise BadSetting(
            f"{path.name} holds {letters!r} and not two capital letters; write the two letters "
            "that this desk's orders began with"
        )
    return letters
