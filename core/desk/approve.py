"""One click on one card: bound, single-use, and the only way a new order comes to be.

The click checks hash, nonce, expiry, drift and kill level, and commits the intent. The worker
runs every guardrail again in the transaction that sends.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from core.desk.books import reserve_for
from core.desk.can_hold import holder_of, why_not_held
from core.desk.caps import why_not_meant, why_over_cap
from core.desk.day_plans import why_no_day_trade
from core.desk.deploy import why_no_cash
from core.desk.desk import Desk
from core.desk.ex_dates import why_frozen
from core.desk.halts import why_halted, why_shut
from core.desk.kill import level_in_file
from core.desk.live import must_type, why_not_live, why_not_typed, why_wrong_mode
from core.desk.logins import why_no_session
from core.desk.mandate import why_not_bound
from core.desk.price_gate import why_no_price
from core.desk.quality_now import Standing, standing
from core.desk.reconcile import why_no_entry
from core.desk.sign import Kind, Signer, script_signer, signature
from core.domain.account import BrokerLogin, LoginMode
from core.domain.card import Approval, Card, CardStatus, advance
from core.domain.clock import ist_day
from core.domain.money import Money
from core.domain.order import Order, Product
from core.domain.quote import Quote
from core.domain.risk import KillLevel
from core.domain.ticks import tick_now
from core.errors import ApprovalRefused, BadInput
from core.execution.plan import entry_order, plan_for
from core.store import (
    accounts,
    approvals,
    audit,
    cards,
    hypotheses,
    instruments,
    kills,
    ledger,
    orders,
    plans,
    quotes,
)
from core.store.desk_id import desk_id


def approve_card(
    desk: Desk,
    card_id: str,
    *,
    seen_hash: str,
    nonce: str,
    approver: str,
    signer: Signer | None = None,
    typed: str = "",
) -> Order:
    """Turn a card into a committed intent; raises ApprovalRefused and changes nothing otherwise.

    Args:
        seen_hash: the bound hash of the card as the person saw it.
        nonce: one per click, made when the card was drawn; a second use is refused.
        signer: whose key signs; None is a script, which a live market refuses.
        typed: the words that a LIVE approval asks for: the first of a day, and each in a terminal.
    """
    signer = signer or script_signer(desk.home, desk.market)
    at, clicked = desk.clock.now(), desk.clock.monotonic()
    tag = desk_id(desk.home)
    with desk.store.write() as tx:
        accounts.hold(tx, cards.by_id(tx, card_id).account_id)
        card = cards.by_id(tx, card_id)
        quote = quotes.by_isin(tx, card.isin)
        level = max(kills.level(tx, card.account_id), level_in_file(desk.home))
        check_click(card, seen_hash=seen_hash, quote=quote, level=level, at=at)
        if why_not := why_not_bound(tx, card):
            raise ApprovalRefused(why_not)
        login = accounts.login(tx, accounts.by_id(tx, card.account_id).login_id)
        check_mode(tx, card, login, signer=signer, typed=typed, at=at)
        if why_not := why_no_session(tx, login) or why_no_entry(tx, login.id):
            raise ApprovalRefused(why_not)
        if why_not := why_halted(tx, at=at):
            raise ApprovalRefused(why_not)
        if why_not := why_frozen(tx, card.isin, today=ist_day(at)):
            raise ApprovalRefused(why_not)
        share = instruments.by_isin(tx, card.isin)
        if why_not := why_shut(desk, share) or why_no_price(desk, tx, share, login):
            raise ApprovalRefused(why_not)
        if why_not := why_not_held(holder_of(tx, card.account_id), card, share, ltp=quote.ltp):
            raise ApprovalRefused(why_not)
        if card.legs[0].product is Product.MIS and (
            why_not := why_no_day_trade(desk, login.broker, share, at=desk.clock.now())
        ):
            raise ApprovalRefused(why_not)
        check_prices(card, standing(tx, desk.calendar, card.isin, today=ist_day(at)))
        approval = Approval(
            id="ap"
            + hashlib.sha256(f"{card.id}\x1f{card.version}\x1f{nonce}".encode()).hexdigest()[:14],
            card_id=card.id,
            card_version=card.version,
            bound_hash=card.bound_hash,
            nonce=nonce,
            approver=approver,
            clicked_at=at,
            clicked=clicked,
            signed_by=signer.id,
        )
        signed = signature(signer, approval, mode=card.mode, market=card.market)
        approval = replace(approval, signature=signed)
        approvals.put(tx, approval)
        return _commit_intent(desk, tx, card, approval, quote=quote, tag=tag)


def check_click(
    card: Card, *, seen_hash: str, quote: Quote, level: KillLevel, at: datetime
) -> None:
    """Raise ApprovalRefused with the one thing that stands in the way of this click."""
    b = card.bracket
    if card.status is not CardStatus.OPEN:
        raise ApprovalRefused(
            f"{card.symbol} card {card.id} is {card.status}, not OPEN; nothing was sent"
        )
    if seen_hash != card.bound_hash:
        raise ApprovalRefused(
            f"{card.symbol} card {card.id} changed since it was drawn (seen {seen_hash[:8]}, "
            f"now {card.bound_hash[:8]}); read it again"
        )
    if at >= card.expires_at:
        raise ApprovalRefused(
            f"{card.symbol} card {card.id} expired at {card.expires_at:%H:%M:%S} UTC; "
            "wait for the next version"
        )
    if not level.allows_entries:
        raise ApprovalRefused(
            f"{card.account_name} is at {level.name}, which lets no entry through; resume it first"
        )
    if not b.entry_low <= quote.ltp <= b.entry_high:
        raise ApprovalRefused(
            f"{card.symbol} trades at {quote.ltp}, outside the card's {b.entry_low} to "
            f"{b.entry_high}; a new version follows"
        )


def check_mode(
    tx: Session, card: Card, login: BrokerLogin, *, signer: Signer, typed: str, at: datetime
) -> None:
    """Raise ApprovalRefused when a LIVE login has not earned this click, or the modes differ."""
    why_not = why_wrong_mode(card, login) or why_not_live(tx, login, at=at)
    asks = signer.kind is Kind.TERMINAL or must_type(tx, login, at=at)
    if not why_not and login.mode is LoginMode.LIVE and asks:
        why_not = why_not_typed(card, typed)
    if why_not:
        raise ApprovalRefused(why_not)


def check_order(tx: Session, card: Card, order: Order, *, quote: Quote, at: datetime) -> None:
    """Raise ApprovalRefused for an order nobody can have meant, or over a rupee cap."""
    sized = card.allocation.qty
    why_not = why_not_meant(tx, order, sized=sized, quote=quote, back=Money(0))
    if why_not := why_not or why_over_cap(tx, order, at=at, waiting=True):
        raise ApprovalRefused(f"{why_not}; nothing was sent")


def check_prices(card: Card, now: Standing) -> None:
    """Raise ApprovalRefused when the share's stored prices are too poor to trade on."""
    if now.blocks:
        raise ApprovalRefused(f"{card.symbol}: {now.words}")


def _commit_intent(
    desk: Desk, tx: Session, card: Card, approval: Approval, *, quote: Quote, tag: str
) -> Order:
    at = approval.clicked_at
    account = accounts.by_id(tx, card.account_id)
    today = desk.calendar.first_session_from(at)
    plan = plan_for(
        card,
        approval,
        login_id=account.login_id,
        opened_at=at,
        time_exit_on=desk.calendar.add_sessions(today, card.horizon_sessions),
    )
    order = entry_order(plan, prepared_at=at, desk=tag, quote=quote, tick=tick_now(quote))
    check_order(tx, card, order, quote=quote, at=at)
    if why_not := why_no_cash(tx, card, calendar=desk.calendar, today=ist_day(at)):
        raise ApprovalRefused(f"{why_not}; nothing was sent")
    plans.put(tx, plan)
    orders.put(tx, order)
    ledger.post(tx, reserve_for(card, order, at=at))
    cards.save(tx, advance(card, CardStatus.APPROVED))
    belief = hypotheses.by_card(tx, card.id)
    if belief is not None:
        hypotheses.save(tx, replace(belief, taken=True))
    audit.append(
        tx,
        at=at,
        actor=approval.approver,
        verb="approve",
        subject=card.id,
        body={
            "approval": approval.id,
            "bound_hash": card.bound_hash,
            "version": card.version,
            "plan": plan.id,
            "order": order.id,
            "tag": order.tag,
        },
    )
    return order


def reject_card(desk: Desk, card_id: str, *, reason: str, by: str) -> Card:
    """Say no to a card, with the reason that the scorecard will read."""
    if not reason.strip():
        raise BadInput("a rejection needs a reason; one word is enough")
    at = desk.clock.now()
    with desk.store.write() as tx:
        card = advance(cards.by_id(tx, card_id), CardStatus.REJECTED, reason=reason.strip())
        cards.save(tx, card)
        audit.append(
            tx, at=at, actor=by, verb="reject", subject=card_id, body={"reason": reason.strip()}
        )
    return card
