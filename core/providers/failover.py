"""Several sources in order: the first good answer, else the youngest old one, else every reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from core.errors import MunimError, NoData, NotFound, SessionDead, SourceFailed
from core.providers.net.gate import Answer

T = TypeVar("T")
GO_ON = (SourceFailed, SessionDead, NotFound, NoData)  # the next source may know better


@dataclass(frozen=True, slots=True)
class Tried:
    """A source that gave nothing, and its sentence."""

    source: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """An answer, whose it is, and who was asked before without success."""

    answer: Answer[T]
    source: str
    tried: tuple[Tried, ...]


def first_good(sources: Sequence[Any], ask: Callable[[Any], Answer[T]]) -> Found[T]:
    """Ask each source in turn; each is asked once.

    A source that can only give an old answer is kept in hand while the next ones are asked.

    Raises:
        NoData: every source answered, and none has anything.
        NotFound: no source knows the name.
        SourceFailed: anything else; the sentence holds each source's own.
    """
    tried: list[Tried] = []
    reasons: list[MunimError] = []
    old: list[tuple[Answer[T], str]] = []
    for source in sources:
        try:
            answer = ask(source)
        except GO_ON as error:
            tried.append(Tried(source.name, str(error)))
            reasons.append(error)
            continue
        if not answer.is_stale:
            return Found(answer, source.name, tuple(tried))
        tried.append(Tried(source.name, answer.why_stale))
        old.append((answer, source.name))
    if old:
        youngest, name = min(old, key=lambda pair: pair[0].age_seconds)
        return Found(youngest, name, tuple(tried))
    raise _together(tried, reasons)


def _together(tried: Sequence[Tried], reasons: Sequence[MunimError]) -> MunimError:
    if len(reasons) == 1:
        return reasons[0]
    words = "; ".join(f"{one.source}: {one.sentence}" for one in tried)
    for kind in (NoData, NotFound):
        if reasons and all(isinstance(reason, kind) for reason in reasons):
            return kind(words)
    return SourceFailed(f"no source could answer: {words or 'none is set up'}")
