"""What a broker counts of shares that went ex, held against the books in old terms.

A count that the action explains is no shortage. Bonus shares can take days to arrive; until then
the broker counts the old ones, and that is explained as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from fractions import Fraction

from sqlmodel import Session

from core.desk.share_terms import Unbooked, expected, new_isins, together, unbooked
from core.domain.action import in_words
from core.domain.clock import ist_day
from core.domain.ledger import external_account
from core.domain.reconciliation import Mismatch
from core.domain.succession import newest
from core.domain.words import day
from core.store import accounts, successions


def explained(
    tx: Session,
    login_id: str,
    *,
    books: Mapping[str, int],
    holdings: Mapping[str, int],
    at: datetime,
) -> tuple[Mismatch, ...]:
    """One row for each share of a login that waits for a person and differs as it should."""
    mine = accounts_of(tx, login_id)
    links = successions.links(tx)
    waiting = unbooked(tx, None, until=ist_day(at), sold=True)
    shown = new_isins(waiting, holdings)
    links |= shown
    here, there = together(books, links), together(holdings, links)
    counted = {one.isin: here.get(newest(one.isin, links), 0) for one in waiting}
    rows = []
    for isin, exact in expected(waiting, mine, counted).items():
        one = next(w for w in waiting if w.isin == isin)
        counts, known = there.get(newest(isin, links), 0), counted[isin]
        gone = all(one.is_gone(name) for name in one.old if name in mine)
        if (has_arrived(exact, counts) or counts == known) and not (gone and counts == known):
            named = shown.get(isin) or (one.successor if one.successor != isin else "")
            row = _row(one, known=known, counts=counts, exact=exact, at=at)
            rows.append(replace(row, arrived_as=named))
    return tuple(rows)


def has_arrived(exact: Fraction, counts: int) -> bool:
    """Whether a broker's count is what an action makes, a fraction rounded either way."""
    floor = exact.numerator // exact.denominator
    return counts in (floor, floor + (exact.denominator != 1))


def accounts_of(tx: Session, login_id: str) -> frozenset[str]:
    """Accounts of a login with its EXTERNAL bucket."""
    mine = {one.id for one in accounts.accounts(tx) if one.login_id == login_id}
    return frozenset({*mine, external_account(login_id)})


def of_isins(rows: Sequence[Mismatch]) -> frozenset[str]:
    """The shares that some rows are about, under every ISIN that they name."""
    return frozenset(isin for row in rows for isin in (row.isin, row.arrived_as) if isin)


def _row(one: Unbooked, *, known: int, counts: int, exact: Fraction, at: datetime) -> Mismatch:
    action = one.action
    came = has_arrived(exact, counts)
    then = "confirm it on Positions" if came else f"the {float(exact):g} are not credited yet"
    return Mismatch(
        isin=one.isin,
        symbol=action.symbol,
        desk_qty=known,
        broker_qty=counts,
        worth=None,
        sentence=(
            f"{action.symbol}: the broker holds {counts} and the books {known} in old terms, "
            f"{in_words(action)} of {day(action.ex_date)}; {then}"
        ),
        since=at,
    )
