"""Corporate actions: import a list, suggest what prices show, and let a person decide.

A list of an exchange is believed; what prices alone suggest, and what contradicts a list read
before, waits. Only what is confirmed changes a price, and every change is in the record.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from sqlmodel import Session

from core.desk.desk import REFERENCE, Desk
from core.desk.factors import keep_factors
from core.desk.imports import refuse_sim
from core.desk.isin_facts import earlier_isins
from core.domain.action import (
    MOVING,
    RATIO_KINDS,
    ActionStatus,
    CorporateAction,
    Factor,
)
from core.domain.instrument import Instrument
from core.errors import BadInput, NoData, NotFound
from core.market import adjust
from core.panel import Panel
from core.providers.action_files import read_listed
from core.providers.factors import is_factor_list, read_factors, resolved
from core.providers.listed_action import to_actions
from core.providers.universe_file import load_listings, load_universe
from core.store import actions, audit, bars, factors, instruments, successions

S = ActionStatus
VERB = "corporate action"


@dataclass(frozen=True, slots=True)
class Taken:
    """What one import of lists did; `lacking` names actions whose ratio or price is unknown."""

    actions: int
    factors: int
    told_before: int
    contradicting: tuple[str, ...]
    lacking: tuple[str, ...]
    unmatched: tuple[str, ...]
    sentence: str


def import_actions(desk: Desk, files: Sequence[Path], *, by: str) -> Taken:
    """Store the actions of exchange lists and the divisors of factor lists.

    All files are read before a row is written. An action that a list told before counts once;
    one that contradicts it waits for a person.
    """
    refuse_sim(desk, "corporate actions")
    if not files:
        raise BadInput("no file was named; give one or more lists")
    universe = load_universe(REFERENCE / "universe.csv")
    read, plain, unmatched = _read(files, universe)
    with desk.store.write() as tx:
        instruments.put(tx, universe)
        successions.put(tx, earlier_isins(universe))
        made, lacking = _factors_of(tx, read)
        sorted_out = keep_factors(tx, [*plain, *made])
        against = {(mine.isin, mine.ex_date) for _, mine in sorted_out.disagree}
        fresh = [
            replace(one, status=S.INFERRED)
            if one.kind in MOVING and (one.isin, one.ex_date) in against
            else one
            for one in read
        ]
        stored = sum(actions.put(tx, one) for one in fresh)
        body = {
            "files": [path.name for path in files],
            "actions": stored,
            "factors": len(sorted_out.new),
        }
        audit.append(
            tx, at=desk.clock.now(), actor=by, verb="import", subject="corporate actions", body=body
        )
    contradicting = tuple(_clash(*pair) for pair in sorted_out.disagree)
    return Taken(
        actions=stored,
        factors=len(sorted_out.new),
        told_before=len(sorted_out.told),
        contradicting=contradicting,
        lacking=lacking,
        unmatched=unmatched,
        sentence=(
            f"{stored} new actions and {len(sorted_out.new)} new factors; "
            f"{len(sorted_out.told)} factors told before, {len(contradicting)} contradict one and "
            f"wait, {len(lacking)} lack a ratio or price, {len(unmatched)} names outside the "
            "universe"
        ),
    )


def waiting(desk: Desk) -> list[CorporateAction]:
    """Actions that a person has to accept or refuse, newest first."""
    with desk.store.read() as tx:
        return actions.with_status(tx, S.INFERRED)


def accept_action(desk: Desk, action_id: str, *, by: str) -> CorporateAction:
    """Believe a waiting action: its divisor takes the place of any other of that share and day.

    Raises:
        NotFound: no such action.
        IllegalTransition: it was decided before.
        NoData: it says too little to compute a divisor from.
    """
    with desk.store.write() as tx:
        done = actions.decide(tx, action_id, S.CONFIRMED)
        suggested = _factor_rows(tx, done)
        mine = [one for one in suggested if one.status is S.INFERRED]
        factor = replace(mine[0], status=S.CONFIRMED) if mine else _factor_of(tx, done)
        for one in suggested:
            factors.drop(tx, one.isin, one.ex_date, one.kind)
        if factor is not None:
            factors.put(tx, [factor])
        divisor = None if factor is None else round(factor.divisor, 6)
        _record(desk, tx, done, by=by, body={"decided": "accepted", "divisor": divisor})
    return done


def refuse_action(desk: Desk, action_id: str, *, reason: str, by: str) -> CorporateAction:
    """Say that a waiting action is none: prices stay as they are, and nobody is asked again.

    Raises:
        NotFound: no such action.
        IllegalTransition: it was decided before.
    """
    if not reason.strip():
        raise BadInput("say in a few words why it is no action; the record keeps them")
    with desk.store.write() as tx:
        done = actions.decide(tx, action_id, S.REFUSED)
        refused = [
            replace(one, status=S.REFUSED)
            for one in _factor_rows(tx, done)
            if one.status is S.INFERRED
        ]
        factors.put(tx, refused)
        _record(desk, tx, done, by=by, body={"decided": "refused", "reason": reason.strip()})
    return done


def _read(
    files: Sequence[Path], universe: Sequence[Instrument]
) -> tuple[list[CorporateAction], list[Factor], tuple[str, ...]]:
    listings = load_listings(REFERENCE / "universe.csv")
    codes = {listing.bse_code: isin for isin, listing in listings.items() if listing.bse_code}
    read: list[CorporateAction] = []
    plain: list[Factor] = []
    unmatched: set[str] = set()
    for path in files:
        if is_factor_list(path):
            known, unknown = resolved(read_factors(path), universe, source=path.name)
            plain.extend(known)
            unmatched.update(one.name for one in unknown)
        else:
            found, names = to_actions(read_listed(path), universe, bse_codes=codes)
            read.extend(found)
            unmatched.update(names)
    return read, plain, tuple(sorted(unmatched))


def _factors_of(
    tx: Session, read: Sequence[CorporateAction]
) -> tuple[list[Factor], tuple[str, ...]]:
    """Factors of all actions that move a price, and sentences on those that say too little."""
    made: dict[tuple[str, date, str], Factor] = {}
    lacking = []
    for one in read:
        try:
            factor = _factor_of(tx, one)
        except (NoData, BadInput) as why:
            lacking.append(str(why))
            continue
        if factor is not None:
            made.setdefault((one.isin, one.ex_date, one.kind), factor)
    return list(made.values()), tuple(lacking)


def _factor_of(tx: Session, action: CorporateAction) -> Factor | None:
    """The divisor of an action, with the prices around its ex-date where it needs them."""
    if action.kind not in MOVING - RATIO_KINDS:
        return adjust.factor_of(action)
    try:
        panel = bars.read_raw(tx, [action.isin])
    except NotFound:
        return adjust.factor_of(action)
    cum, ex = _around(panel, action.ex_date)
    return adjust.factor_of(action, cum=cum, ex=ex)


def _around(panel: Panel, ex_date: date) -> tuple[float | None, float | None]:
    """The last close before a day, and that day's open when it has a bar."""
    before = sum(1 for session in panel.sessions if session < ex_date)
    cum = adjust.last_close(panel, 0, before)
    traded = before < len(panel.sessions) and panel.sessions[before] == ex_date
    return cum, float(panel.open[before, 0]) if traded else None


def _factor_rows(tx: Session, action: CorporateAction) -> list[Factor]:
    found = factors.all_factors(tx, isins=[action.isin])
    return [one for one in found if one.ex_date == action.ex_date]


def _clash(stored: Factor, coming: Factor) -> str:
    return (
        f"{coming.isin} {coming.ex_date}: {coming.source} says {coming.divisor:.4f} and "
        f"{stored.source} said {stored.divisor:.4f}"
    )


def _record(
    desk: Desk, tx: Session, action: CorporateAction, *, by: str, body: dict[str, object]
) -> None:
    said = {
        "symbol": action.symbol,
        "kind": action.kind.value,
        "ex_date": action.ex_date.isoformat(),
    }
    audit.append(
        tx, at=desk.clock.now(), actor=by, verb=VERB, subject=action.id, body={**said, **body}
    )
