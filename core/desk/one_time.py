"""A broker's one-time code on its way from the page to the worker: a file, and never the store.

A store keeps old pages in its log after a row was blanked; a file that was removed is gone for
every copy of the store. It is readable by its owner alone and serves once.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

from core.errors import BadInput

FOLDER: Final = "codes"
NAME: Final = re.compile(r"[0-9a-f]{1,64}")


def put_code(home: Path, ask_id: str, code: str) -> None:
    """Leave the code of one wish for the worker; one that lies there already is replaced."""
    file = _file(home, ask_id)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(code)


def take_code(home: Path, ask_id: str) -> str:
    """The code of one wish, removed before it is used; empty when none lies there."""
    file = _file(home, ask_id)
    try:
        code = file.read_text()
        file.unlink()
    except FileNotFoundError:
        return ""
    return code


def _file(home: Path, ask_id: str) -> Path:
    if not NAME.fullmatch(ask_id):
        raise BadInput(f"{ask_id!r} is no wish to log in")
    return home / FOLDER / ask_id
