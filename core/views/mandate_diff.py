"""Mandates side by side: what an edit would change, or how two versions or accounts differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from core.desk.books import Standing, standing
from core.desk.desk import Desk
from core.desk.mandate import version_of
from core.domain.card import CardStatus
from core.domain.mandate import Mandate
from core.domain.money import Money
from core.domain.risk import RiskSnapshot
from core.domain.words import pct, rupees, short
from core.errors import BadInput
from core.mandates.compare import worth
from core.store import accounts, cards, instruments, mandates, quotes, risk
from core.views.mandate_form import LABELS, Kind, mandate_from, rules_from, worded
from core.views.shown import RowMark, Text, count


@dataclass(frozen=True, slots=True)
class DiffRow:
    """One rule on both sides, with its worth of each side's equity."""

    rule: str
    left: Text
    left_worth: str
    right: Text
    right_worth: str
    mark: RowMark = ""


@dataclass(frozen=True, slots=True)
class MandateDiff:
    """Two sets of rules side by side; `same` counts the rules that agree."""

    left: str
    right: str
    rows: tuple[DiffRow, ...]
    same: int
    note: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What signing would change: the rows, what it brings about, and what forbids it."""

    version: int
    diff: MandateDiff
    effects: tuple[str, ...]
    refused: str

    @property
    def can_sign(self) -> bool:
        return not self.refused and bool(self.diff.rows)


def preview(desk: Desk, account_id: str, values: Mapping[str, Any]) -> Preview:
    """What a form's values would change in the mandate that stands.

    Raises:
        BadInput: a field is empty.
    """
    with desk.store.read() as tx:
        before = mandates.current(tx, account_id)
        read = rules_from(values, before=before)
        books = standing(tx, account_id, quotes.all_quotes(tx))
        look = risk.latest(tx, account_id)
        waiting = cards.with_status(tx, CardStatus.OPEN)
        listed = {one.isin: one for one in instruments.all_instruments(tx)}
    mine = sum(one.account_id == account_id for one in waiting)
    names = {isin: one.symbol for isin, one in listed.items()}
    after = {**_rules(before), **read}
    diff = _diff(
        _rules(before),
        after,
        names=names,
        left=f"v{before.version}",
        right=f"v{before.version + 1}",
        left_equity=books.equity,
        right_equity=books.equity,
    )
    try:
        made = mandate_from(before, values)
    except BadInput as no:
        return Preview(before.version + 1, diff, (), str(no))
    sectors = {isin: one.sector for isin, one in listed.items()}
    effects = _effects(made, books, look, names=names, sectors=sectors, waiting=mine)
    return Preview(before.version + 1, diff, effects if diff.rows else (), "")


def compare(
    desk: Desk,
    left: tuple[str, int | None],
    right: tuple[str, int | None],
    *,
    every: bool = False,
) -> MandateDiff:
    """Two versions, of one account or of two; None is the version that stands.

    Args:
        every: whether rules that agree are shown too.

    Raises:
        NotFound: no such account or version.
    """
    with desk.store.read() as tx:
        sides = []
        prices = quotes.all_quotes(tx)
        for account_id, version in (left, right):
            account = accounts.by_id(tx, account_id)
            rules = version_of(tx, account_id, version)
            equity = standing(tx, account_id, prices).equity
            sides.append((f"{account.name} v{rules.version}", rules, equity))
        names = {one.isin: one.symbol for one in instruments.all_instruments(tx)}
    (first, before, left_equity), (second, after, right_equity) = sides
    return _diff(
        _rules(before),
        _rules(after),
        names=names,
        left=first,
        right=second,
        left_equity=left_equity,
        right_equity=right_equity,
        every=every,
    )


def _rules(mandate: Mandate) -> dict[str, Any]:
    return {field.name: getattr(mandate, field.name) for field in fields(Mandate)}


def _diff(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    names: Mapping[str, str],
    left: str,
    right: str,
    left_equity: Money,
    right_equity: Money,
    every: bool = False,
) -> MandateDiff:
    rows, same = [], 0
    for name, label, kind in LABELS:
        equal = before[name] == after[name]
        same += equal
        if not equal or every:
            rows.append(
                DiffRow(
                    rule=label,
                    left=_value(before[name], after[name], kind, names),
                    left_worth=_worth(name, before[name], left_equity),
                    right=_value(after[name], before[name], kind, names, bold=not equal),
                    right_worth=_worth(name, after[name], right_equity),
                    mark="on" if every and not equal else "",
                )
            )
    changed = len(LABELS) - same
    said = f"{count(changed, 'rule')} differ{'s' if changed == 1 else ''}, {same} agree"
    return MandateDiff(left, right, tuple(rows), same, said)


def _value(
    value: Any, other: Any, kind: Kind, names: Mapping[str, str], *, bold: bool = False
) -> Text:
    note = ""
    if kind == "many" and value != other:
        more = ", ".join(sorted(names.get(str(one), str(one)) for one in value - other))
        note = f"more: {more}" if more and other else ""
    return Text(worded(value, kind, names), bold=bold, note=note)


def _worth(name: str, value: Any, equity: Money) -> str:
    found = worth(name, value, equity)
    return "" if found is None else rupees(found, digits=0)


def _effects(
    rules: Mandate,
    books: Standing,
    look: RiskSnapshot | None,
    *,
    names: Mapping[str, str],
    sectors: Mapping[str, str],
    waiting: int,
) -> tuple[str, ...]:
    """What the new rules mean for what is there; nothing is ever sold because of them."""
    found = []
    if waiting:
        found.append(f"{count(waiting, 'waiting card')} will end; new ones follow the new rules.")
    found += _over(rules, books, names=names, sectors=sectors)
    if books.cash + books.reserved < rules.cash_floor:
        found.append(
            f"Cash of {rupees(books.cash + books.reserved)} lies under the new floor of "
            f"{rupees(rules.cash_floor)}: nothing is bought until it does not."
        )
    if look is not None and -look.day_return >= rules.daily_loss_max:
        found.append(
            f"Today's loss of {pct(-look.day_return)} is already at the new limit of "
            f"{pct(rules.daily_loss_max)}: the risk loop will let only exits through."
        )
    if look is not None and -look.drawdown >= rules.drawdown_max:
        found.append(
            f"The fall of {pct(-look.drawdown)} under the peak is already at the new "
            f"limit of {pct(rules.drawdown_max)}: the risk loop will halt it."
        )
    return tuple(found)


def _over(
    rules: Mandate, books: Standing, *, names: Mapping[str, str], sectors: Mapping[str, str]
) -> list[str]:
    """What is held beyond the new rules."""
    found, equity = [], books.equity
    open_now = [one for one in books.positions if one.qty]
    in_sector: dict[str, Money] = {}
    for one in open_now:
        name, value = names.get(one.isin, one.isin), abs(books.value(one))
        sector = sectors.get(one.isin, "Unknown")
        in_sector[sector] = in_sector.get(sector, Money(0)) + value
        weight = value.share_of(equity) if equity.paise > 0 else 0.0
        if weight > rules.position_weight_max:
            found.append(
                f"{name} is {pct(weight)} of equity, over the new "
                f"{pct(rules.position_weight_max)}: it is kept and not added to."
            )
        if one.isin in rules.isins_banned or sector in rules.sectors_banned:
            found.append(
                f"{name} is held and would be excluded: it stays until its stop, its "
                "target or a person."
            )
    for sector, value in sorted(in_sector.items()):
        weight = value.share_of(equity) if equity.paise > 0 else 0.0
        if weight > rules.sector_weight_max:
            found.append(
                f"{sector} is {pct(weight)} of equity ({short(value)}), over the new "
                f"{pct(rules.sector_weight_max)}: nothing more of it is bought."
            )
    if len(open_now) > rules.positions_max:
        found.append(
            f"{count(len(open_now), 'position')} are open and {rules.positions_max} would "
            "be allowed: nothing is bought until fewer are."
        )
    return found
