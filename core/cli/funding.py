"""Funding plans in the terminal: shown before they are saved, listed, brought back, let go."""

from __future__ import annotations

from typing import Any

import typer

from core.cli.accounts import Why, group
from core.cli.books import by_id_or_name
from core.cli.options import BY, Json, day, rupees_from_zero
from core.cli.show import answer, table
from core.desk.desk import open_desk
from core.desk.fund import plan_funding, plan_history, restore_plan
from core.desk.tranches import release_tranche
from core.domain.account import FundingKind, LateMoney
from core.domain.clock import ist_day
from core.domain.words import rupees
from core.errors import BadInput
from core.store import funding
from core.views.funding_form import plan_fields, plan_from
from core.views.plan_diff import PlanPreview, plan_preview


def add_to(_: typer.Typer) -> None:
    """Add this file's verbs to those of accounts."""
    for name, verb in (
        ("plan", plan), ("plans", plans), ("plan-back", plan_back), ("release", release),
    ):  # fmt: skip
        group.command(name)(verb)


def plan(
    name: str,
    kind: str = typer.Option("", help="lump sum, SIP or hybrid; told from the money if left out."),
    lump: str = typer.Option("", help="Rupees at once or in tranches."),
    monthly: str = typer.Option("", help="Rupees each month."),
    on_day: int | None = typer.Option(None, "--day", help="Day of the month, 1 to 31."),
    months: int | None = typer.Option(None, help="How many months, from the start."),
    starts: str = typer.Option("", help="YYYY-MM-DD; another start begins the plan anew."),
    buffer: str = typer.Option("", help="Rupees kept as an emergency buffer."),
    tranche: list[str] = typer.Option([], help='Such as "3L now" or "3L index 5%"; repeat it.'),
    carried: int | None = typer.Option(None, help="Missed instalments carried on, at most."),
    cap: str = typer.Option("", help="And at most so many rupees of them; 0 is no cap."),
    late: str = typer.Option("", help="Late money goes in at once or evenly."),
    count_cash: bool = typer.Option(True, help="Whether free cash counts for a new lump sum."),
    show: bool = typer.Option(False, "--show", help="Only show what it would change."),
    reason: Why = "",
    json: Json = False,
) -> None:
    """Save an account's next funding plan; what is left out stays as it stands."""
    desk = open_desk()
    account = by_id_or_name(desk, name)
    with desk.store.read() as tx:
        before = funding.current(tx, account.id)
    given: dict[str, Any] = {
        "day": on_day, "months": months, "carried": carried, "late": late or None,
        "starts_on": day(starts, name="--starts") if starts else None,
    }  # fmt: skip
    for field, text, option in (
        ("lump", lump, "--lump"), ("instalment", monthly, "--monthly"),
        ("buffer", buffer, "--buffer"), ("cap", cap, "--cap"),
    ):  # fmt: skip
        amount = rupees_from_zero(text, name=option) if text else None
        given[field] = float(amount.in_rupees) if amount is not None else None
    values = plan_fields(before, today=ist_day(desk.clock.now()))
    values |= {field: value for field, value in given.items() if value is not None}
    if lump or tranche:
        values["tranches"] = "\n".join(tranche)
    values["kind"] = kind or _kind(values)
    if values["kind"] not in tuple(FundingKind) or values["late"] not in tuple(LateMoney):
        raise BadInput(f"--kind {kind!r} is lump sum, SIP or hybrid; --late at once or evenly")
    if show:
        _show(plan_preview(desk, account.id, values, counts_cash=count_cash), json=json)
        return
    made = plan_from(before, account.id, values)
    kept = plan_funding(desk, made, by=BY, why=reason, counts_cash=count_cash)
    answer(kept, as_json=json, words=f"{account.name}: funding plan version {kept.version}")


def _kind(values: dict[str, Any]) -> FundingKind:
    """What the money says: each month, at once, or both."""
    if not values["instalment"]:
        return FundingKind.LUMP_SUM
    return FundingKind.HYBRID if values["lump"] else FundingKind.SIP


def _show(found: PlanPreview, *, json: bool) -> None:
    rows = [{"term": row.rule, "now": row.left, "then": row.right.text} for row in found.rows]
    if json:
        said = {"version": found.version, "terms": rows, "effects": found.effects,
                "refused": found.refused}  # fmt: skip
        answer(said, as_json=True)
        return
    table(rows, as_json=False, empty=found.refused or "Nothing changes.")
    for sentence in found.effects:
        typer.echo(sentence)


def plans(name: str, json: Json = False) -> None:
    """Every version of an account's funding plan: when, by whom and why; newest first."""
    desk = open_desk()
    account = by_id_or_name(desk, name)
    with desk.store.read() as tx:
        found = plan_history(tx, account.id)
    rows: list[dict[str, object]] = [
        {
            "version": one.plan.version,
            "saved_at": one.plan.saved_at,
            "by": one.by,
            "kind": one.plan.kind,
            "lump_sum_paise": one.plan.lump_sum,
            "instalment_paise": one.plan.instalment,
            "buffer_paise": one.plan.buffer,
            "starts_on": one.plan.starts_on,
            "tranches": len(one.plan.tranches),
            "why": one.why,
        }
        for one in found
    ]
    table(rows, as_json=json, empty=f"{account.name} has no funding plan yet.")


def plan_back(
    name: str,
    version: int = typer.Argument(help="The version whose terms come back."),
    reason: Why = "",
    json: Json = False,
) -> None:
    """Bring an earlier funding plan back as the account's next version."""
    desk = open_desk()
    account = by_id_or_name(desk, name)
    kept = restore_plan(desk, account.id, version, by=BY, why=reason)
    words = f"{account.name}: version {version} stands again as version {kept.version}"
    answer(kept, as_json=json, words=words)


def release(
    name: str,
    number: int = typer.Argument(help="The tranche's number."),
    reason: Why = "",
    json: Json = False,
) -> None:
    """Let a waiting tranche of the lump sum go now."""
    desk = open_desk()
    account = by_id_or_name(desk, name)
    firing = release_tranche(desk, account.id, number, why=reason, by=BY)
    words = f"{account.name}: {rupees(firing.amount)} of tranche {number} is let go"
    answer(firing, as_json=json, words=words)
