"""What is at risk: limits used, sectors, scenarios and what was crossed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.desk.desk import Desk
from core.domain.account import Account
from core.domain.clock import IST
from core.domain.instrument import Instrument
from core.domain.ledger import Position
from core.domain.mandate import Mandate
from core.domain.protection import Protection
from core.domain.quote import Quote
from core.domain.risk import DESK, KillSwitch, RiskSnapshot
from core.domain.watch import Alert, AlertKind
from core.domain.words import age, ist_time, pct
from core.risk.book import Line
from core.risk.levels import DESK_LIMITS
from core.risk.scenarios import scenarios
from core.store import (
    accounts,
    alerts,
    instruments,
    kills,
    ledger,
    mandates,
    protections,
    quotes,
    risk,
)
from core.views.ages import real_age
from core.views.shown import Cells, Meter, Text, pnl

BREACHES_MAX = 12


@dataclass(frozen=True, slots=True)
class LimitRow:
    """One limit: value against it, how much is used, what crossing it does."""

    name: str
    value: Cells
    limit: str
    used: Meter
    share: str
    crossed: str
    fraction: float


@dataclass(frozen=True, slots=True)
class SectorRow:
    """One sector's weight; the line is the strictest sector limit of any account."""

    name: str
    used: Meter
    weight: str


@dataclass(frozen=True, slots=True)
class ScenarioRow:
    """What today's book would do."""

    name: str
    pnl: Cells
    of_value: str
    stops: str


@dataclass(frozen=True, slots=True)
class BreachRow:
    """One line crossed, alarm raised or level changed."""

    when: str
    what: Cells
    who: str


@dataclass(frozen=True, slots=True)
class RiskView:
    """The Risk page without the level boxes."""

    limits: tuple[LimitRow, ...]
    limits_note: str
    sectors: tuple[SectorRow, ...]
    sectors_note: str
    scenarios: tuple[ScenarioRow, ...]
    breaches: tuple[BreachRow, ...]
    empty: str


def risk_view(desk: Desk) -> RiskView:
    """The last look of the risk loop, in the terms of every mandate."""
    with desk.store.read() as tx:
        looks = {look.scope: look for look in risk.all_latest(tx)}
        running = [one for one in accounts.accounts(tx) if one.closed_at is None]
        rules = {one.id: mandates.current(tx, one.id) for one in running}
        held = ledger.positions(tx)
        prices = quotes.all_quotes(tx)
        listed = {item.isin: item for item in instruments.all_instruments(tx)}
        stops = {(s.account_id, s.isin): s for s in protections.live(tx)}
        crossed = _crossed(
            looks,
            kills.history(tx, BREACHES_MAX),
            alerts.recent(tx, BREACHES_MAX),
            names={one.id: one.name for one in running},
        )
    whole = looks.get(DESK)
    lines = [
        _line(one, prices, listed, cover=stops.get((one.account_id, one.isin))) for one in held
    ]
    strictest = min((rule.sector_weight_max for rule in rules.values()), default=0.25)
    return RiskView(
        limits=_limits(whole, looks, running, rules) if whole else (),
        limits_note=f"value against limit · {age(real_age(desk, whole.at))}"
        if whole
        else "no look yet",
        sectors=tuple(_sector(*one, limit=strictest) for one in whole.sectors) if whole else (),
        sectors_note=f"% of value · limit {pct(strictest, digits=0)}",
        scenarios=tuple(
            ScenarioRow(one.name, pnl(one.pnl), pct(one.of_equity), str(one.stops_hit))
            for one in (scenarios(lines, whole.equity) if whole and lines else ())
        ),
        breaches=crossed,
        empty="The risk loop has not looked yet; it does so each second once a market is open.",
    )


def _limits(
    whole: RiskSnapshot,
    looks: Mapping[str, RiskSnapshot],
    running: Sequence[Account],
    rules: Mapping[str, Mandate],
) -> tuple[LimitRow, ...]:
    rows = [
        _loss("Day's loss, desk", whole.day_return, DESK_LIMITS.daily_loss_max, "Pause · Reduce"),
        _loss("Drawdown, desk", whole.drawdown, DESK_LIMITS.drawdown_max, "Pause · Halt"),
    ]
    for account in running:
        look, rule = looks.get(account.id), rules[account.id]
        if look is None:
            continue
        rows += [
            _loss(
                f"Day's loss, {account.name}", look.day_return, rule.daily_loss_max,
                "Pause · Reduce",
            ),
            _loss(f"Drawdown, {account.name}", look.drawdown, rule.drawdown_max, "Pause · Halt"),
            _size(f"Gross exposure, {account.name}", look.gross_exposure, rule.gross_exposure_max),
        ]  # fmt: skip
        if look.sectors:
            name, weight = max(look.sectors, key=lambda sector: sector[1])
            rows.append(_size(f"{name}, {account.name}", weight, rule.sector_weight_max))
    rows.append(
        LimitRow(
            "Positions without a stop for every share",
            Text(str(whole.unprotected), bold=True),
            "0",
            Meter(float(whole.unprotected > 0) * 1.01),
            "",
            "Alarm",
            float(whole.unprotected) * 2,
        )
    )
    return tuple(sorted(rows, key=lambda row: -row.fraction))


def _loss(name: str, change: float, limit: float, crossed: str) -> LimitRow:
    """A fall against how far it may go; a gain uses nothing."""
    used = max(0.0, -change) / limit
    value = Text(pct(change, signed=True), bold=True)
    return LimitRow(name, value, pct(-limit), Meter(used), pct(used, digits=0), crossed, used)


def _size(name: str, weight: float, limit: float) -> LimitRow:
    used = weight / limit
    return LimitRow(
        name,
        Text(pct(weight, digits=1), bold=True),
        pct(limit, digits=1),
        Meter(used),
        pct(used, digits=0),
        "Card refused",
        used,
    )


def _sector(name: str, weight: float, *, limit: float) -> SectorRow:
    scale = max(limit * 1.2, weight)
    state = Meter(weight / scale, limit_at=limit / scale, plain=weight < 0.8 * limit)
    return SectorRow(name, state, pct(weight, digits=1))


def _line(
    held: Position,
    prices: Mapping[str, Quote],
    listed: Mapping[str, Instrument],
    *,
    cover: Protection | None,
) -> Line:
    item = listed.get(held.isin)
    return Line(
        isin=held.isin,
        symbol=item.symbol if item else held.isin,
        sector=item.sector if item else "Unknown",
        qty=held.qty,
        mark=prices[held.isin].ltp if held.isin in prices else held.avg_price,
        cost=held.cost,
        stop=cover.stop if cover else None,
        covered=cover.covers if cover else 0,
    )


def _crossed(
    looks: Mapping[str, RiskSnapshot],
    switches: Sequence[KillSwitch],
    fired: Sequence[Alert],
    *,
    names: Mapping[str, str],
) -> tuple[BreachRow, ...]:
    """What stands crossed now, levels that were set, and alarms; newest first."""
    found: list[tuple[datetime, BreachRow]] = []
    for look in looks.values():
        who = names.get(look.scope, "desk")
        found += [
            (look.at, BreachRow(_when(look.at), Text(breach.sentence, "loss"), who))
            for breach in look.breaches
        ]
    for one in switches:
        words = f"{names.get(one.scope, 'Desk')}: {one.level.name.capitalize()}. {one.reason}"
        found.append((one.set_at, BreachRow(_when(one.set_at), words, one.set_by)))
    for alert in fired:
        at = alert.fired_at
        if at is not None and alert.kind is AlertKind.ALARM:
            found.append((at, BreachRow(_when(at), Text(alert.sentence, "warn"), "desk")))
    ordered = sorted(found, key=lambda pair: pair[0], reverse=True)
    return tuple(row for _, row in ordered[:BREACHES_MAX])


def _when(at: datetime) -> str:
    local = at.astimezone(IST)
    return f"{local.day} {local:%b} {ist_time(at)}"
