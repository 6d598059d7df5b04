"""Trained models: the one in use, candidates beside it, drift, and what is proposed."""

from __future__ import annotations

import json
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date

from core.desk.desk import Desk
from core.desk.models import sheet
from core.desk.models_compare import Compared, compare
from core.desk.models_use import CANDIDATE, IN_USE, Shelved, shelved
from core.desk.retrain import EVERY_SESSIONS, Proposal, last_proposal, open_proposal
from core.domain.research import ModelUse
from core.domain.words import counted, day, decimal, ist_stamp, number, pct
from core.features.table import WORDS
from core.models.drift import DRIFTED_SHARE, PSI_MUCH, PSI_SOME, SESSIONS, Drift
from core.models.learners import LEARNERS, STANDARD, lacking
from core.store import models
from core.store.codec import from_json
from core.views.job import job_signature, newest_result
from core.views.models_card import ModelCard, card_of, words_of
from core.views.shown import RowMark, Tag, TagTone, Text, Tone

TOP = 12  # features of the drift table
TONES: dict[str, TagTone] = {IN_USE: "ok", CANDIDATE: "sim"}
LEVELS: dict[str, Tone] = {"much": "warn", "some": "", "steady": "mute"}
HOW = {
    "first": "put to use by itself, the first of this store",
    "in place of one refused": "put to use because the one before was refused",
}


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One line of the history."""

    version: str
    stands: Tag
    trained: str
    vote: str
    skill: str
    interval: str
    members: str
    refused: str
    mark: RowMark = ""


@dataclass(frozen=True, slots=True)
class SideRow:
    """One figure of a candidate beside that of the version in use."""

    what: str
    new: str
    old: str


@dataclass(frozen=True, slots=True)
class DriftRow:
    """One feature; `usual` is the furthest any 60 sessions of training lay."""

    name: str
    psi: Text
    usual: str
    says: Text


@dataclass(frozen=True, slots=True)
class DriftView:
    """What the worker measured last; `empty` says why there is nothing yet."""

    rows: tuple[DriftRow, ...]
    note: str
    features: str
    said: str
    empty: str = ""


@dataclass(frozen=True, slots=True)
class ModelsView:
    """The page; `card` is None on a desk without a model."""

    card: ModelCard | None
    rows: tuple[VersionRow, ...]
    names: tuple[str, ...]
    beside: tuple[SideRow, ...]
    in_use: str
    warnings: tuple[str, ...]
    can_promote: bool
    back_to: str
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


def models_view(desk: Desk, *, chosen: str = "") -> ModelsView:
    """The version chosen, or the one in use, and what stands around it."""
    found = shelved(desk)
    now = next((one for one in found if one.stands == IN_USE), None)
    shown = next((one for one in found if one.version.version == chosen), now) or (
        found[0] if found else None
    )
    with desk.store.read() as tx:
        use = models.in_use(tx)
        back = models.use_of(tx, use.back) if use and use.back else None
        waits, last = open_proposal(tx), last_proposal(tx)
    aside = shown is not None and now is not None and shown is not now
    held = compare(desk, shown.version, now.version) if aside and shown and now else None
    kinds = tuple((kind, words_of(kind)) for kind, one in LEARNERS.items() if not lacking(one))
    missing = [one.words for one in LEARNERS.values() if lacking(one)]
    return ModelsView(
        card=card_of(sheet(desk, shown.version), stands=shown.stands) if shown else None,
        rows=tuple(_row(one, shown) for one in found),
        names=tuple(one.version.version for one in found),
        beside=_beside(held.candidate, held.in_use) if held else (),
        in_use=now.version.version if now else "",
        warnings=held.warnings if held else (),
        can_promote=shown is not None and shown is not now and not shown.refused,
        back_to=back.version if back else "",
        how="" if use is None else _how(use),
        waiting=_waiting(found),
        drift=_drift(desk, now),
        proposal=_proposed(waits),
        answered=_answered(last) if waits is None else "",
        kinds=kinds,
        standard=STANDARD,
        not_installed=f"Not installed: {', '.join(missing)}." if missing else "",
        empty="No model is trained yet. A new desk trains one by itself once bars are there, in "
        "about a minute; it is put to use at once, and later ones wait here for a person.",
    )


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
        interval=f"{pct(version.skill_low, signed=True)} to {pct(version.skill_high, signed=True)}",
        members=", ".join(words_of(member.kind) for member in version.members) or "–",
        refused=one.refused,
        mark="on" if one is shown else "",
    )


def _beside(new: Compared, old: Compared) -> tuple[SideRow, ...]:
    return tuple(
        SideRow(what, of_new, of_old)
        for (what, of_new), (_, of_old) in zip(_figures(new), _figures(old), strict=True)
    )


def _figures(one: Compared) -> tuple[tuple[str, str], ...]:
    span = f"{pct(one.skill_low, signed=True)} to {pct(one.skill_high, signed=True)}"
    return (
        ("Vote", "votes" if one.has_vote else "no vote"),
        ("Skill", f"{pct(one.skill, signed=True)} ({span})"),
        ("Cases n", number(one.n, 0)),
        ("Rank IC", _known(one.rank_ic, f"± {decimal(one.rank_ic_se, digits=3)}", digits=3)),
        ("Calibration error", "–" if one.ece != one.ece else pct(one.ece, digits=1)),
        ("Inside the range, ten sessions", _covered(one)),
        ("Members", ", ".join(words_of(kind) for kind in one.members) or "–"),
        ("Features", str(one.features)),
        ("Learnt from", f"{_day(one.first)} to {_day(one.last)}"),
        ("Shares", number(one.shares, 0)),
        ("Data fingerprint", one.data[:12] or "–"),
    )


def _known(value: float, more: str, *, digits: int) -> str:
    return "–" if value != value else f"{decimal(value, digits=digits, signed=True)} {more}"


def _covered(one: Compared) -> str:
    if one.coverage != one.coverage:
        return "–"
    promised = pct(one.coverage_stated, digits=0)
    return f"{pct(one.coverage, digits=1)} of {promised} promised"


def _day(text: str) -> str:
    return day(date.fromisoformat(text)) if text else "–"


def _how(use: ModelUse) -> str:
    how = HOW.get(use.how, f"{use.how} by {use.by}")
    return f"{use.version} is in use since {ist_stamp(use.put_at)}: {how}."


def _waiting(found: Sequence[Shelved]) -> str:
    waits = [one.version.version for one in found if one.stands == CANDIDATE and not one.refused]
    if not waits:
        return ""
    return f"{counted(len(waits), 'candidate')} to compare and promote: {', '.join(waits)}."


def _drift(desk: Desk, now: Shelved | None) -> DriftView:
    found = newest_result(desk, "drift")
    told = from_json(Drift, json.dumps(found[1])) if found else None
    if now is None or told is None or told.version != now.version.version:
        return DriftView((), "", "", "", empty="Not measured yet. The worker measures it once a "
                         "session that the model has not seen has closed.")  # fmt: skip
    moved = [one for one in told.features if one.drifted]
    return DriftView(
        rows=tuple(
            DriftRow(
                name=WORDS[one.name].words if one.name in WORDS else one.name,
                psi=Text(decimal(one.psi, digits=2), LEVELS[one.level]),
                usual=decimal(one.usual, digits=2),
                says=Text("drifted", "warn") if one.drifted else Text(_level(one.level), "mute"),
            )
            for one in told.features[:TOP]
        ),
        note=f"{SESSIONS} sessions to {day(told.as_of)} · {told.sessions_since} since training",
        features=f"{len(moved)} of {counted(len(told.features), 'feature')} drifted: an index of "
        f"{PSI_MUCH} or more, and further than any {SESSIONS} sessions of training lay. "
        f"Below {PSI_SOME} nothing moved.",
        said=_said(told),
    )


def _level(level: str) -> str:
    return {"much": "much, as in training", "some": "some", "steady": "steady"}[level]


def _said(told: Drift) -> str:
    one = told.calibration
    if not one.measured:
        return (
            f"Too few outcomes to hold its probabilities against: n {one.n}, {one.blocks} of 3 "
            f"blocks of twenty sessions; {told.waiting} predictions are not over yet."
        )
    span = f"{pct(one.low, digits=1, signed=True)} to {pct(one.high, digits=1, signed=True)}"
    verdict = "they have drifted" if one.drifted else "they still hold"
    return (
        f"Since training it said {pct(one.said, digits=1)} on average and "
        f"{pct(one.came, digits=1)} came, n {one.n}; came minus said {span} (95 %), so {verdict}."
    )


def _proposed(waits: Proposal | None) -> str:
    if waits is None:
        return ""
    return f"A new training is proposed, {ist_stamp(waits.made_at)}: {'; '.join(waits.reasons)}."


def _answered(last: Proposal | None) -> str:
    rule = (
        f"None waits. One is made {EVERY_SESSIONS} sessions after the training data end, when "
        f"{pct(DRIFTED_SHARE, digits=0)} of the features drifted, or when probabilities did."
    )
    if last is None or last.answered_at is None:
        return rule
    return f"{rule} The last one was {last.state} by {last.by}, {ist_stamp(last.answered_at)}."
