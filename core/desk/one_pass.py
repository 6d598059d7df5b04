"""One share before several accounts; a card that is written waits for whatever comes after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.desk.contend import decide_together
from core.desk.desk import Desk
from core.desk.known import Known
from core.desk.record import record
from core.desk.stages import Case
from core.domain.decision import Decision


def decide_share(desk: Desk, known: Known, cases: Sequence[Case]) -> tuple[list[Decision], Known]:
    """Decide and record one share for several accounts.

    Gives back what is known with the new cards among those that wait, for the next share of the
    pass: `promised` says what that holds of an account's money.
    """
    made = decide_together(known, cases)
    for decision in made:
        record(desk, decision)
    written = tuple(one.card for one in made if one.card is not None)
    return made, replace(known, waiting=(*known.waiting, *written)) if written else known
