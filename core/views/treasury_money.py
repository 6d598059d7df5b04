"""The treasury in rupees: each login's money at its broker beside the accounts that share it.

Page and terminal read their figures here, so that they are the same to the paisa.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from core.desk.desk import Desk
from core.desk.purse import purses
from core.desk.suggest_transfers import rules, suggested
from core.desk.transfer import seen_hash
from core.domain.account import Account, Broker, BrokerLogin
from core.domain.money import Money, total
from core.domain.transfer import Transfer, TransferStatus, expired
from core.store import accounts, ledger, logins, transfers
from core.treasury.deployable import Deployable
from core.treasury.purse import Purse
from core.treasury.staged import Staged, kept_back, unsettled
from core.treasury.suggest import Suggestion
from core.views.cash_lines import CashRow, books_of, cash_note, cash_rows

ENDED_SHOWN = 30


@dataclass(frozen=True, slots=True)
class AccountMoney:
    """One account's cash by what may be done with it.

    Attributes:
        free: the cash ledger, without `reserved`.
        blocked: the part of `free` that open short positions keep.
        not_settled: the part of `free` that was sold and has not settled.
        not_spendable: the part of that which may not buy shares today.
        leaving: in clearing, away from this account; `coming` is in clearing towards it.
        keeps: what a person's rule leaves here before it may give, None without a rule.
    """

    account_id: str
    name: str
    login_id: str
    is_open: bool
    free: Money
    reserved: Money
    blocked: Money
    not_settled: Money
    not_spendable: Money
    spendable: Money
    withdrawable: Money
    deployable: Deployable
    leaving: Money
    coming: Money
    keeps: Money | None


@dataclass(frozen=True, slots=True)
class LoginMoney:
    """One login: what its broker told last beside what the books say is there.

    `told` and `used` are None until the broker told; `books` is what a new order may use by the
    books: what its accounts have free less what shorts block, what the owner's trades past the
    desk brought or took (`outside`) and what was approved to leave and has not left (`leaving`).
    """

    login_id: str
    label: str
    broker: Broker
    told: Money | None
    used: Money | None
    books: Money
    outside: Money
    leaving: Money
    reserved: Money
    lines: tuple[CashRow, ...]
    note: str
    accounts: tuple[AccountMoney, ...]

    @property
    def differs(self) -> Money | None:
        """The broker's figure less the books', None until the broker told."""
        return None if self.told is None else self.told - self.books


@dataclass(frozen=True, slots=True)
class TreasuryMoney:
    """Everything the treasury shows; `hashes` is what a click on each proposal signs now."""

    at: datetime
    logins: tuple[LoginMoney, ...]
    staged: tuple[Staged, ...]
    under_way: tuple[Transfer, ...]
    hashes: Mapping[str, str]
    suggestions: tuple[Suggestion, ...]
    ended: tuple[Transfer, ...]
    names: Mapping[str, str]

    @property
    def accounts(self) -> tuple[AccountMoney, ...]:
        """Every account of every login."""
        return tuple(one for login in self.logins for one in login.accounts)

    @property
    def in_clearing(self) -> Money:
        """Money on its way between accounts or to the owner."""
        return total(one.in_clearing for one in self.under_way)


def treasury_money(desk: Desk) -> TreasuryMoney:
    """The treasury as one moment of the store sees it."""
    now = desk.clock.now()
    with desk.store.read() as tx:
        known = accounts.accounts(tx)
        ledger.read_ahead(tx, [one.id for one in known])
        found = purses(tx, desk, known)
        moving = transfers.under_way(tx)
        late = [expired(one) for one in moving if one.is_overdue(now)]
        live = [one for one in moving if not one.is_overdue(now)]
        keeps = rules(tx)
        seats = [_account(one, found[one.id], moving, keeps.get(one.id)) for one in known]
        return TreasuryMoney(
            at=now,
            logins=tuple(
                _login(tx, one, [account for account in known if account.login_id == one.id],
                       [seat for seat in seats if seat.login_id == one.id], now=now)
                for one in accounts.logins(tx)
            ),
            staged=tuple(part for one in known for part in found[one.id].staged),
            under_way=tuple(live),
            hashes={
                one.id: seen_hash(tx, desk, one)
                for one in live
                if one.status is TransferStatus.PROPOSED
            },
            suggestions=suggested(tx, desk),
            ended=(*late, *transfers.ended(tx, ENDED_SHOWN)),
            names={one.id: one.name for one in known},
        )  # fmt: skip


def _account(
    account: Account, purse: Purse, moving: Sequence[Transfer], keeps: Money | None
) -> AccountMoney:
    return AccountMoney(
        account_id=account.id,
        name=account.name,
        login_id=account.login_id,
        is_open=account.closed_at is None,
        free=purse.free,
        reserved=purse.deployable.reserved,
        blocked=purse.deployable.blocked,
        not_settled=unsettled(purse.staged),
        not_spendable=kept_back(purse.staged),
        spendable=purse.spendable,
        withdrawable=purse.withdrawable,
        deployable=purse.deployable,
        leaving=total(one.in_clearing for one in moving if one.from_account == account.id),
        coming=total(one.in_clearing for one in moving if one.to_account == account.id),
        keeps=keeps,
    )


def _login(
    tx: Session,
    login: BrokerLogin,
    mine: Sequence[Account],
    seats: Sequence[AccountMoney],
    *,
    now: datetime,
) -> LoginMoney:
    state = logins.state(tx, login.id)
    facts = state.facts if state is not None else {}
    funds = facts.get("funds") or {}
    books = books_of(tx, login.id, mine, now=now)
    return LoginMoney(
        login_id=login.id,
        label=login.label,
        broker=login.broker,
        told=_paise(funds, "available"),
        used=_paise(funds, "used"),
        books=books.free,
        outside=books.outside,
        leaving=books.leaving,
        reserved=total(one.reserved for one in seats),
        lines=cash_rows(books, funds),
        note="the paper broker holds no money of its own; the books are its cash"
        if login.broker is Broker.PAPER
        else cash_note(facts, now=now),
        accounts=tuple(seats),
    )


def _paise(funds: Mapping[str, object], name: str) -> Money | None:
    return Money(int(str(funds[name]))) if name in funds else None
