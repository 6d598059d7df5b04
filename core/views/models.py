"""Trained models: the one in use, candidates beside it, drift, and what is proposed."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.desk.desk import Desk
from core.desk.models import held
from core.desk.models_compare import WHOLE, compare
from core.desk.models_use import IN_USE, Shelved, shelved
from core.desk.retrain import EVERY_SESSIONS, Proposal, last_proposal, open_proposal
from core.desk.vote_lost import lost
from core.domain.job import JobStatus
from core.domain.words import age, ist_stamp, pct
from core.models.drift import DRIFTED_SHARE
from core.models.learners import LEARNERS, STANDARD, lacking
from core.store import models
from core.views.job import job_signature, newest
from core.views.models_beside import SideRow, beside_rows
from core.views.models_card import ModelCard, card_of, words_of
from core.views.models_drift import DriftView, drift_view
from core.views.models_shelf import (
    UseRow,
    VersionRow,
    history_of,
    how_it_came,
    label_of,
    version_row,
    waiting_words,
    way_back,
)

HISTORY = 20  # choices shown, the newest
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
        history = history_of(tx, uses[:HISTORY])
        waits, last = open_proposal(tx), last_proposal(tx)
        gone = lost(tx, shown.version.version) if shown else ""
    use = uses[0] if uses else None
    back, no_way_back = way_back(uses, found)
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
        rows=tuple(version_row(one, shown) for one in found),
        labels={one.version.version: label_of(one) for one in found},
        records=_records(shown),
        history=history,
        beside=beside_rows(beside.candidate, beside.in_use) if beside else (),
        in_use=now.version.version if now else "",
        warnings=beside.warnings if beside else (),
        can_promote=shown is not None and shown is not now and not shown.refused,
        back_to=back,
        no_way_back=no_way_back,
        how="" if use is None else how_it_came(use),
        waiting=waiting_words(found),
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
