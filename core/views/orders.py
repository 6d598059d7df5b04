"""Orders as the desk and the broker tell them: open, executed, resting stops and plans."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from core.desk.desk import Desk
from core.domain.order import WORKING
from core.domain.protection import Owner, Protection
from core.store import accounts, fills, orders, plans, protections, quotes
from core.views.order_rows import (
    GttRow,
    Known,
    OrderRow,
    PlanRow,
    gtt_row,
    order_row,
    plan_row,
)

RECENT = 60
Row = TypeVar("Row", OrderRow, GttRow, PlanRow)


@dataclass(frozen=True, slots=True)
class OrdersView:
    """The four tabs."""

    open: tuple[OrderRow, ...]
    executed: tuple[OrderRow, ...]
    gtts: tuple[GttRow, ...]
    plans: tuple[PlanRow, ...]


def orders_view(desk: Desk, *, account: str = "", login: str = "") -> OrdersView:
    """Working and ended orders, newest first, with resting stops and plans.

    `account` is an account's name and `login` a login's label; empty for every one.
    """
    with desk.store.read() as tx:
        known = Known(
            accounts={one.id: one.name for one in accounts.accounts(tx)},
            logins={one.id: one for one in accounts.logins(tx)},
            prices=quotes.all_quotes(tx),
            now=desk.clock.now(),
        )
        recent = orders.recent(tx, RECENT)
        trades = {order.id: fills.of_order(tx, order.id) for order in recent}
        shields = {shield.plan_id: shield for shield in protections.live(tx)}
        covered = {shield.plan_id: plans.by_id(tx, shield.plan_id) for shield in shields.values()}
        lately = plans.recent(tx, RECENT)
        filled = fills.of_plans(tx, [plan.id for plan in lately])
    held = {name: sum(one.qty for one in done) for name, done in filled.items()}
    rows = [(order, order_row(order, trades[order.id], known)) for order in recent]
    wanted = {"account": account, "login": login}
    return OrdersView(
        open=_only([row for order, row in rows if order.status in WORKING], **wanted),
        executed=_only([row for order, row in rows if order.status not in WORKING], **wanted),
        gtts=_only(
            [gtt_row(one, covered[one.plan_id], known) for one in shields.values() if _rests(one)],
            **wanted,
        ),
        plans=_only(
            [plan_row(one, shields.get(one.id), held[one.id], known) for one in lately], **wanted
        ),
    )


def _rests(shield: Protection) -> bool:
    return bool(shield.gtt_id) or shield.owner is Owner.EXCHANGE_SL


def _only(rows: list[Row], *, account: str, login: str) -> tuple[Row, ...]:
    return tuple(row for row in rows if account in ("", row.account) and login in ("", row.login))
