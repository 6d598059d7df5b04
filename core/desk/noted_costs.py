"""Charges that a contract note corrected, carried into the trades of its day for the tax view."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from core.domain.ledger import Transaction, TransactionKind
from core.domain.money import ZERO, Money
from core.treasury.lots import Trade
from core.treasury.parts import parted
from core.treasury.post import CHARGES

NOTE = "note:"  # how the reference of a correction begins that a contract note brought about
Day = tuple[str, date]  # an account and a day in India


def with_notes(trades: Sequence[tuple[str, Trade]], made: Mapping[str, Transaction]) -> list[Trade]:
    """Trades with their part of what notes added to their account's day, to the paisa.

    STT goes by each trade's own STT and the rest by its other charges, both by value where a day
    had none.

    Args:
        trades: each with its account.
        made: transactions of these accounts by id.
    """
    corrected = _corrections(made)
    if not corrected:
        return [trade for _, trade in trades]
    found = [trade for _, trade in trades]
    for day, (stt, rest) in corrected.items():
        places = [n for n, (name, trade) in enumerate(trades) if (name, trade.on) == day]
        if not places:
            continue
        stts = _parts(stt, {n: found[n].stt for n in places}, found)
        rests = _parts(rest, {n: found[n].expenses for n in places}, found)
        for n in places:
            one = found[n]
            found[n] = replace(one, stt=one.stt + stts[n], expenses=one.expenses + rests[n])
    return found


def note_of(entry: Transaction) -> tuple[str, date] | None:
    """The login and day of the note that an entry corrects charges by; None for another entry."""
    if entry.kind is not TransactionKind.CHARGES or not entry.reference.startswith(NOTE):
        return None
    login, day = entry.reference.removeprefix(NOTE).split(":")[:2]
    return login, date.fromisoformat(day)


def _corrections(made: Mapping[str, Transaction]) -> dict[Day, tuple[Money, Money]]:
    found: dict[Day, tuple[Money, Money]] = {}
    for entry in made.values():
        of = note_of(entry)
        if of is None or f"correction:{entry.id}" in made:
            continue
        key = (entry.account_id, of[1])
        stt, rest = found.get(key, (ZERO, ZERO))
        for line in entry.postings:
            if line.ledger == CHARGES + "stt":
                stt += line.amount
            elif line.ledger.startswith(CHARGES):
                rest += line.amount
        found[key] = (stt, rest)
    return found


def _parts(whole: Money, by: Mapping[int, Money], trades: Sequence[Trade]) -> dict[int, Money]:
    """An amount of either sign in proportion, by value where nothing has a weight."""
    weights = {str(n): amount.paise for n, amount in by.items()}
    if not any(weights.values()):
        weights = {str(n): trades[n].value.paise for n in by}
    found = parted(abs(whole).paise, weights)
    sign = 1 if whole.paise >= 0 else -1
    return {int(name): Money(sign * paise) for name, paise in found.items()}
