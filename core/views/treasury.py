"""The Treasury page: logins and accounts in rupees, what has not settled, and transfers."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

from core.desk.desk import Desk
from core.domain.account import Broker
from core.domain.clock import ist_day
from core.domain.money import ZERO, Money, total
from core.domain.transfer import OWNER
from core.domain.words import day, ist_time, qty, rupees
from core.store import instruments, ledger, logins, transfers
from core.treasury.sale_rules import rule_words
from core.treasury.staged import Staged
from core.views.cash_lines import CashRow
from core.views.ledger import trial_view
from core.views.money_moves import MoveRow, move_rows
from core.views.shown import Cells, Figure, RowMark, Text, in_rupees
from core.views.transfer_rows import (
    UNKNOWN_DAY,
    EndedRow,
    SuggestionRow,
    TransferRow,
    ended_row,
    is_late,
    route,
    transfer_row,
)
from core.views.treasury_money import AccountMoney, LoginMoney, TreasuryMoney, treasury_money


@dataclass(frozen=True, slots=True)
class MoneyRow:
    """One account, or the sum of its login."""

    name: Cells
    broker: Cells
    free: str
    reserved: Cells
    staged: str
    withdrawable: str
    deployable: Cells
    clearing: Cells
    mark: RowMark = ""


@dataclass(frozen=True, slots=True)
class StagedRow:
    """Shares or money that have not settled."""

    account: str
    share: Cells
    qty: str
    amount: str
    spendable: str
    traded: str
    settles: str
    why: str


@dataclass(frozen=True, slots=True)
class TrialRow:
    """One kind of ledger account in the trial balance."""

    kind: str
    ledgers: str
    amount: str
    meaning: str
    mark: RowMark = ""


@dataclass(frozen=True, slots=True)
class MoneyLine:
    """One account for a file, in rupees."""

    login: str
    account: str
    free: str
    reserved: str
    blocked: str
    not_settled: str
    spendable: str
    withdrawable: str
    deployable: str
    leaving: str
    coming: str


@dataclass(frozen=True, slots=True)
class LoginLines:
    """A login's cash line by line, beside its broker's."""

    login_id: str
    label: str
    lines: tuple[CashRow, ...]
    note: str


@dataclass(frozen=True, slots=True)
class TreasuryView:
    """The whole page; `accounts` are ids and names of those that may give."""

    figures: tuple[Figure, ...]
    rows: tuple[MoneyRow, ...]
    untold: str  # why no login tells what it holds; empty where one does
    note: str
    staged: tuple[StagedRow, ...]
    sale_rules: tuple[str, ...]
    waiting: tuple[TransferRow, ...]
    suggestions: tuple[SuggestionRow, ...]
    ended: tuple[EndedRow, ...]
    moves: tuple[MoveRow, ...]
    logins: tuple[LoginLines, ...]
    trial: tuple[TrialRow, ...]
    trial_note: str
    accounts: tuple[tuple[str, str], ...]
    keeps: Mapping[str, Money]
    file: tuple[MoneyLine, ...]


def treasury_view(desk: Desk) -> TreasuryView:
    """The treasury as it stands."""
    money = treasury_money(desk)
    today = ist_day(money.at)
    books = trial_view(desk)
    lines = [TrialRow(one.kind.name, str(one.ledgers), rupees(one.amount, signed=True),
                      one.wrong or one.kind.meaning, "red" if one.wrong else "")
             for one in books.lines]  # fmt: skip
    with desk.store.read() as tx:
        open_ids = {one.account_id for one in money.accounts if one.is_open}
        moves = move_rows(tx, money.names, can_change=open_ids, now=money.at)
    whole = TrialRow("Everything", "", rupees(books.off, signed=True),
                     "" if not books.off else "the books are spoiled", "tot")  # fmt: skip
    return TreasuryView(
        figures=_figures(money),
        rows=tuple(row for login in money.logins for row in _rows(login)),
        untold=_untold(money),
        note=f"at {ist_time(money.at)}",
        staged=_staged_rows(desk, money),
        sale_rules=_sale_rules(money),
        waiting=tuple(transfer_row(one, money, today) for one in money.under_way),
        suggestions=tuple(
            SuggestionRow(f"{rupees(one.amount)} {route(one, money.names)}", one.reason, one)
            for one in money.suggestions
        ),
        ended=tuple(ended_row(one, money) for one in money.ended),
        moves=moves,
        logins=tuple(
            LoginLines(one.login_id, one.label, one.lines, _lines_note(one))
            for one in money.logins
            if one.accounts
        ),
        trial=(*lines, whole) if lines else (),
        trial_note="sums to ₹0.00" if not books.off else f"off by {rupees(books.off)}",
        accounts=tuple((one.account_id, one.name) for one in money.accounts if one.is_open),
        keeps={one.account_id: one.keeps for one in money.accounts if one.keeps is not None},
        file=tuple(_line(login, one) for login in money.logins for one in login.accounts),
    )


def treasury_signature(desk: Desk) -> Hashable:
    """Changes when money was posted, a transfer moved or a broker told other funds."""
    with desk.store.read() as tx:
        moving = tuple((one.id, one.version) for one in transfers.under_way(tx))
        funds = tuple(str(one.facts.get("funds")) for one in logins.states(tx).values())
        return (ledger.newest_posting(tx)[1], moving, funds, ist_day(desk.clock.now()))


def _figures(money: TreasuryMoney) -> tuple[Figure, ...]:
    of = money.accounts
    told = [one.told for one in money.logins if one.told is not None]
    off = total(abs(one.differs) for one in money.logins if one.differs is not None)
    late = [one for one in money.under_way if is_late(one, ist_day(money.at))]
    asked = [one for one in money.logins if one.broker is not Broker.PAPER]
    at_brokers = (
        Figure("At brokers", rupees(total(told), digits=0) if told else "not told",
               f"{len(told)} of {len(asked)} brokers told"),
        Figure("Differs from books", rupees(off, digits=0) if told else "–",
               "line by line below", "loss" if off else ""),
    )  # fmt: skip
    return (
        *(at_brokers if told or asked else ()),
        Figure("Free", rupees(total(one.free for one in of), digits=0), "in all accounts"),
        Figure("Reserved", rupees(total(one.reserved for one in of), digits=0),
               "for working entries"),
        Figure("Not settled", rupees(total(one.not_settled for one in of), digits=0),
               f"{rupees(total(one.not_spendable for one in of), digits=0)} not spendable today"),
        Figure("Deployable", rupees(total(one.deployable.amount for one in of), digits=0),
               "above floors and buffers"),
        Figure("On its way", rupees(money.in_clearing, digits=0),
               f"{len(late)} late" if late else "in clearing", detail_tone="warn" if late else
               "mute"),
    )  # fmt: skip


def _untold(money: TreasuryMoney) -> str:
    """Why no login says what it holds; empty where one does."""
    if any(one.told is not None for one in money.logins):
        return ""
    if all(one.broker is Broker.PAPER for one in money.logins):
        return "The paper broker holds no money of its own: what the books say is its cash."
    return "No broker has told its funds yet: each is read after its log-in."


def _rows(login: LoginMoney) -> list[MoneyRow]:
    differs = login.differs
    told: Cells = "–" if login.told is None else rupees(login.told)
    if login.told is not None and differs:
        told = (rupees(login.told), Text(rupees(differs, signed=True), "loss", "differs"))
    books = MoneyRow(
        name=Text(login.label, bold=True, note="" if login.accounts else "no account here"),
        broker=told,
        free=rupees(login.books),
        reserved=rupees(login.reserved),
        staged=rupees(total(one.not_settled for one in login.accounts)),
        withdrawable=rupees(total(one.withdrawable for one in login.accounts)),
        deployable=rupees(total(one.deployable.amount for one in login.accounts)),
        clearing=Text(rupees(login.leaving), "sim", "still here") if login.leaving else "",
        mark="on",
    )
    rows = [books, *(_row(one) for one in login.accounts)]
    return [*rows, _outside(login.outside)] if login.outside else rows


def _outside(amount: Money) -> MoneyRow:
    """What the owner traded past the desk, which is in the login and in no account."""
    name = Text("Done elsewhere", "mute", "in no account")
    return MoneyRow(name, "", rupees(amount, signed=True), "", "", "", "", "")


def _lines_note(login: LoginMoney) -> str:
    used = f"{rupees(login.used)} margin used · " if login.used else ""
    return used + login.note


def _row(one: AccountMoney) -> MoneyRow:
    moves = []
    if one.leaving:
        moves.append(Text(rupees(-one.leaving, signed=True), "sim", "leaving"))
    if one.coming:
        moves.append(Text(rupees(one.coming, signed=True), "sim", "coming"))
    short = one.deployable.short
    return MoneyRow(
        name=Text(one.name, note="" if one.is_open else "closed"),
        broker="",
        free=rupees(one.free),
        reserved=Text(rupees(one.reserved), note=f"{rupees(one.blocked)} blocked")
        if one.blocked
        else rupees(one.reserved),
        staged=rupees(one.not_settled),
        withdrawable=rupees(one.withdrawable),
        deployable=Text(rupees(ZERO), "warn", f"{rupees(short)} short")
        if short
        else rupees(one.deployable.amount),
        clearing=tuple(moves) or "",
    )


def _line(login: LoginMoney, one: AccountMoney) -> MoneyLine:
    return MoneyLine(
        login=login.label,
        account=one.name,
        free=in_rupees(one.free),
        reserved=in_rupees(one.reserved),
        blocked=in_rupees(one.blocked),
        not_settled=in_rupees(one.not_settled),
        spendable=in_rupees(one.spendable),
        withdrawable=in_rupees(one.withdrawable),
        deployable=in_rupees(one.deployable.amount),
        leaving=in_rupees(one.leaving),
        coming=in_rupees(one.coming),
    )


def _staged_rows(desk: Desk, money: TreasuryMoney) -> tuple[StagedRow, ...]:
    if not money.staged:
        return ()
    with desk.store.read() as tx:
        listed = instruments.of(tx, sorted({one.isin for one in money.staged}))
    symbols = {isin: one.symbol for isin, one in listed.items()}
    return tuple(_staged(one, symbols.get(one.isin, one.isin), money.names) for one in money.staged)


def _sale_rules(money: TreasuryMoney) -> tuple[str, ...]:
    """What each broker that accounts trade through gives of a sale on its day."""
    said = {one.broker: rule_words(one.broker, ist_day(money.at))
            for one in money.logins if one.accounts}  # fmt: skip
    return tuple(f"{broker.title()}: {words}." for broker, words in sorted(said.items()) if words)


def _staged(one: Staged, symbol: str, names: Mapping[str, str]) -> StagedRow:
    return StagedRow(
        account=names.get(one.account_id, one.account_id),
        share=Text(symbol, bold=True),
        qty=qty(one.qty, signed=True) if one.qty else "0",
        amount=rupees(one.amount) if one.amount else "–",
        spendable=rupees(one.spendable) if one.amount else "–",
        traded=day(one.traded_on),
        settles=day(one.settles_on) if one.settles_on else UNKNOWN_DAY,
        why=one.why or ("shares on their way in" if one.qty > 0 else ""),
    )


def account_choices(view: TreasuryView, *, but: str) -> Sequence[tuple[str, str]]:
    """Who may get money from an account: every other one, and the owner."""
    return (*((id, name) for id, name in view.accounts if id != but), (OWNER, "the owner"))
