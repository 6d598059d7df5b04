"""A mandate as form fields and back: percent and rupees outside, fractions and paise within."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Literal

from core.domain.instrument import CapClass
from core.domain.mandate import Holding, Mandate, Objective
from core.domain.money import Money
from core.domain.words import decimal, pct, rupees
from core.errors import BadInput
from core.mandates.defaults import STRATEGIES
from core.store.sql import near

Kind = Literal["percent", "count", "number", "rupees", "choice", "many", "yes"]
LABELS: tuple[tuple[str, str, Kind], ...] = (
    ("objective", "Aim", "choice"),
    ("horizon_months", "Horizon, months", "count"),
    ("holding", "Positions are held", "choice"),
    ("shorts", "Sell short within the day", "yes"),
    ("positions_max", "Positions at once, at most", "count"),
    ("position_weight_max", "One share, at most % of equity", "percent"),
    ("sector_weight_max", "One sector, at most % of equity", "percent"),
    ("gross_exposure_max", "All positions, at most % of equity", "percent"),
    ("risk_per_trade_max", "One trade may lose, % of equity", "percent"),
    ("daily_loss_max", "One day may lose, % of equity", "percent"),
    ("drawdown_max", "Fall under the peak, at most %", "percent"),
    ("vol_target", "Volatility target, % per year", "percent"),
    ("cash_floor", "Always in cash, ₹", "rupees"),
    ("ticket_min", "Smallest trade, ₹", "rupees"),
    ("turnover_min", "Share's median turnover a day, at least ₹", "rupees"),
    ("volume_share_max", "Share of a day's volume, at most %", "percent"),
    ("correlation_max", "May move with a share held, at most %", "percent"),
    ("charges_of_gain_max", "Charges, at most % of the expected gain", "percent"),
    ("charges_of_ticket_max", "Charges, at most % of the ticket", "percent"),
    ("cooling_off_sessions", "No new entry after leaving a share, sessions", "count"),
    ("stop_atr", "Stop, ATR from the entry", "number"),
    ("target_atr", "Target, ATR from the entry", "number"),
    ("trail_atr", "Trailing distance, ATR", "number"),
    ("trail_pct", "Or trailing distance, % of the best price; 0 takes ATR", "percent"),
    ("earnings_blackout_sessions", "No entry before results, sessions", "count"),
    ("cap_classes", "Company sizes allowed", "many"),
    ("strategies", "Strategies allowed", "many"),
    ("sectors_banned", "Sectors excluded", "many"),
    ("sectors_preferred", "Sectors preferred", "many"),
    ("isins_banned", "Shares excluded", "many"),
)
UNITS = {"percent": " of percent", "rupees": " of rupees", "count": " to count with"}


@dataclass(frozen=True, slots=True)
class FormField:
    """One field: `value` as the person reads it, `options` as (value, words) where one chooses."""

    name: str
    label: str
    kind: Kind
    value: Any
    options: tuple[tuple[str, str], ...] = ()


def form_fields(
    mandate: Mandate, *, sectors: Sequence[str], shares: Sequence[tuple[str, str]]
) -> tuple[FormField, ...]:
    """Every rule with its present value; `shares` are (ISIN, symbol)."""
    options: dict[str, tuple[tuple[str, str], ...]] = {
        "objective": _same(list(Objective)),
        "holding": _same(list(Holding)),
        "cap_classes": _same(list(CapClass)),
        "strategies": _same(sorted(STRATEGIES | mandate.strategies)),
        "sectors_banned": _same(sorted({*sectors, *mandate.sectors_banned})),
        "sectors_preferred": _same(sorted({*sectors, *mandate.sectors_preferred})),
        "isins_banned": (
            *shares,
            *((isin, isin) for isin in sorted(mandate.isins_banned - {one for one, _ in shares})),
        ),
    }
    return tuple(
        FormField(name, label, kind, _shown(getattr(mandate, name), kind), options.get(name, ()))
        for name, label, kind in LABELS
    )


def mandate_from(before: Mandate, values: Mapping[str, Any]) -> Mandate:
    """The mandate with the form's values; raises BadInput for one that contradicts itself."""
    return replace(before, **rules_from(values, before=before))


def values_typed(changes: Sequence[str], fields: Sequence[FormField]) -> dict[str, Any]:
    """`rule=value` pairs as a form's values; raises BadInput for a rule or value unknown."""
    known = {field.name: field for field in fields}
    found: dict[str, Any] = {}
    for change in changes:
        name, given, text = (part.strip() for part in change.partition("="))
        if not given or name not in known:
            raise BadInput(f"{change!r} sets no rule; write RULE=VALUE with {', '.join(known)}")
        found[name] = _typed(known[name], text)
    return found


def _typed(field: FormField, text: str) -> Any:
    name, kind = field.name, field.kind
    if kind == "many":
        parts = (part.strip() for part in text.split(","))
        return [_chosen(field, part) for part in parts if part and part.lower() != "none"]
    if kind == "choice":
        return _chosen(field, text)
    if kind == "yes":
        if text.lower() not in ("yes", "no"):
            raise BadInput(f"{name}={text!r} is neither yes nor no")
        return text.lower() == "yes"
    plain = text.replace(",", "")
    plain = plain.removesuffix("%").strip() if kind == "percent" else plain
    plain = plain.removeprefix("₹").strip() if kind == "rupees" else plain
    try:
        value = float(plain)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise BadInput(f"{name}={text!r} is no number{UNITS.get(kind, '')}")
    if kind == "count" and value != int(value):
        raise BadInput(f"{name}={text!r} must be a whole number")
    return value


def _chosen(field: FormField, text: str) -> str:
    """The option of a field by its value or its words, in whatever case."""
    for value, words in field.options:
        if text.lower() in (value.lower(), words.lower()):
            return value
    like = near(text, [words for _, words in field.options])
    raise BadInput(f"{field.name}={text!r} is no such value; {like}")


def rules_from(values: Mapping[str, Any], *, before: Mandate) -> dict[str, Any]:
    """What a form's fields say, each as its rule holds it; they may contradict each other.

    A field left as it was shown keeps its rule, whose digits beyond those shown stay.
    """
    kinds = {name: kind for name, _, kind in LABELS}
    return {
        name: getattr(before, name)
        if value == _shown(getattr(before, name), kinds[name])
        else _read(name, kinds[name], value)
        for name, value in values.items()
    }


def worded_rule(mandate: Mandate, name: str, kind: Kind, names: Mapping[str, str]) -> str:
    """One rule's value as a table shows it; `names` turns ISINs into symbols."""
    return worded(getattr(mandate, name), kind, names)


def worded(value: Any, kind: Kind, names: Mapping[str, str]) -> str:
    """The same of a value by itself."""
    if kind == "percent":
        return pct(value)
    if kind == "rupees":
        return rupees(value)
    if kind == "number":
        return f"{decimal(value, digits=1)} ATR"
    if kind == "yes":
        return "yes" if value else "no"
    if kind == "many":
        return ", ".join(sorted(names.get(str(one), str(one)) for one in value)) or "none"
    return str(value)


def _shown(value: Any, kind: Kind) -> Any:
    if kind == "percent":
        return round(100 * value, 4)
    if kind == "rupees":
        return float(value.in_rupees)
    if kind == "many":
        return sorted(str(one) for one in value)
    return str(value) if kind == "choice" else value


def _read(name: str, kind: Kind, value: Any) -> Any:
    if value is None:
        raise BadInput(f"{name.replace('_', ' ')} is empty; give a value")
    if kind == "percent":
        return round(float(value) / 100, 8)
    if kind == "rupees":
        return Money.rupees(Decimal(repr(round(float(value), 2))))
    if kind == "count":
        return int(value)
    if kind == "number":
        return float(value)
    if kind == "yes":
        return bool(value)
    if name == "objective":
        return Objective(value)
    if name == "holding":
        return Holding(value)
    if name == "cap_classes":
        return frozenset(CapClass(one) for one in value)
    return frozenset(value)


def _same(values: Sequence[str]) -> tuple[tuple[str, str], ...]:
    return tuple((str(value), str(value)) for value in values)
