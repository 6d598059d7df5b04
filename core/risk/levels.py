"""Lines that stop a desk by themselves, and how strict each one is.

A line only ever asks for a level. `stricter` never lowers the one that stands: letting go is a
person's act, so a loss that recovers to 69 % of the limit stays paused.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from core.domain.mandate import Mandate
from core.domain.risk import Breach, KillLevel, RiskSnapshot
from core.domain.words import decimal, pct

EARLY = 0.70  # of the day's loss limit
DRAWDOWN_EARLY = 0.80
VOL_SPIKE = 2.0  # times usual


@dataclass(frozen=True, slots=True)
class DeskLimits:
    """The whole desk's lines, fractions of the equity of all accounts."""

    daily_loss_max: float = 0.015
    drawdown_max: float = 0.12
    vol_spike: float = VOL_SPIKE


DESK_LIMITS = DeskLimits()


def breaches(
    snapshot: RiskSnapshot, mandate: Mandate, *, vol_now: float, vol_usual: float
) -> tuple[Breach, ...]:
    """Lines one account has crossed; volatilities per year, NaN where unknown."""
    return _crossed(
        snapshot,
        daily_loss_max=mandate.daily_loss_max,
        drawdown_max=mandate.drawdown_max,
        vol_now=vol_now,
        vol_usual=vol_usual,
        vol_spike=VOL_SPIKE,
    )


def desk_breaches(
    snapshot: RiskSnapshot,
    limits: DeskLimits = DESK_LIMITS,
    *,
    vol_now: float = math.nan,
    vol_usual: float = math.nan,
) -> tuple[Breach, ...]:
    """Lines the desk as a whole has crossed."""
    return _crossed(
        snapshot,
        daily_loss_max=limits.daily_loss_max,
        drawdown_max=limits.drawdown_max,
        vol_now=vol_now,
        vol_usual=vol_usual,
        vol_spike=limits.vol_spike,
    )


def stricter(current: KillLevel, found: Iterable[Breach]) -> KillLevel:
    """The level after these breaches: the strictest of all, never below the current one."""
    return max([current, *(breach.level for breach in found)])


def _crossed(
    snapshot: RiskSnapshot,
    *,
    daily_loss_max: float,
    drawdown_max: float,
    vol_now: float,
    vol_usual: float,
    vol_spike: float,
) -> tuple[Breach, ...]:
    found = [
        _daily_loss(snapshot, daily_loss_max),
        _drawdown(snapshot, drawdown_max),
        _spike(snapshot.scope, vol_now, vol_usual, vol_spike),
    ]
    return tuple(breach for breach in found if breach is not None)


def _daily_loss(snapshot: RiskSnapshot, limit: float) -> Breach | None:
    loss = -snapshot.day_return
    if loss < EARLY * limit:
        return None
    level = KillLevel.REDUCE if loss >= limit else KillLevel.PAUSE
    does = "only exits go out" if level is KillLevel.REDUCE else "entries pause"
    sentence = f"{snapshot.scope} lost {pct(loss)} today of {pct(limit)} allowed; {does}."
    return Breach("Day's loss", loss, limit, level, sentence)


def _drawdown(snapshot: RiskSnapshot, limit: float) -> Breach | None:
    depth = -snapshot.drawdown
    if depth < DRAWDOWN_EARLY * limit:
        return None
    level = KillLevel.HALT if depth >= limit else KillLevel.PAUSE
    does = "entries are cancelled" if level is KillLevel.HALT else "entries pause"
    sentence = (
        f"{snapshot.scope} stands {pct(depth)} under its peak of {pct(limit)} allowed; {does}."
    )
    return Breach("Drawdown", depth, limit, level, sentence)


def _spike(scope: str, now: float, usual: float, times: float) -> Breach | None:
    if not (math.isfinite(now) and math.isfinite(usual)) or usual <= 0 or now < times * usual:
        return None
    sentence = (
        f"Volatility of {scope} is {pct(now, digits=0)} a year, {decimal(now / usual, digits=1)} "
        f"times the usual {pct(usual, digits=0)}; entries pause."
    )
    return Breach("Volatility spike", now, times * usual, KillLevel.PAUSE, sentence)
