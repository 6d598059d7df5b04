"""Which model the desk uses: an explicit choice, in the record, that only a person changes.

The first version of a store is put to use by itself, so that a new desk trades in minutes; later
ones are candidates. A model and the meta-label of its training move together.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from sqlmodel import Session

from core.desk.desk import Desk
from core.desk.models import Sheet, sheet, signed, why_pair_refused
from core.desk.models_compare import compare
from core.desk.vote_lost import lost
from core.domain.research import ModelUse, ModelVersion
from core.errors import BadInput, Refused
from core.store import audit, models

FIRST, PROMOTED, ROLLED_BACK = "first", "promoted", "rolled back"
IN_USE, CANDIDATE, EARLIER = "in use", "candidate", "earlier"
IN_PLACE = "in place of one refused"


@dataclass(frozen=True, slots=True)
class Shelved:
    """A stored version as a page shows it, and how it stands: IN_USE, CANDIDATE or EARLIER.

    A candidate is newer than the one in use and was never in use itself.
    """

    told: Sheet
    stands: str

    @property
    def version(self) -> ModelVersion:
        return self.told.version

    @property
    def refused(self) -> str:
        """Why its row or manifest is refused, "" when neither is; members are not read."""
        return self.told.refused


def shelved(desk: Desk) -> list[Shelved]:
    """Every version, newest first."""
    with desk.store.read() as tx:
        now, found = models.current(tx, "primary"), models.versions(tx, "primary")
        used = {one.version for one in models.uses(tx)}
        whys = [lost(tx, one.version) for one in found]
    return [
        Shelved(replace(sheet(desk, one), lost=why), _stands(one, now, used))
        for one, why in zip(found, whys, strict=True)
    ]


def _stands(one: ModelVersion, now: ModelVersion | None, used: Collection[str]) -> str:
    if now is not None and one.version == now.version:
        return IN_USE
    newer = now is None or one.trained_at > now.trained_at
    return CANDIDATE if newer and one.version not in used else EARLIER


def keep_trained(
    desk: Desk, tx: Session, primary: ModelVersion, meta: ModelVersion, *, by: str
) -> ModelVersion:
    """Sign and store both versions of a training; the first one of a store is put to use.

    One that comes while the one in use is refused takes its place too, for a desk whose model
    does not open decides nothing. Returns the signed version.
    """
    meta = signed(desk, meta)
    primary = signed(desk, primary, meta=meta.version)
    audit.take_turn(tx)
    before = models.current(tx, "primary")
    models.put(tx, meta, role="meta")
    models.put(tx, primary, role="primary")
    if before is None:
        _use(desk, tx, primary, how=FIRST, by=by, back=0)
    elif before.version != primary.version and (why := why_pair_refused(desk, *_pair(tx, before))):
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


def promote(
    desk: Desk, version: str, *, by: str, despite: bool = False, over: str = "", why: str = ""
) -> ModelUse:
    """Put a candidate to use.

    Args:
        despite: a person has read the warnings of the comparison and goes on.
        over: the version a person compared it with; "" for whichever is in use.
        why: what the person says of it, for the record.

    Raises:
        NotFound: no such version.
        BadInput: it is in use already.
        Refused: it cannot be used, the comparison warns and nobody said to go on, or another was
            put to use meanwhile.
    """
    with desk.store.read() as tx:
        last, now = models.in_use(tx), models.current(tx, "primary")
        chosen, meta = _pair(tx, models.by_version(tx, version))
    if now is not None and now.version == version:
        raise BadInput(f"{version} is in use already; nothing to promote")
    if over and last is not None and over != last.version:
        raise Refused(_meanwhile(version, last))
    if refusal := why_pair_refused(desk, chosen, meta):
        raise Refused(f"{version} is not put to use: {refusal}")
    warnings = compare(desk, chosen, now).warnings if now is not None else ()
    if warnings and not despite:
        raise Refused(
            f"{version} is not put to use: {'; '.join(warnings)}; promote it despite the "
            "warnings, or keep the one in use"
        )
    with desk.store.write() as tx:
        _still(tx, last, version)
        back = last.number if last else 0
        more = {"despite": list(warnings), "why": why}
        return _use(desk, tx, chosen, how=PROMOTED, by=by, back=back, **more)


def rollback(desk: Desk, *, by: str, why: str = "") -> ModelUse:
    """Put back the version that was in use before the present one was promoted.

    Args:
        why: what the person says of it, for the record.

    Raises:
        Refused: there is none, it cannot be used any more, or another was put to use meanwhile.
    """
    with desk.store.read() as tx:
        last = models.in_use(tx)
        before = models.use_of(tx, last.back) if last and last.back else None
        if last is None or before is None:
            there = f"{last.version} is the first in use" if last else "no model is in use"
            raise Refused(f"there is nothing to roll back to: {there}")
        chosen, meta = _pair(tx, models.by_version(tx, before.version))
    if refusal := why_pair_refused(desk, chosen, meta):
        raise Refused(f"{last.version} stays in use: {refusal}")
    with desk.store.write() as tx:
        _still(tx, last, chosen.version)
        return _use(desk, tx, chosen, how=ROLLED_BACK, by=by, back=before.back, why=why)


def _pair(tx: Session, version: ModelVersion) -> tuple[ModelVersion, ModelVersion | None]:
    """A version and the meta-label that moves with it, None where it has none."""
    return version, models.find(tx, version.meta, "meta")


def _still(tx: Session, last: ModelUse | None, version: str) -> None:
    """Raise Refused where another was put to use since `last` was read; none is after this."""
    audit.take_turn(tx)
    now = models.in_use(tx)
    if now is not None and now != last:
        raise Refused(_meanwhile(version, now))


def _meanwhile(version: str, now: ModelUse) -> str:
    return (
        f"{version} is not put to use: {now.by} put {now.version} to use meanwhile; compare again"
    )


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
        "number": chosen.number,
        "how": how,
        "before": before.version if before else "",
        "meta": version.meta,
        "sha256": version.sha256,
        "has_vote": version.has_vote,
        **more,
    }
    audit.append(tx, at=at, actor=by, verb="use model", subject=version.version, body=body)
    return chosen
