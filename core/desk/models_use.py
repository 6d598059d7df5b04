"""Which model the desk uses: an explicit choice, in the record, that only a person changes.

The first version of a store is put to use by itself, so that a new desk trades in minutes; later
ones are candidates. A model and the meta-label of its training move together.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session

from core.desk.desk import Desk
from core.desk.models import sheet, signed, why_refused
from core.desk.models_compare import compare
from core.domain.research import ModelUse, ModelVersion
from core.errors import BadInput, Refused
from core.store import audit, models

FIRST, PROMOTED, ROLLED_BACK = "first", "promoted", "rolled back"
IN_USE, CANDIDATE, EARLIER = "in use", "candidate", "earlier"
IN_PLACE = "in place of one refused"


@dataclass(frozen=True, slots=True)
class Shelved:
    """A stored version: IN_USE, CANDIDATE or EARLIER, and why its row is refused, "" when not."""

    version: ModelVersion
    stands: str
    refused: str


def shelved(desk: Desk) -> list[Shelved]:
    """Every version, newest first; files are not read, so one of these may still be refused."""
    with desk.store.read() as tx:
        now, found = models.current(tx, "primary"), models.versions(tx, "primary")
    return [Shelved(one, _stands(one, now), sheet(desk, one).refused) for one in found]


def _stands(one: ModelVersion, now: ModelVersion | None) -> str:
    if now is not None and one.version == now.version:
        return IN_USE
    return CANDIDATE if now is None or one.trained_at > now.trained_at else EARLIER


def keep_trained(
    desk: Desk, tx: Session, primary: ModelVersion, meta: ModelVersion, *, by: str
) -> ModelVersion:
    """Sign and store both versions of a training; the first one of a store is put to use.

    One that comes while the one in use is refused takes its place too, for a desk whose model
    does not open decides nothing. Returns the signed version.
    """
    meta = signed(desk, meta)
    primary = signed(desk, primary, meta=meta.version)
    before = models.current(tx, "primary")
    models.put(tx, meta, role="meta")
    models.put(tx, primary, role="primary")
    if before is None:
        _use(desk, tx, primary, how=FIRST, by=by, back=0)
    elif before.version != primary.version and (why := why_refused(desk, before)):
        last = models.in_use(tx)
        back = last.number if last else 0
        _use(desk, tx, primary, how=IN_PLACE, by=by, back=back, because=why)
    return primary


def standing(tx: Session, version: str) -> str:
    """Whether a version is in use, in words that end a sentence."""
    now = models.current(tx, "primary")
    if now is None or now.version == version:
        return "it is in use"
    return f"it is a candidate, and {now.version} stays in use until a person promotes it"


def promote(desk: Desk, version: str, *, by: str, despite: bool = False) -> ModelUse:
    """Put a candidate to use.

    Args:
        despite: a person has read the warnings of the comparison and goes on.

    Raises:
        NotFound: no such version.
        BadInput: it is in use already.
        Refused: it cannot be used, or the comparison warns and nobody said to go on.
    """
    with desk.store.read() as tx:
        chosen, now = models.by_version(tx, version), models.current(tx, "primary")
        meta = models.by_version(tx, chosen.meta, "meta") if chosen.meta else None
    if now is not None and now.version == version:
        raise BadInput(f"{version} is in use already; nothing to promote")
    for one in (chosen, meta):
        if one is not None and (why := why_refused(desk, one)):
            raise Refused(f"{version} stays a candidate: {why}")
    warnings = compare(desk, chosen, now).warnings if now is not None else ()
    if warnings and not despite:
        raise Refused(
            f"{version} stays a candidate: {'; '.join(warnings)}; promote it despite the "
            "warnings, or keep the one in use"
        )
    with desk.store.write() as tx:
        last = models.in_use(tx)
        return _use(
            desk,
            tx,
            chosen,
            how=PROMOTED,
            by=by,
            back=last.number if last else 0,
            despite=list(warnings),
        )


def rollback(desk: Desk, *, by: str) -> ModelUse:
    """Put back the version that was in use before the present one was promoted.

    Raises:
        Refused: there is none, or it cannot be used any more.
    """
    with desk.store.read() as tx:
        last = models.in_use(tx)
        before = models.use_of(tx, last.back) if last and last.back else None
        if last is None or before is None:
            there = f"{last.version} is the first in use" if last else "no model is in use"
            raise Refused(f"there is nothing to roll back to: {there}")
        chosen = models.by_version(tx, before.version)
    if why := why_refused(desk, chosen):
        raise Refused(f"{last.version} stays in use: {why}")
    with desk.store.write() as tx:
        return _use(desk, tx, chosen, how=ROLLED_BACK, by=by, back=before.back)


def _use(
    desk: Desk,
    tx: Session,
    version: ModelVersion,
    *,
    how: str,
    by: str,
    back: int,
    **more: object,
) -> ModelUse:
    at = desk.clock.now()
    before = models.in_use(tx)
    chosen = models.use(tx, version.version, at=at, by=by, how=how, back=back)
    body = {
        "how": how,
        "before": before.version if before else "",
        "meta": version.meta,
        "sha256": version.sha256,
        "has_vote": version.has_vote,
        **more,
    }
    audit.append(tx, at=at, actor=by, verb="use model", subject=version.version, body=body)
    return chosen
