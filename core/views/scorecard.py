"""What became of each card, worded: traded, rejected, expired or not sent, and what it left.

A would-be result carries its words, never a bare number. A card is a case once its time is over,
and a share is one case until it is over; below 30 of them no share of them is a percentage.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.desk.desk import Desk
from core.desk.scorecard import CAME, TRADED, WAITING, Fate, Tally, fates, tallies, unripe
from core.domain.clock import ist_day
from core.domain.money import ZERO
from core.domain.signal import MIN_CASES
from core.domain.words import day, pct, qty, rupees
from core.reports.eod import counted_with
from core.views.shown import Text, pnl

ROWS_MAX = 50
WORKED_OUT = (
    "What was not traded is worked out from the daily bars after the card, at its own prices and "
    "less charges; where a bar holds both stop and target the stop counts."
)


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """One card: what was done about it, what the market did, and rupees after charges."""

    symbol: str
    account: str
    written: str
    what: str
    came: str
    left: Text


@dataclass(frozen=True, slots=True)
class ScorecardView:
    """The newest cards, and what leaving cards untraded saved or cost, one sentence a way."""

    rows: tuple[ScoreRow, ...]
    sentences: tuple[str, ...]
    note: str
    empty: str = "No card yet; the first comes with the first scan or filing."


def scorecard_view(desk: Desk) -> ScorecardView:
    """Every card that is done with; one that waits for a click is on Cards."""
    with desk.store.read() as tx:
        found = [fate for fate in fates(tx) if fate.what != WAITING]
    early = unripe(found, desk.calendar, today=ist_day(desk.clock.now()))
    still = sum(not fate.is_over for fate in found)
    return ScorecardView(
        rows=tuple(_row(fate) for fate in found[:ROWS_MAX]),
        sentences=tuple(_sentence(row) for row in tallies(found, early=early)),
        note=_note(found, still),
    )


def _note(found: Sequence[Fate], still: int) -> str:
    shown = f"newest {ROWS_MAX} of {qty(len(found))}" if len(found) > ROWS_MAX else qty(len(found))
    return f"{shown} · {qty(still)} not over yet" if still else shown


def _row(fate: Fate) -> ScoreRow:
    if fate.left is None:
        left = Text("not over yet" if not fate.is_over else "not known", "mute")
    elif fate.what == TRADED:
        left = pnl(fate.left)
    else:
        left = Text(rupees(fate.left, signed=True), "mute", note="would be")
    return ScoreRow(
        symbol=fate.card.symbol,
        account=fate.card.account_name,
        written=day(fate.card.written_at),
        what=fate.what,
        came=CAME.get(fate.belief.outcome, fate.belief.outcome),
        left=left,
    )


def _sentence(row: Tally) -> str:
    """`8 rejected: 5 over, 3 not over yet; not trading them saved ₹4,210.00.`"""
    if not row.over:
        return f"{qty(row.open)} {row.what}: none is over yet."
    rest = f", {qty(row.open)} not over yet" if row.open else ""
    rest += counted_with(row.again, of=row.over)
    if row.again == row.over:
        return f"{qty(row.over + row.open)} {row.what}: {qty(row.over)} over{rest}. {_targets(row)}"
    made = "made no difference"
    if row.left != ZERO:
        made = f"{'cost' if row.left > ZERO else 'saved'} {rupees(abs(row.left))}"
    head = f"{qty(row.over + row.open)} {row.what}: {qty(row.over)} over{rest}"
    return f"{head}; not trading them {made}. {_targets(row)}"


def _targets(row: Tally) -> str:
    if not row.cases:
        wait = ": a card is one once its time is over" if row.early else ""
        return f"No case yet{wait}."
    if row.cases < MIN_CASES:
        some = f"{qty(row.targets)} of {qty(row.cases)}"
        return f"Target first in {some} cases, too few for a percentage."
    share = pct(row.targets / row.cases, digits=0)
    return f"Target first in {share} of {qty(row.cases)} cases."
