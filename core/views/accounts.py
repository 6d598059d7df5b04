"""One account: its figures, its signed rules by version, and the money promised and moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from core.desk.books import Standing, standing
from core.desk.desk import Desk
from core.domain.account import FundingPlan
from core.domain.clock import ist_day
from core.domain.mandate import Mandate
from core.domain.money import ZERO, Money, total
from core.domain.risk import RiskSnapshot
from core.domain.words import day, ist_stamp, ist_time, pct, rupees, short
from core.errors import OutsideCalendar
from core.store import accounts, funding, instruments, mandates, quotes, risk
from core.store.funding import Capital
from core.treasury import funding as promised
from core.treasury.funding import InstalmentStatus
from core.views.mandate_form import LABELS, FormField, form_fields, worded_rule
from core.views.shown import MODES, Figure, Tag, TagTone, Text, sign_tone

SHOWN_MONTHS = 6
MOVES_SHOWN = 8
STATUS: dict[InstalmentStatus, TagTone] = {
    InstalmentStatus.PAID: "ok",
    InstalmentStatus.DUE: "warn",
    InstalmentStatus.MISSED: "bad",
    InstalmentStatus.UPCOMING: "",
    InstalmentStatus.LAPSED: "line",
}
OF_EQUITY = frozenset(
    {
        "position_weight_max",
        "sector_weight_max",
        "gross_exposure_max",
        "risk_per_trade_max",
        "daily_loss_max",
        "drawdown_max",
    }
)


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule; `mark` is set where the last version changed it."""

    rule: str
    value: Text
    worth: str
    before: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One signed version."""

    version: str
    signed: str
    changed: str


@dataclass(frozen=True, slots=True)
class InstalmentRow:
    """One promised payment."""

    number: str
    due: str
    amount: str
    status: Tag


@dataclass(frozen=True, slots=True)
class MoveRow:
    """Money that came or went."""

    at: str
    amount: Text
    words: str


@dataclass(frozen=True, slots=True)
class AccountView:
    """One account in full."""

    id: str
    name: str
    about: str
    figures: tuple[Figure, ...]
    figures_note: str
    rules: tuple[RuleRow, ...]
    rules_note: str
    versions: tuple[VersionRow, ...]
    fields: tuple[FormField, ...]
    mandate: Mandate
    plan: FundingPlan | None
    plan_words: str
    instalments: tuple[InstalmentRow, ...]
    moves: tuple[MoveRow, ...]
    free: str


def account_names(desk: Desk) -> tuple[tuple[str, str], ...]:
    """Ids and names, in the order they were opened."""
    with desk.store.read() as tx:
        return tuple((one.id, one.name) for one in accounts.accounts(tx))


def account_view(desk: Desk, account_id: str) -> AccountView:
    """One account by id; raises NotFound."""
    with desk.store.read() as tx:
        account = accounts.by_id(tx, account_id)
        login = accounts.login(tx, account.login_id)
        look = risk.latest(tx, account_id)
        books = standing(tx, account_id, quotes.all_quotes(tx))
        signed = mandates.versions(tx, account_id)
        listed = instruments.all_instruments(tx)
        plan = funding.current(tx, account_id)
        moves = funding.capital(tx, account_id)
    names = {item.isin: item.symbol for item in listed}
    rules, older = signed[-1], signed[-2] if len(signed) > 1 else None
    closed = f" · closed {day(account.closed_at)}" if account.closed_at else ""
    return AccountView(
        id=account.id,
        name=account.name,
        about=f"{login.label}, {MODES[login.mode]} · opened {day(account.opened_at)}{closed}",
        figures=_figures(books, look, moves, rules, plan),
        figures_note=f"at {ist_time(look.at)}" if look else "the risk loop has not looked yet",
        rules=_rules(rules, older, books.equity, names),
        rules_note=f"version {rules.version}, signed {ist_stamp(rules.signed_at)}"
        + (f" · changes since version {older.version} are marked" if older else ""),
        versions=tuple(_version(one, before) for one, before in _pairs(signed)),
        fields=form_fields(
            rules,
            sectors=sorted({item.sector for item in listed}),
            shares=[(item.isin, item.symbol) for item in listed],
        ),
        mandate=rules,
        plan=plan,
        plan_words=_plan_words(plan),
        instalments=_instalments(desk, plan, moves),
        moves=tuple(
            MoveRow(ist_stamp(one.at),
                    Text(rupees(one.amount, signed=True), sign_tone(one.amount)), one.words)
            for one in moves[::-1][:MOVES_SHOWN]
        ),
        free=rupees(books.cash),
    )  # fmt: skip


def _figures(
    books: Standing,
    look: RiskSnapshot | None,
    moves: Sequence[Capital],
    rules: Mandate,
    plan: FundingPlan | None,
) -> tuple[Figure, ...]:
    paid_in = total(one.amount for one in moves)
    earned = books.equity - paid_in
    free = promised.deployable(
        cash=books.cash + books.reserved,
        reserved=books.reserved,
        floor=rules.cash_floor,
        buffer=plan.buffer if plan else ZERO,
    )
    floor = f"above the floor of {short(rules.cash_floor)}"
    return (
        Figure("Equity", rupees(books.equity, digits=0), f"paid in {short(paid_in)}"),
        Figure("Net P&L", rupees(earned, signed=True, digits=0),
               f"{pct(earned.share_of(paid_in), signed=True)} of what was paid in",
               sign_tone(earned)),
        Figure("Day's P&L", rupees(look.day_pnl, signed=True, digits=0) if look else "–",
               f"limit −{pct(rules.daily_loss_max)}", sign_tone(look.day_pnl) if look else ""),
        Figure("Drawdown", pct(look.drawdown) if look else "–",
               f"limit −{pct(rules.drawdown_max)}"),
        Figure("Invested", rupees(books.invested, digits=0),
               f"{pct(books.invested.share_of(books.equity), digits=1)} of equity"),
        Figure("Cash", rupees(books.cash, digits=0), f"reserved {short(books.reserved)}"),
        Figure("Owed", rupees(books.owed, digits=0), owed_words(books)),
        Figure("Free for cards", rupees(free.amount, digits=0),
               floor if not free.short else f"{short(free.short)} short of the floor",
               detail_tone="warn" if free.short else "mute"),
    )  # fmt: skip


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
    rules: Mandate, older: Mandate | None, equity: Money, names: dict[str, str]
) -> tuple[RuleRow, ...]:
    rows = []
    for name, label, kind in LABELS:
        shown = worded_rule(rules, name, kind, names)
        before = worded_rule(older, name, kind, names) if older else shown
        worth = ""
        if name in OF_EQUITY:
            worth = short(Money(round(equity.paise * float(getattr(rules, name)))))
        changed = shown != before
        rows.append(
            RuleRow(
                rule=label,
                value=Text(shown, bold=True),
                worth=worth,
                before=before if changed else "",
                mark="on" if changed else "",
            )
        )
    return tuple(rows)


def _pairs(signed: Sequence[Mandate]) -> list[tuple[Mandate, Mandate | None]]:
    """Versions with the one before each, newest first."""
    before = [None, *signed[:-1]]
    return list(zip(signed, before, strict=True))[::-1]


def _version(one: Mandate, before: Mandate | None) -> VersionRow:
    changed = [
        label.partition(",")[0]
        for name, label, _ in LABELS
        if before is not None and getattr(one, name) != getattr(before, name)
    ]
    words = "first version" if before is None else ", ".join(changed) or "nothing changed"
    return VersionRow(f"v{one.version}", ist_stamp(one.signed_at), words)


def _plan_words(plan: FundingPlan | None) -> str:
    if plan is None:
        return "No funding plan yet: money comes when you add it."
    words = [f"{short(plan.lump_sum)} at once"] if plan.lump_sum else []
    if plan.instalment:
        words.append(
            f"{short(plan.instalment)} on day {plan.day_of_month} of {plan.months} months from "
            f"{day(plan.starts_on)}"
        )
    kept = f"; {short(plan.buffer)} is kept as a buffer" if plan.buffer else ""
    return f"Version {plan.version}, {plan.kind}: {' and '.join(words) or 'nothing'}{kept}."


def _instalments(
    desk: Desk, plan: FundingPlan | None, moves: Sequence[Capital]
) -> tuple[InstalmentRow, ...]:
    if plan is None or not plan.instalment:
        return ()
    today = ist_day(desk.clock.now())
    until = min(today + timedelta(days=31 * SHOWN_MONTHS), desk.calendar.last)
    came = [promised.Receipt(ist_day(one.at), one.amount) for one in moves]
    since = [one for one in came if one.on >= plan.starts_on]
    try:
        rows = promised.standing(
            plan, desk.calendar, receipts=since, today=today, until=until
        ).instalments
    except OutsideCalendar as end:
        return (InstalmentRow("", "", str(end), Tag("unknown", "warn")),)
    return tuple(
        InstalmentRow(
            str(row.number),
            day(row.due_on),
            rupees(row.amount),
            Tag(row.status, STATUS[row.status]),
        )
        for row in rows
    )
