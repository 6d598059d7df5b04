"""Three accounts for transfers: two on the paper login, one on a login at Zerodha."""

from __future__ import annotations

from sqlmodel import Session

from core.domain.account import Account, Broker, BrokerLogin, LoginMode
from core.domain.ledger import CLEARING, FUNDING
from core.domain.mandate import Objective
from core.domain.money import Money, total
from core.mandates.defaults import default_mandate
from core.store import accounts, audit, funding, ledger, mandates
from core.treasury import post
from tests.desk.morning import ACCOUNT, OPENING, Morning
from tests.made import T0, rs

FLOOR = rs("50000")  # of the balanced mandate
SIP = Account(id="sip", name="SIP aggressive", login_id="paper", opened_at=T0)
FAR = Account(id="far", name="Lump sum", login_id="kite", opened_at=T0)
KITE = BrokerLogin(id="kite", broker=Broker.ZERODHA, mode=LoginMode.PAPER, label="Kite")


def with_others(morning: Morning, *, each: str = "100000") -> Morning:
    """Two more accounts with money of their own, under the same rules."""
    with morning.desk.store.write() as tx:
        accounts.put_login(tx, KITE)
        for one in (SIP, FAR):
            accounts.put_account(tx, one)
            mandates.put(tx, default_mandate(one.id, Objective.BALANCED, signed_at=T0))
            deposit(tx, one.id, rs(each))
        funding.put_capital(tx, "opening", ACCOUNT.id, T0, OPENING, "opening")
    return morning


def deposit(tx: Session, account_id: str, amount: Money) -> None:
    """Money that came, with its row of capital."""
    made = post.deposit(account_id=account_id, amount=amount, at=T0, reference="opening")
    ledger.post(tx, made)
    funding.put_capital(tx, made.id, account_id, T0, amount, "opening")


def books_hold(tx: Session) -> None:
    """The books sum to zero, and what each account was given is what its ledger says."""
    assert ledger.trial_balance(tx) == Money(0)
    audit.verify(tx)
    for name, folds in ledger.folds(tx).items():
        given = total(one.amount for one in funding.capital(tx, name))
        stands = [one.amount for ledger_name, one in folds.items()
                  if ledger_name == FUNDING or ledger_name.startswith(CLEARING)]  # fmt: skip
        assert given == -total(stands), name
