"""The postings of a day as rows that add up to its profit and loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from core.desk.pnl_entries import Entry
from core.domain.words import ist_time, rupees
from core.treasury.pnl import Pnl
from core.views.shown import RowMark, Text, pnl

HELD = "What is held, its change"


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One posting of a day, or the change of what is held; amounts to the paisa."""

    time: str
    account: str
    what: str
    realised: Text
    dividends: str
    charges: str
    net: Text
    mark: RowMark = ""


def entry_rows(
    found: Sequence[Entry], whole: Pnl, names: Mapping[str, str]
) -> tuple[EntryRow, ...]:
    """A day's postings in order, the change of what is held, and the day's own figure."""
    rows = [
        _entry(ist_time(one.at), names.get(one.account_id, one.account_id), one.words, one.earned)
        for one in found
    ]
    held = EntryRow("", "", HELD, Text(""), "", "", pnl(whole.unrealised))
    last = _entry("", "", "Total", whole)
    return (*rows, held, replace(last, realised=pnl(whole.realised), mark="tot"))


def _entry(time: str, account: str, what: str, earned: Pnl) -> EntryRow:
    return EntryRow(
        time=time,
        account=account,
        what=what,
        realised=pnl(earned.realised) if earned.realised else Text(""),
        dividends=rupees(earned.dividends) if earned.dividends else "",
        charges=rupees(earned.cost) if earned.cost else "",
        net=pnl(earned.net),
    )
