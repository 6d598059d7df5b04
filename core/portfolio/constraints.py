"""Caps on weights, and whether they can hold together at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from core.errors import BadInput, NoData
from core.panel import Floats

MIN_SESSIONS = 60


@dataclass(frozen=True, slots=True)
class Constraints:
    """Caps as fractions of the invested money; `sectors` maps a share to its sector."""

    weight_max: float = 1.0
    weight_min: float = 0.0
    sector_max: float = 1.0
    sectors: Mapping[str, str] = field(default_factory=dict)
    invested: float = 1.0


def check(isins: Sequence[str], returns: Floats, rules: Constraints) -> None:
    """Raise for caps that contradict each other and returns that cannot be used."""
    n = len(isins)
    if n == 0:
        raise BadInput("no shares to weigh; choose at least one")
    if returns.ndim != 2 or returns.shape[1] != n:
        raise BadInput(f"returns of shape {returns.shape} cannot meet {n} shares")
    if not 0.0 < rules.invested <= 1.0:
        raise BadInput(f"{rules.invested:.1%} invested must be above 0% and at most 100%")
    if rules.weight_max * n < rules.invested - 1e-9:
        raise BadInput(
            f"{n} shares of at most {rules.weight_max:.1%} reach {rules.weight_max * n:.1%}, "
            f"not the {rules.invested:.1%} to invest; raise the cap or add shares"
        )
    if rules.weight_min * n > rules.invested + 1e-9 or rules.weight_min > rules.weight_max:
        raise BadInput(
            f"{n} shares of at least {rules.weight_min:.1%} and at most {rules.weight_max:.1%} "
            f"cannot make {rules.invested:.1%}; lower the floor"
        )
    _check_sectors(isins, rules)
    if returns.shape[0] < MIN_SESSIONS:
        raise NoData(f"weights need {MIN_SESSIONS} sessions of returns, got {returns.shape[0]}")
    gaps = ~np.isfinite(returns)
    if gaps.any():
        worst = int(gaps.sum(axis=0).argmax())
        raise NoData(
            f"{isins[worst]} has {int(gaps[:, worst].sum())} missing returns of "
            f"{returns.shape[0]}; leave it out or shorten the window"
        )


def _check_sectors(isins: Sequence[str], rules: Constraints) -> None:
    groups = groups_of(isins, rules)
    room = sum(min(rules.sector_max, rules.weight_max * len(group)) for group in groups.values())
    room += rules.weight_max * sum(1 for isin in isins if isin not in rules.sectors)
    if room < rules.invested - 1e-9:
        raise BadInput(
            f"{len(groups)} sectors of at most {rules.sector_max:.1%} leave room for {room:.1%}, "
            f"not the {rules.invested:.1%} to invest; raise the sector cap or add sectors"
        )


def groups_of(isins: Sequence[str], rules: Constraints) -> dict[str, list[int]]:
    """Where each named sector's shares stand."""
    groups: dict[str, list[int]] = {}
    for at, isin in enumerate(isins):
        if isin in rules.sectors:
            groups.setdefault(rules.sectors[isin], []).append(at)
    return groups
