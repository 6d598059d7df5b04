"""Let stored prices suggest actions that no list told; each waits for a person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date

from sqlmodel import Session

from core.desk.desk import Desk
from core.domain.action import (
    ActionKind,
    ActionStatus,
    CorporateAction,
    Factor,
    action_id,
)
from core.domain.calendar import Calendar
from core.errors import NoData
from core.market.adjust import NEAR_DAYS
from core.market.infer import Guess, infer
from core.panel import Panel, factor_grid
from core.store import actions, audit, bars, factors, instruments

SOURCE = "PRICES"


def infer_actions(desk: Desk, *, by: str) -> list[CorporateAction]:
    """Suggest actions from every break in the stored bars; returns those that are new.

    A break near an action that is known, waits or was refused is not suggested again.

    Raises:
        NoData: no bars are stored.
    """
    with desk.store.read() as tx:
        panel = bars.read_raw(tx)
        known = factors.all_factors(tx)
        paid = dividend_days(tx)
    if not panel.sessions:
        raise NoData("no bars are stored; munim data import FILE brings them in")
    guesses = infer(explained(panel, known), dividends=paid)
    with desk.store.write() as tx:
        found = keep_guesses(tx, guesses, desk.calendar)
        audit.append(
            tx,
            at=desk.clock.now(),
            actor=by,
            verb="infer",
            subject="corporate actions",
            body={"found": [f"{one.symbol} {one.ex_date}" for one in found]},
        )
    return found


def explained(panel: Panel, known: Iterable[Factor]) -> Panel:
    """A raw panel with the factors that are confirmed by its last session."""
    columns = {isin: place for place, isin in enumerate(panel.isins)}
    grid = factor_grid(panel.sessions, columns, known, as_of=panel.sessions[-1])
    return replace(panel, factor=grid)


def dividend_days(tx: Session) -> set[tuple[str, date]]:
    """ISINs and ex-dates of stored dividends."""
    listed = actions.all_actions(tx)
    return {(one.isin, one.ex_date) for one in listed if one.kind is ActionKind.DIVIDEND}


def keep_guesses(
    tx: Session, guesses: Sequence[Guess], calendar: Calendar
) -> list[CorporateAction]:
    """Store what nobody told, asked or refused before as waiting; returns the new ones."""
    asked = [one for one in actions.all_actions(tx) if one.status is not ActionStatus.CONFIRMED]
    told = [(one.isin, one.ex_date) for one in factors.all_factors(tx)]
    told += [(one.isin, one.ex_date) for one in asked]
    symbols = {one.isin: one.symbol for one in instruments.all_instruments(tx)}
    made = [_suggestion(guess, calendar, symbols) for guess in guesses if not _near(guess, told)]
    for action, factor in made:
        actions.put(tx, action)
        factors.put(tx, [factor])
    return [action for action, _ in made]


def _near(guess: Guess, explained: Sequence[tuple[str, date]]) -> bool:
    return any(
        isin == guess.isin and abs((day - guess.ex_date).days) <= NEAR_DAYS
        for isin, day in explained
    )


def _suggestion(
    guess: Guess, calendar: Calendar, symbols: Mapping[str, str]
) -> tuple[CorporateAction, Factor]:
    known_at = calendar.session(guess.confirmed_on).closes_at.astimezone(UTC)
    ratio = f" {guess.new}:{guess.old}" if guess.new else ""
    action = CorporateAction(
        id=action_id(guess.isin, guess.ex_date, guess.kind, SOURCE, ""),
        isin=guess.isin,
        symbol=symbols.get(guess.isin, guess.isin),
        ex_date=guess.ex_date,
        kind=guess.kind,
        new=guess.new,
        old=guess.old,
        amount=None,
        subject=(
            f"Looks like {guess.kind.value.lower()}{ratio}: one old price is {guess.seen:.3f} new "
            f"ones with the market's move removed, on {guess.turnover:.1f} times the usual turnover"
        ),
        source=SOURCE,
        known_at=known_at,
        status=ActionStatus.INFERRED,
    )
    factor = Factor(
        isin=guess.isin,
        ex_date=guess.ex_date,
        divisor=guess.divisor,
        kind=guess.kind,
        source=SOURCE,
        known_at=known_at,
        status=ActionStatus.INFERRED,
    )
    return action, factor
