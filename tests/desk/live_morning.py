"""The desk's morning on a store stamped live, with a LIVE login whose every row passes."""

from __future__ import annotations

from dataclasses import replace

from core.brokers.fake import fake_broker
from core.desk import sign
from core.desk.approve import approve_card
from core.desk.live_rows import checks
from core.desk.price_gate import keep_feed
from core.domain.account import Account, Broker, BrokerLogin, LoginMode, Market
from core.domain.card import Card
from core.domain.order import Order
from core.domain.price_check import FeedSeen, Pair, seen_of
from core.domain.quote import Quote
from core.store import accounts, cards, quotes, settings
from core.store.engine import Store
from tests.desk.morning import ACCOUNT, Morning, a_card, morning_on
from tests.made import MIDCO, RELIANCE

ZERODHA = BrokerLogin("zerodha", Broker.ZERODHA, LoginMode.LIVE, "Zerodha AB1234")


def live_morning_on(store: Store, home: object, *, mode: LoginMode = LoginMode.LIVE) -> Morning:
    """One LIVE login at a scripted broker; its account may spend ₹20 lakh."""
    morning = morning_on(store, home)  # type: ignore[arg-type]
    with store.write() as tx:
        accounts.put_login(tx, replace(ZERODHA, mode=mode))
        accounts.put_account(
            tx, Account(ACCOUNT.id, ACCOUNT.name, ZERODHA.id, opened_at=ACCOUNT.opened_at)
        )
    shares = {share.isin: share for share in (MIDCO, RELIANCE)}
    morning.broker = fake_broker(shares, morning.clock, login_id=ZERODHA.id)
    morning.tick("500")
    morning.dealer = replace(morning.dealer, sessions={ZERODHA.id: morning.broker})
    let_pass(morning)
    return morning


def let_pass(morning: Morning, **failed: str) -> None:
    """What the worker saw a moment ago: every row passes but those that failed."""
    at = morning.clock.now().isoformat()
    names = [name for name, _ in checks(morning.desk, ZERODHA)]
    rows = [[n, n not in failed, failed.get(n, "well")] for n in names]
    with morning.desk.store.write() as tx:
        settings.put(tx, "live:rows:zerodha", {"at": at, "chain_at": at, "rows": rows})
    let_stream(morning)


def let_stream(morning: Morning, **asked: Quote) -> None:
    """What the worker saw of prices a moment ago: stream and requests agree but for `asked`."""
    now = morning.clock.now()
    with morning.desk.store.write() as tx:
        told = {isin: seen_of(one) for isin, one in quotes.all_quotes(tx).items()}
        pairs = {
            isin: Pair(one, seen_of(asked[isin]) if isin in asked else one)
            for isin, one in told.items()
        }
        keep_feed(tx, FeedSeen(now, ZERODHA.id, ZERODHA.label, tick_at=now, pairs=pairs))


def live_card(morning: Morning, name: str = "cd1", *, qty: int = 40, **changes: object) -> Card:
    """40 MIDCO at most ₹505 cost ₹20,200, under the default cap of ₹25,000."""
    card = a_card(morning.clock, id=name, market=Market.LIVE, mode=LoginMode.LIVE, **changes)
    card = replace(
        card,
        legs=(replace(card.legs[0], qty=qty),),
        allocation=replace(card.allocation, qty=qty),
    )
    with morning.desk.store.write() as tx:
        cards.put(tx, card)
    return card


def click(morning: Morning, card: Card, typed: str = "", *, terminal: bool = False) -> Order:
    """Approve with a web session's key, or at a terminal."""
    home = morning.desk.home
    signer = (
        sign.terminal_signer(home)
        if terminal
        else sign.open_web_key(home, f"{card.id}session", until=sign.FOREVER)
    )
    return approve_card(
        morning.desk,
        card.id,
        seen_hash=card.bound_hash,
        nonce=f"n-{card.id}-{typed}",
        approver="me",
        signer=signer,
        typed=typed,
    )
