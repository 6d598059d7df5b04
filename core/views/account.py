"""One account: its figures, where its cash is, what it holds, its rules by version, its plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from core.desk.account import Obstacle, obstacles, own_switch
from core.desk.books import Standing
from core.desk.deploy import deployable_of
from core.desk.desk import Desk
from core.desk.mandate import Signing, history
from core.desk.pnl import AccountPnl, account_pnls
from core.domain.account import Account, FundingPlan
from core.domain.clock import IST, ist_day
from core.domain.mandate import Mandate
from core.domain.money import Money
from core.domain.order import WORKING, Purpose
from core.domain.risk import KillLevel, KillSwitch, RiskSnapshot
from core.domain.words import (
    counted,
    day,
    ist_stamp,
    ist_time,
    pct,
    rupees,
    short,
)
from core.errors import OutsideCalendar
from core.mandates.compare import changes, worth
from core.store import accounts, funding, instruments, orders, risk
from core.store.funding import Capital
from core.treasury.deployable import Deployable
from core.views.account_holdings import HoldingLine, HoldingRow, holding_lines, holdings_of
from core.views.accounts import rules_line, state_tag
from core.views.funding_now import CashRow, FundingView, funding_view, waterfall
from core.views.mandate_form import LABELS, FormField, form_fields, worded_rule
from core.views.plan_diff import PlanVersionRow, plan_versions
from core.views.shown import MODES, Figure, RowMark, Tag, Text, count, sign_tone

MOVES_SHOWN = 8


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule; `mark` is set where the last version changed it."""

    rule: str
    value: Text
    worth: str
    before: str
    mark: RowMark = ""


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One signed version, by whom and why."""

    version: str
    signed: str
    by: str
    changed: str
    why: str


@dataclass(frozen=True, slots=True)
class MoveRow:
    """Money that came or went."""

    at: str
    amount: Text
    words: str


@dataclass(frozen=True, slots=True)
class AccountView:
    """One account in full; `paused` says by whom and why, `left` what keeps it from closing."""

    id: str
    name: str
    about: str
    state: Tag | str
    paused: str
    is_open: bool
    may_pause: bool
    may_resume: bool
    left: tuple[str, ...]
    figures: tuple[Figure, ...]
    figures_note: str
    cash: tuple[CashRow, ...]
    cash_note: str
    holdings: tuple[HoldingRow, ...]
    holdings_note: str
    lines: tuple[HoldingLine, ...]
    rules: tuple[RuleRow, ...]
    rules_note: str
    rules_line: str
    versions: tuple[VersionRow, ...]
    fields: tuple[FormField, ...]
    mandate: Mandate
    plan: FundingPlan | None
    plan_versions: tuple[PlanVersionRow, ...]
    funding: FundingView
    moves: tuple[MoveRow, ...]
    free: str


def account_view(desk: Desk, account_id: str) -> AccountView:
    """One account by id; raises NotFound."""
    at = desk.clock.now()
    with desk.store.read() as tx:
        account = accounts.by_id(tx, account_id)
        login = accounts.login(tx, account.login_id)
        look = risk.latest(tx, account_id)
        [mine] = [one for one in account_pnls(desk, tx) if one.account.id == account_id]
        free, unknown = _free(desk, tx, account)
        told = history(tx, account_id)
        listed = instruments.all_instruments(tx)
        plan = funding.current(tx, account_id)
        moves = funding.capital(tx, account_id)
        switch = own_switch(tx, account_id)
        left = obstacles(tx, account_id, today=ist_day(at))
        over = ist_day(account.closed_at) if account.closed_at else None
        promised = funding_view(desk, tx, plan, look, as_of=over)
        saved = plan_versions(tx, account_id)
        entries = _entries(tx, account_id)
    books, known = mine.now, {item.isin: item for item in listed}
    names = {isin: item.symbol for isin, item in known.items()}
    rules, older = told[0].mandate, told[1].mandate if len(told) > 1 else None
    closed = f" · closed {day(account.closed_at)}" if account.closed_at else ""
    level = switch.level if switch else KillLevel.NORMAL
    is_open = account.closed_at is None
    return AccountView(
        id=account.id,
        name=account.name,
        about=f"{login.label}, {MODES[login.mode]} · opened {day(account.opened_at)}{closed}",
        state=state_tag(level, account),
        paused=_paused(account, switch, entries),
        is_open=is_open,
        may_pause=is_open and level is KillLevel.NORMAL,
        may_resume=is_open and level is KillLevel.PAUSE,
        left=_left(left),
        figures=_figures(mine, look, rules, free, unknown),
        figures_note=f"at {ist_time(look.at)}" if look else "the risk loop has not looked yet",
        cash=waterfall(free) if free else (),
        cash_note=unknown or "now",
        holdings=holdings_of(books, known),
        lines=holding_lines(account, books, known, as_of=f"{at.astimezone(IST):%Y-%m-%d %H:%M:%S}"),
        holdings_note=count(len(books.positions), "position"),
        rules=_rules(rules, older, books.equity, names),
        rules_note=f"version {rules.version}, signed {ist_stamp(rules.signed_at)}"
        + (f" · changes since version {older.version} are marked" if older else ""),
        rules_line=rules_line(rules),
        versions=_versions(told),
        fields=form_fields(
            rules,
            sectors=sorted({item.sector for item in listed}),
            shares=[(item.isin, item.symbol) for item in listed],
        ),
        mandate=rules,
        plan=plan,
        plan_versions=saved,
        funding=promised,
        moves=_moves(moves),
        free=rupees(books.cash - books.blocked),
    )


def _free(desk: Desk, tx: Session, account: Account) -> tuple[Deployable | None, str]:
    """Deployable cash, or why there is none to speak of."""
    if account.closed_at is not None:
        return None, "closed"
    today = ist_day(desk.clock.now())
    try:
        return deployable_of(tx, account.id, calendar=desk.calendar, today=today), ""
    except OutsideCalendar as end:
        return None, str(end)


def _entries(tx: Session, account_id: str) -> int:
    """Entries of an account that its broker may still fill."""
    working = orders.with_status(tx, *WORKING)
    return sum(one.account_id == account_id and one.purpose is Purpose.ENTRY for one in working)


def _paused(account: Account, switch: KillSwitch | None, entries: int) -> str:
    if switch is None or account.closed_at is not None:
        return ""
    rests = switch.level <= KillLevel.REDUCE and entries
    still = (
        f" {counted(entries, 'entry order')} at the broker may still fill; munim halt --account "
        f"{account.id} takes it back."
        if rests
        else ""
    )
    return (
        f"{switch.level.name.capitalize()} since {ist_stamp(switch.set_at)} by {switch.set_by}: "
        f"{switch.reason}. No new entry goes out; stops and exits go on.{still}"
    )


def _left(found: Sequence[Obstacle]) -> tuple[str, ...]:
    return tuple(f"{one.what}: {one.step}." for one in found)


def _figures(
    mine: AccountPnl,
    look: RiskSnapshot | None,
    rules: Mandate,
    free: Deployable | None,
    unknown: str,
) -> tuple[Figure, ...]:
    books, moved = mine.now, mine.day.net
    earned, paid_in = books.earned.net, books.paid_in
    return (
        Figure("Equity", rupees(books.equity, digits=0), f"paid in {short(paid_in)}"),
        Figure("Net P&L", rupees(earned, signed=True),
               f"{pct(earned.share_of(paid_in), signed=True)} of what was paid in"
               if paid_in.paise > 0 else "nothing was paid in",
               sign_tone(earned)),
        Figure("Day's P&L", rupees(moved, signed=True),
               f"limit −{pct(rules.daily_loss_max)}", sign_tone(moved)),
        Figure("Drawdown", pct(look.drawdown) if look else "–",
               f"limit −{pct(rules.drawdown_max)}"),
        Figure("Invested", rupees(books.invested, digits=0),
               f"{pct(books.invested.share_of(books.equity), digits=1)} of equity"
               if books.equity else "no equity"),
        Figure("Cash", rupees(books.cash, digits=0), f"reserved {short(books.reserved)}"),
        Figure("Owed", rupees(books.owed, digits=0), owed_words(books)),
        _deployable(free, unknown),
    )  # fmt: skip


def _deployable(free: Deployable | None, unknown: str) -> Figure:
    if free is None:
        return Figure("Deployable", "–", unknown)
    parts = dict(free.parts)
    waits = parts["waiting"] + parts["late"]
    stays = "floor and buffer" if free.buffer else "floor"
    under = stays if free.buffer else f"the {stays}"
    kept = f"{stays} {short(free.floor + free.buffer)}"
    kept += f", waiting {short(waits)}" if waits else ""
    return Figure(
        "Deployable",
        rupees(free.amount, digits=0),
        kept if not free.short else f"{short(free.short)} short of {under}",
        detail_tone="warn" if free.short else "mute",
    )


def owed_words(books: Standing) -> str:
    """What is owed to an account, in equity and not in cash."""
    said = []
    if books.dividends:
        said.append(f"dividends {short(books.dividends)} before tax")
    if books.spun_off:
        said.append(f"demerged {short(books.spun_off)}, an estimate")
    if books.to_confirm:
        said.append(f"shares to confirm {short(books.to_confirm)}")
    return "; ".join(said) or "no dividend is on its way"


def _rules(
    rules: Mandate, older: Mandate | None, equity: Money, names: Mapping[str, str]
) -> tuple[RuleRow, ...]:
    rows = []
    for name, label, kind in LABELS:
        shown = worded_rule(rules, name, kind, names)
        before = worded_rule(older, name, kind, names) if older else shown
        in_rupees = worth(name, getattr(rules, name), equity)
        changed = shown != before
        rows.append(
            RuleRow(
                rule=label,
                value=Text(shown, bold=True),
                worth="" if in_rupees is None else short(in_rupees),
                before=before if changed else "",
                mark="on" if changed else "",
            )
        )
    return tuple(rows)


def _versions(told: Sequence[Signing]) -> tuple[VersionRow, ...]:
    """Every version with what it changed, newest first."""
    labels = {name: label.partition(",")[0] for name, label, _ in LABELS}
    before: list[Mandate | None] = [*(one.mandate for one in told[1:]), None]
    rows = []
    for one, older in zip(told, before, strict=True):
        if older is None:
            words = "first version"
        else:
            found = [labels.get(c.name, c.name) for c in changes(older, one.mandate)]
            words = ", ".join(found) or "nothing changed"
        rows.append(
            VersionRow(f"v{one.mandate.version}", ist_stamp(one.at), one.by, words, one.why)
        )
    return tuple(rows)


def _moves(moves: Sequence[Capital]) -> tuple[MoveRow, ...]:
    return tuple(
        MoveRow(
            ist_stamp(one.at),
            Text(rupees(one.amount, signed=True), sign_tone(one.amount)),
            one.words,
        )
        for one in moves[::-1][:MOVES_SHOWN]
    )
