"""What one reading transaction was told already.

It sees one moment of the store, so an answer stays true until it ends, and rows of many plans may
be read together before each is asked for. A transaction that writes keeps nothing: it may have
changed what it asks about.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from sqlmodel import Session

KEPT = "munim_kept"
T = TypeVar("T")


def kept(tx: Session, kind: str, key: str, read: Callable[[], T]) -> T:
    """The answer to a question, read once while the transaction only reads."""
    answers: dict[tuple[str, str], T] | None = tx.info.get(KEPT)
    if answers is None:
        return read()
    if (kind, key) not in answers:
        answers[kind, key] = read()
    return answers[kind, key]


def keep(tx: Session, kind: str, answers: Mapping[str, object]) -> None:
    """Know these answers before they are asked for; for a transaction that only reads."""
    tx.info[KEPT].update({(kind, key): answer for key, answer in answers.items()})


def keeps(tx: Session) -> bool:
    """Whether the transaction only reads, so that reading ahead is of use."""
    return KEPT in tx.info
