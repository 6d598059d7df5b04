"""Trained models: the one in use, candidates beside it, drift, and what is proposed."""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlmodel import Session

from core.desk.desk import Desk
from core.desk.models import held
from core.desk.models_compare import WHOLE, compare
from core.desk.models_use import CANDIDATE, IN_USE, Shelved, shelved
from core.desk.retrain import EVERY_SESSIONS, Proposal, last_proposal, open_proposal
from core.desk.vote_lost import lost
from core.desk.vote_said import span_of
from core.domain.job import JobStatus
from core.domain.research import ModelUse
from core.domain.words import age, counted, ist_stamp, number, pct
from core.models.drift import DRIFTED_SHARE
from core.models.learners import LEARNERS, STANDARD, lacking
from core.store import audit, models
from core.views.job import job_signature, newest
from core.views.models_beside import SideRow, beside_rows
from core.views.models_card import ModelCard, card_of, words_of
from core.views.models_drift import DriftView, drift_view
from core.views.shown import RowMark, Tag, TagTone

TONES: dict[str, TagTone] = {IN_USE: "ok", CANDIDATE: "sim"}
HISTORY = 20  # choices shown, the newest
HOW = {
    "first": "put to use by itself, the first of this store",
    "in place of one refused": "put to use because the one before was refused",
}
LATER = "it is put to use at once, and later ones wait here for a person."
EMPTY = {
    None: "No model is trained yet. A new desk trains one by itself once bars are there, in about "
    f"a minute; {LATER}",
    JobStatus.WAITING: f"The first model waits for the worker's turn to be trained; {LATER}",
    JobStatus.RUNNING: f"The first model is being trained; {LATER}",
    JobStatus.FAILED: "No model is trained yet: the last training failed, and none begins by "
    f"itself after that. Train one when what it names is mended; {LATER}",
    JobStatus.CANCELLED: f"No model is trained yet: the last training was called off; {LATER}",
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


@dataclass(frozen=True, slots=True)
class ModelsView:
    """The page; `card` is None on a desk without a model.

    `labels` name each version with its time and standing; `records` are the pool and each member
    whose record the card can show; `no_way_back` says why the version before cannot be put back.
    """

    card: ModelCard | None
    manifest: Mapping[str, Any]
    rows: tuple[VersionRow, ...]
    labels: Mapping[str, str]
    records: Mapping[str, str]
    history: tuple[UseRow, ...]
    beside: tuple[SideRow, ...]
    in_use: str
    warnings: tuple[str, ...]
    can_promote: bool
    back_to: str
    no_way_back: str
    how: str
    waiting: str
    drift: DriftView
    proposal: str
    answered: str
    kinds: tuple[tuple[str, str], ...]
    standard: tuple[str, ...]
    not_installed: str
    empty: str


def models_signature(desk: Desk) -> Hashable:
    """Changes with the jobs of this page, the versions, their use and a proposal's answer."""
    with desk.store.read() as tx:
        use, last = models.in_use(tx), last_proposal(tx)
        known = tuple(one.version for one in models.versions(tx))
    return job_signature(desk, "train", "drift"), use, known, last


def models_view(desk: Desk, *, chosen: str = "", record: str = WHOLE) -> ModelsView:
    """The version chosen, or the one in use, and what stands around it.

    Args:
        record: whose figures by year and regime, the pool's or a member's.
    """
    found = [_held(desk, one, chosen) for one in shelved(desk)]
    now = next((one for one in found if one.stands == IN_USE), None)
    shown = next((one for one in found if one.version.version == chosen), now) or (
        found[0] if found else None
    )
    with desk.store.read() as tx:
        uses = models.uses(tx)
        history = _history(uses[:HISTORY], _whys(tx, uses[:HISTORY]))
        waits, last = open_proposal(tx), last_proposal(tx)
        gone = lost(tx, shown.version.version) if shown else ""
    use = uses[0] if uses else None
    back, no_way_back = _back(uses, found)
    aside = shown is not None and now is not None and shown is not now
    beside = compare(desk, shown.version, now.version) if aside and shown and now else None
    missing = [one.words for one in LEARNERS.values() if lacking(one)]
    return ModelsView(
        card=(
            card_of(replace(shown.told, lost=gone), stands=shown.stands, record=record)
            if shown
            else None
        ),
        manifest=shown.told.manifest if shown else {},
        rows=tuple(_row(one, shown) for one in found),
        labels={one.version.version: _label(one) for one in found},
        records=_records(shown),
        history=history,
        beside=beside_rows(beside.candidate, beside.in_use) if beside else (),
        in_use=now.version.version if now else "",
        warnings=beside.warnings if beside else (),
        can_promote=shown is not None and shown is not now and not shown.refused,
        back_to=back,
        no_way_back=no_way_back,
        how="" if use is None else _how(use),
        waiting=_waiting(found),
        drift=drift_view(desk, now.version.version if now else ""),
        proposal=_proposed(waits),
        answered=_answered(last) if waits is None else "",
        kinds=tuple((kind, words_of(kind)) for kind, one in LEARNERS.items() if not lacking(one)),
        standard=STANDARD,
        not_installed=f"Not installed: {', '.join(missing)}." if missing else "",
        empty="" if shown else _empty(desk),
    )


def _held(desk: Desk, one: Shelved, chosen: str) -> Shelved:
    """The same; of the one in use and the one shown every file is held against its hash."""
    looked_at = one.stands == IN_USE or one.version.version == chosen
    return replace(one, told=held(desk, one.told)) if looked_at else one


def _empty(desk: Desk) -> str:
    """Why there is no model, by what became of the newest training."""
    asked = newest(desk, "train")
    return EMPTY.get(asked.status if asked else None, EMPTY[None])


def _records(shown: Shelved | None) -> dict[str, str]:
    """The pool first, then each member that was measured; empty without figures."""
    if shown is None or WHOLE not in shown.told.measures:
        return {}
    kinds = [one.kind for one in shown.version.members if one.kind in shown.told.measures]
    return {WHOLE: "all members, pooled", **{kind: words_of(kind) for kind in kinds}}


def _back(uses: Sequence[ModelUse], found: Sequence[Shelved]) -> tuple[str, str]:
    """The version a rollback returns to, or why it cannot."""
    before = next((one for one in uses if uses and one.number == uses[0].back), None)
    if before is None:
        return "", ""
    kept = next((one for one in found if one.version.version == before.version), None)
    if kept is None or kept.refused:
        why = kept.refused if kept else f"{before.version} is not stored any more"
        return "", f"No way back to the version before: {why}."
    return before.version, ""


def _whys(tx: Session, uses: Sequence[ModelUse]) -> dict[int, str]:
    """What was said of each choice in the record, by its number."""
    told = [
        json.loads(entry.body)
        for version in {one.version for one in uses}
        for entry in audit.entries(tx, subject=version)
        if entry.verb == "use model"
    ]
    return {body["number"]: str(body.get("why", "")) for body in told if "number" in body}


def _history(uses: Sequence[ModelUse], whys: Mapping[int, str]) -> tuple[UseRow, ...]:
    return tuple(
        UseRow(
            since=ist_stamp(one.put_at),
            version=one.version,
            how=HOW.get(one.how, f"{one.how} by {one.by}"),
            why=whys.get(one.number, ""),
        )
        for one in uses
    )


def _label(one: Shelved) -> str:
    stands = "refused" if one.refused else one.stands
    return f"{one.version.version} · {ist_stamp(one.version.trained_at)} · {stands}"


def _row(one: Shelved, shown: Shelved | None) -> VersionRow:
    version = one.version
    return VersionRow(
        version=version.version,
        stands=Tag("refused", "bad")
        if one.refused
        else Tag(one.stands, TONES.get(one.stands, "line")),
        trained=ist_stamp(version.trained_at),
        vote="votes" if version.has_vote else "no vote",
        skill=pct(version.skill, signed=True),
        interval=span_of(one.told),
        n=number(version.n_out_of_sample, 0),
        members=", ".join(words_of(member.kind) for member in version.members) or "–",
        refused=one.refused,
        mark="on" if one is shown else "off" if one.refused else "",
    )


def _how(use: ModelUse) -> str:
    how = HOW.get(use.how, f"{use.how} by {use.by}")
    return f"{use.version} is in use since {ist_stamp(use.put_at)}: {how}."


def _waiting(found: Sequence[Shelved]) -> str:
    waits = [one.version.version for one in found if one.stands == CANDIDATE and not one.refused]
    if not waits:
        return ""
    return f"{counted(len(waits), 'candidate')} to compare and promote: {', '.join(waits)}."


def _proposed(waits: Proposal | None) -> str:
    if waits is None:
        return ""
    took = "" if waits.seconds is None else f" The one in use took {age(waits.seconds)} to train."
    made = ist_stamp(waits.made_at)
    return f"A new training is proposed, {made}: {'; '.join(waits.reasons)}.{took}"


def _answered(last: Proposal | None) -> str:
    rule = (
        f"None waits. One is made {EVERY_SESSIONS} sessions after the training data end, when "
        f"{pct(DRIFTED_SHARE, digits=0)} of the features drifted, or when probabilities did; it "
        "waits for an answer as long as its model is in use."
    )
    if last is None or last.answered_at is None:
        return rule
    return f"{rule} The last one was {last.state} by {last.by}, {ist_stamp(last.answered_at)}."
