"""Stored versions, which of them was in use when, and where a rollback leads."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from core.desk.models_use import CANDIDATE, IN_USE, Shelved
from core.desk.vote_said import span_of
from core.domain.research import ModelUse
from core.domain.words import counted, ist_stamp, number, pct
from core.store import audit
from core.views.models_card import words_of
from core.views.shown import RowMark, Tag, TagTone

TONES: dict[str, TagTone] = {IN_USE: "ok", CANDIDATE: "sim"}
HOW = {
    "first": "put to use by itself, the first of this store",
    "in place of one refused": "put to use because the one before was refused",
}


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One stored version; `interval` is that of its skill at the level it was measured at."""

    version: str
    stands: Tag
    trained: str
    vote: str
    skill: str
    interval: str
    n: str
    members: str
    refused: str
    mark: RowMark = ""


@dataclass(frozen=True, slots=True)
class UseRow:
    """One choice of the model in use, with what the person said of it."""

    since: str
    version: str
    how: str
    why: str


def way_back(uses: Sequence[ModelUse], found: Sequence[Shelved]) -> tuple[str, str]:
    """The version a rollback returns to, or why it cannot."""
    before = next((one for one in uses if uses and one.number == uses[0].back), None)
    if before is None:
        return "", ""
    kept = next((one for one in found if one.version.version == before.version), None)
    if kept is None or kept.refused:
        why = kept.refused if kept else f"{before.version} is not stored any more"
        return "", f"No way back to the version before: {why}."
    return before.version, ""


def history_of(tx: Session, uses: Sequence[ModelUse]) -> tuple[UseRow, ...]:
    """Choices of the model in use as rows, with what was said of each in the record."""
    whys = _whys(tx, uses)
    return tuple(
        UseRow(
            since=ist_stamp(one.put_at),
            version=one.version,
            how=HOW.get(one.how, f"{one.how} by {one.by}"),
            why=whys.get(one.number, ""),
        )
        for one in uses
    )


def label_of(one: Shelved) -> str:
    """A version with its time and standing, as it is chosen from a list."""
    stands = "refused" if one.refused else one.stands
    return f"{one.version.version} · {ist_stamp(one.version.trained_at)} · {stands}"


def version_row(one: Shelved, shown: Shelved | None) -> VersionRow:
    """One version in the table; the one shown is marked."""
    version = one.version
    return VersionRow(
        version=version.version,
        stands=Tag("refused", "bad")
        if one.refused
        else Tag(one.stands, TONES.get(one.stands, "line")),
        trained=ist_stamp(version.trained_at),
        vote=one.told.vote,
        skill=pct(version.skill, signed=True),
        interval=span_of(one.told),
        n=number(version.n_out_of_sample, 0),
        members=", ".join(words_of(member.kind) for member in version.members) or "–",
        refused=one.refused,
        mark="on" if one is shown else "off" if one.refused else "",
    )


def how_it_came(use: ModelUse) -> str:
    """Which version is in use, since when and by whom."""
    how = HOW.get(use.how, f"{use.how} by {use.by}")
    return f"{use.version} is in use since {ist_stamp(use.put_at)}: {how}."


def waiting_words(found: Sequence[Shelved]) -> str:
    """Candidates that wait for a person; "" for none."""
    waits = [one.version.version for one in found if one.stands == CANDIDATE and not one.refused]
    if not waits:
        return ""
    return f"{counted(len(waits), 'candidate')} to compare and promote: {', '.join(waits)}."


def _whys(tx: Session, uses: Sequence[ModelUse]) -> dict[int, str]:
    """What was said of each choice in the record, by its number."""
    told = [
        json.loads(entry.body)
        for version in {one.version for one in uses}
        for entry in audit.entries(tx, subject=version)
        if entry.verb == "use model"
    ]
    return {body["number"]: str(body.get("why", "")) for body in told if "number" in body}
