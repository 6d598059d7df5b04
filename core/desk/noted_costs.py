"""Charges that a day or its contract note corrected, carried into its trades for the tax view."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from core.domain.ledger import Transaction, TransactionKind
from core.domain.money import ZERO, Money
from core.treasury.lots import BOUGHT_IN, Trade
from core.treasury.parts import parted
from core.treasury.post import CHARGES

NOTE = "note:"  # how the reference of a correction begins that a contract note brought about
DAY = "day:"  # and how the one begins that the end of a day brought about
DEPOSITORY = "DP"  # stands where the exchange does in the reference of one that is about DP charges


@dataclass(frozen=True, slots=True)
class Corrected:
    """What an entry corrects: the charges of a login's day, those of one share where named.

    `at` is the exchange of that share's trades, DEPOSITORY for its DP charge.
    """

    login_id: str
    on: date
    isin: str = ""
    at: str = ""


# an account, a day in India, and the share where one is named
_Day = tuple[str, date, str]


def with_notes(trades: Sequence[tuple[str, Trade]], made: Mapping[str, Transaction]) -> list[Trade]:
    """Trades with their part of what their account's day or its note added, to the paisa.

    What a day made of one share goes to that share's trades, before a note's word on all. STT goes
    by each trade's own STT and the rest by its other charges, both by value where a day had none.
    DP charges stand in no trade.

    Args:
        trades: each with its account.
        made: transactions of these accounts by id.
    """
    corrected = _corrections(made)
    if not corrected:
        return [trade for _, trade in trades]
    found = [trade for _, trade in trades]
    for day, (stt, rest) in sorted(corrected.items(), key=lambda one: not one[0][2]):
        places = [n for n, (name, trade) in enumerate(trades) if _is_of(day, name, trade)]
        if not places:
            continue
        stts = _parts(stt, {n: found[n].stt for n in places}, found)
        rests = _parts(rest, {n: found[n].expenses for n in places}, found)
        for n in places:
            one = found[n]
            found[n] = replace(one, stt=one.stt + stts[n], expenses=one.expenses + rests[n])
    return found


def corrected_by(entry: Transaction) -> Corrected | None:
    """What charges an entry corrects; None for an entry that corrects none."""
    if entry.kind is not TransactionKind.CHARGES:
        return None
    start = next((one for one in (NOTE, DAY) if entry.reference.startswith(one)), "")
    if not start:
        return None
    login, day, *rest = entry.reference.removeprefix(start).split(":")
    share = rest[:2] if start == DAY else []
    return Corrected(login, date.fromisoformat(day), *share)


def _is_of(day: _Day, account_id: str, trade: Trade) -> bool:
    """Whether a day's charges are about a trade; what the exchange bought in stands on no note."""
    name, on, isin = day
    same = (account_id, trade.on) == (name, on) and isin in ("", trade.isin)
    return same and trade.how != BOUGHT_IN


def _corrections(made: Mapping[str, Transaction]) -> dict[_Day, tuple[Money, Money]]:
    found: dict[_Day, tuple[Money, Money]] = {}
    for entry in made.values():
        of = corrected_by(entry)
        if of is None or of.at == DEPOSITORY or f"correction:{entry.id}" in made:
            continue
        key = (entry.account_id, of.on, of.isin)
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
