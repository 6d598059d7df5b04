"""A row of an exchange's list of corporate actions, before anyone reads its subject.

Readers of the formats give these; `to_actions` reads the subjects and finds the shares.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from core.domain.action import (
    ActionStatus,
    CorporateAction,
    action_id,
    known_by_ex_date,
)
from core.domain.instrument import Instrument
from core.providers.action_subject import Reading, read_subject
from core.providers.renames import current_isin, current_symbol


@dataclass(frozen=True, slots=True)
class ListedAction:
    """As the list says it: any of ISIN, symbol and BSE code may be empty, `face_value` None.

    `readings` stands where the list is no text but numbers; `known_at` None means the list does
    not say when it was published.
    """

    source: str
    ex_date: date
    subject: str
    isin: str = ""
    symbol: str = ""
    bse_code: str = ""
    face_value: Decimal | None = None
    known_at: datetime | None = None
    readings: tuple[Reading, ...] = ()


def to_actions(
    listed: Sequence[ListedAction],
    instruments: Sequence[Instrument],
    *,
    bse_codes: Mapping[str, str] | None = None,
) -> tuple[list[CorporateAction], tuple[str, ...]]:
    """Actions of known instruments under their ISINs of today, and the names of all others.

    Args:
        bse_codes: BSE scrip codes to ISINs.
    """
    isin_of = {current_symbol(one.symbol): one.isin for one in instruments}
    symbol_of = {one.isin: one.symbol for one in instruments}
    found: dict[str, CorporateAction] = {}
    unknown: set[str] = set()
    for row in listed:
        isin = (
            _of(symbol_of, current_isin(row.isin) if row.isin else "")
            or (bse_codes or {}).get(row.bse_code, "")
            or isin_of.get(current_symbol(row.symbol), "")
        )
        if isin not in symbol_of:
            unknown.add(row.symbol or row.isin or row.bse_code)
            continue
        for place, reading in enumerate(_readings(row)):
            one = _action(row, reading, isin=isin, symbol=symbol_of[isin], place=place)
            found.setdefault(one.id, one)
    return list(found.values()), tuple(sorted(unknown))


def _readings(row: ListedAction) -> tuple[Reading, ...]:
    return row.readings or read_subject(row.subject, face_value=row.face_value)


def _of(known: Mapping[str, str], isin: str) -> str:
    return isin if isin in known else ""


def _action(
    row: ListedAction, reading: Reading, *, isin: str, symbol: str, place: int
) -> CorporateAction:
    said = f"{row.subject} [{place}]" if place else row.subject
    return CorporateAction(
        id=action_id(isin, row.ex_date, reading.kind, row.source, said),
        isin=isin,
        symbol=symbol,
        ex_date=row.ex_date,
        kind=reading.kind,
        new=reading.new,
        old=reading.old,
        amount=reading.amount,
        subject=" ".join(row.subject.split()),
        source=row.source,
        known_at=row.known_at or known_by_ex_date(row.ex_date),
        status=ActionStatus.CONFIRMED,
    )
