"""What each corporate action divides earlier prices by, and views built from those divisors.

A divisor of 2 says one old share is two new ones. Splits, bonuses and consolidations follow from
their ratio; rights and a demerger move the price by what they are worth, so they need the last
price with the entitlement (the cum price). A dividend never enters the split-adjusted view: it
has a view of its own, the total return.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from core.domain.action import (
    MOVING,
    ActionKind,
    ActionStatus,
    CorporateAction,
    Factor,
)
from core.domain.clock import ist_day
from core.errors import BadInput, NoData
from core.panel import Floats, Panel

SAME_DIVISOR = 0.02  # two lists' divisors of one event differ by rounding and by the cum price
NEAR_DAYS = 5  # and their ex-dates by a record date written for an ex-date


def split_divisor(new: int, old: int) -> float:
    """A split of 10 to 2 makes 5 new of 1 old: 5. A consolidation of 10 into 1: 0.1."""
    return _ratio(new, old)


def bonus_divisor(new: int, old: int) -> float:
    """A bonus of 1:2 gives 1 new for 2 held: 3 shares where 2 were, 1.5."""
    return 1.0 + _ratio(new, old)


def rights_divisor(new: int, old: int, *, cum: float, issue: float) -> float:
    """The cum price over the price with the rights taken up, at least 1.

    The benefit of one share is (cum - issue) x new / (new + old); rights offered above the
    market are worth nothing and move nothing.

    Source: NSE Clearing, adjustment of contracts for rights, sheet RIGHTS of its calculator.
    """
    _ratio(new, old)
    if cum <= 0 or issue < 0:
        raise BadInput(f"rights need a cum price above 0 and an issue price; got {cum}, {issue}")
    benefit = max(0.0, cum - issue) * new / (new + old)
    return cum / (cum - benefit)


def demerger_divisor(*, cum: float, ex: float) -> float:
    """The last price with the leaving business over the first without it.

    NSE finds the first price in a special pre-open session, so a daily bar's open is that price.
    """
    if cum <= 0 or ex <= 0 or ex > cum:
        raise BadInput(
            f"a demerger takes value away, and the price went from {cum} to {ex}; check the ex-date"
        )
    return cum / ex


def dividend_divisor(amount: float, *, cum: float) -> float:
    """The cum price over itself less what is paid out; for total return only."""
    if not 0 <= amount < cum:
        raise BadInput(f"a dividend of {amount} cannot be paid out of a price of {cum}")
    return cum / (cum - amount)


def factor_of(
    action: CorporateAction, *, cum: float | None = None, ex: float | None = None
) -> Factor | None:
    """The factor an action puts on split-adjusted prices, or None where it puts none.

    Args:
        cum: last close before the ex-date, raw rupees; rights and demergers need it.
        ex: first price on the ex-date, raw rupees; a demerger needs it.

    Raises:
        NoData: a ratio or price that the divisor needs is not known.
    """
    divisor = _divisor(action, cum=cum, ex=ex)
    if divisor is None or divisor == 1.0:
        return None
    return Factor(
        isin=action.isin,
        ex_date=action.ex_date,
        divisor=divisor,
        kind=action.kind,
        source=action.source,
        known_at=action.known_at,
        status=action.status,
    )


def _divisor(action: CorporateAction, *, cum: float | None, ex: float | None) -> float | None:
    if action.kind not in MOVING:
        return None
    if action.kind is ActionKind.DEMERGER:
        if cum is None or ex is None:
            raise _lacks(action, "the last price before and the first one after its ex-date")
        return demerger_divisor(cum=cum, ex=ex)
    if not action.has_ratio:
        raise _lacks(action, "a ratio")
    if action.kind is ActionKind.BONUS:
        return bonus_divisor(action.new, action.old)
    if action.kind is not ActionKind.RIGHTS:
        return split_divisor(action.new, action.old)
    if cum is None or action.amount is None:
        raise _lacks(action, "the last price before its ex-date and the issue price")
    issue = float(action.amount.in_rupees)
    return rights_divisor(action.new, action.old, cum=cum, issue=issue)


def total_return(panel: Panel, dividends: Sequence[CorporateAction], *, as_of: date) -> Panel:
    """The panel whose `factor` takes dividends out too, so that `adjusted()` is total return.

    A dividend counts under the rules of a split: confirmed, gone ex and known by `as_of`. It is
    set against the last raw close before its ex-date; without such a close it is left aside.
    """
    factor = panel.factor.copy()
    days = np.array(panel.sessions, dtype="datetime64[D]")
    columns = {isin: column for column, isin in enumerate(panel.isins)}
    for one in dividends:
        column = columns.get(one.isin)
        if column is None or one.amount is None or not _pays(one, as_of):
            continue
        before = int(np.searchsorted(days, np.datetime64(one.ex_date)))
        cum = last_close(panel, column, before)
        amount = float(one.amount.in_rupees)
        if cum is not None and amount < cum:
            factor[:before, column] *= dividend_divisor(amount, cum=cum)
    return replace(panel, factor=factor)


def _pays(action: CorporateAction, as_of: date) -> bool:
    known = action.ex_date <= as_of and ist_day(action.known_at) <= as_of
    confirmed = action.status is ActionStatus.CONFIRMED
    return known and confirmed and action.kind is ActionKind.DIVIDEND


def last_close(panel: Panel, column: int, before: int) -> float | None:
    """The newest raw close of a share above row `before`, or None."""
    close: Floats = panel.close[:before, column]
    known = np.flatnonzero(np.isfinite(close))
    return float(close[known[-1]]) if known.size else None


@dataclass(frozen=True, slots=True)
class Merged:
    """Factors to store, those another list told already, and pairs that disagree."""

    new: tuple[Factor, ...]
    told: tuple[Factor, ...]
    disagree: tuple[tuple[Factor, Factor], ...]


def merged(there: Sequence[Factor], coming: Sequence[Factor]) -> Merged:
    """Sort factors of one source against those stored, so that no event counts twice.

    Several factors of one share and day in one list are one event: a split with a bonus. The
    stored factors near its ex-date with the same product tell the same event; on the same day
    with another product they contradict it, and the stored one stands.
    """
    new: list[Factor] = []
    told: list[Factor] = []
    disagree: list[tuple[Factor, Factor]] = []
    stored = _events([one for one in there if one.status is ActionStatus.CONFIRMED])
    for (isin, ex_date), event in _events(coming).items():
        near = [
            (day, known)
            for (other, day), known in stored.items()
            if other == isin and abs((day - ex_date).days) <= NEAR_DAYS
        ]
        if any(_same(event, known) for _, known in near):
            told.extend(event)
        elif clash := [known for day, known in near if day == ex_date]:
            disagree.append((clash[0][0], event[0]))
        else:
            new.extend(event)
    return Merged(tuple(new), tuple(told), tuple(disagree))


def _events(listed: Sequence[Factor]) -> dict[tuple[str, date], list[Factor]]:
    found: dict[tuple[str, date], list[Factor]] = {}
    for one in listed:
        found.setdefault((one.isin, one.ex_date), []).append(one)
    return found


def _same(one: Sequence[Factor], other: Sequence[Factor]) -> bool:
    sizes = [np.log(np.prod([factor.divisor for factor in event])) for event in (one, other)]
    return bool(abs(sizes[0] - sizes[1]) <= SAME_DIVISOR)


def _ratio(new: int, old: int) -> float:
    if new <= 0 or old <= 0:
        raise BadInput(f"a ratio of {new}:{old} is none; both numbers are 1 or more")
    return new / old


def _lacks(action: CorporateAction, what: str) -> NoData:
    return NoData(
        f"{action.symbol} {action.kind} of {action.ex_date} lacks {what}, so no price is adjusted"
    )
