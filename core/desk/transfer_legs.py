"""What a transfer posts: each leg sums to zero inside one account and is posted once.

Money that leaves an account's cash, or comes into it, is capital of that account as well.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from core.domain.ledger import CASH, FUNDING, clearing_ledger
from core.domain.money import Money
from core.domain.transfer import StepName, Transfer, TransferStatus, advance
from core.store import funding, ledger
from core.treasury import post
from core.treasury.post import INSTALMENT


def arrive(tx: Session, now: Transfer, giver: str, *, at: datetime) -> Transfer:
    """Every step is confirmed: what came is out of clearing, and in the other account's cash."""
    came, clearing = now.on_its_way, clearing_ledger(now.id)
    where = "arrived at the owner" if now.is_return else "arrived"
    post_leg(tx, now, "given", clearing, FUNDING, came, at=at, words=f"{where}: {now.reason}")
    if not now.is_return:
        said, leg = f"from {giver}: {now.reason}", INSTALMENT if now.pays_instalment else "in"
        post_leg(tx, now, leg, FUNDING, CASH, came, at=at, words=said, account_id=now.to_account)
    return advance(now, TransferStatus.DONE, ended="arrived", at=at)


def fall_short(tx: Session, now: Transfer, step: StepName, lacks: Money, *, at: datetime) -> None:
    """Book what a person did not see at a step."""
    back = step is StepName.WITHDRAW
    words = f"{lacks} less at the step {step}, "
    words += "back in cash" if back else "stays with the owner"
    leg, to = f"short:{step.name.lower()}", CASH if back else FUNDING
    post_leg(tx, now, leg, clearing_ledger(now.id), to, lacks, at=at, words=words)


def post_leg(
    tx: Session,
    of: Transfer,
    leg: str,
    source: str,
    to: str,
    amount: Money,
    *,
    at: datetime,
    words: str,
    account_id: str = "",
) -> None:
    """Post one leg, in the giving account unless another is named.

    Into or out of cash it is capital of that account as well.
    """
    name = account_id or of.from_account
    made = post.transfer_leg(
        transfer_id=of.id,
        leg=leg,
        account_id=name,
        source=source,
        to=to,
        amount=amount,
        at=at,
        words=words,
    )
    if ledger.post(tx, made) and CASH in (source, to):
        given = amount if to == CASH else -amount
        funding.put_capital(tx, made.id, name, at, given, words)
