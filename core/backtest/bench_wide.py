"""The risk loop over one account with 200 positions, each under a broker stop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from core.backtest.bench_rows import timed
from core.desk.desk import Desk
from core.desk.open_market import PAPER_LOGIN
from core.desk.watch import Returns, watch
from core.domain.account import Account
from core.domain.clock import ist_day
from core.domain.instrument import Instrument
from core.domain.ledger import CASH, Posting, Transaction, TransactionKind, position_ledger
from core.domain.mandate import Objective
from core.domain.money import Money
from core.domain.protection import Owner, Protection, ProtectionStatus
from core.domain.quote import Quote
from core.mandates.defaults import default_mandate
from core.store import accounts, bars, instruments, ledger, mandates, protections, quotes
from core.treasury import post

POSITIONS, LOOKS = 200, 250
ACCOUNT = "wide"
MONEY = Money.rupees(20_00_00_000)
EACH = Money.rupees(5_00_000)
HISTORY = timedelta(days=140)


def watch_wide(desk: Desk, universe: Sequence[Instrument]) -> list[float]:
    """Seconds of each look, the first one with its reading of bars included."""
    shares = list(universe)[:POSITIONS]
    copies = [
        _copy(item, number) for number, item in enumerate(shares[: max(0, POSITIONS - len(shares))])
    ]
    _list_copies(desk, shares[: len(copies)], copies)
    _buy(desk, [*shares, *copies])
    returns = Returns()
    taken = [timed(lambda: watch(desk, returns=returns)) for _ in range(LOOKS)]
    with desk.store.write() as tx:
        accounts.close(tx, ACCOUNT, desk.clock.now())
    return taken


def _copy(item: Instrument, number: int) -> Instrument:
    """The universe has fewer shares than positions; a copy stands in under a name of its own."""
    return replace(item, isin=f"INX{number:09d}", symbol=f"COPY{number}", name=f"Copy {number}")


def _list_copies(desk: Desk, shares: Sequence[Instrument], copies: Sequence[Instrument]) -> None:
    if not copies:
        return
    start = ist_day(desk.clock.now()) - HISTORY
    with desk.store.write() as tx:
        instruments.put(tx, copies)
        panel = bars.read_panel(tx, [item.isin for item in shares], start=start)
        made = replace(panel, isins=tuple(item.isin for item in copies))
        bars.put_panel(tx, made, source="bench")
        now = quotes.all_quotes(tx)
        quotes.put(
            tx,
            [
                replace(now[old.isin], isin=new.isin)
                for old, new in zip(shares, copies, strict=True)
            ],
        )


def _buy(desk: Desk, shares: Sequence[Instrument]) -> None:
    at = desk.clock.now()
    with desk.store.write() as tx:
        now = quotes.all_quotes(tx)
        accounts.put_account(tx, Account(ACCOUNT, "Two hundred positions", PAPER_LOGIN.id, at))
        mandates.put(tx, default_mandate(ACCOUNT, Objective.MAX_PROFIT, signed_at=at))
        money = post.deposit(account_id=ACCOUNT, amount=MONEY, at=at, reference="open:wide")
        ledger.post(tx, money)
        for number, item in enumerate(shares):
            quote = now[item.isin]
            qty = max(1, EACH.paise // quote.ltp.paise)
            ledger.post(tx, _bought(f"wide:{number}", item, quote, qty, desk))
            protections.put(tx, _cover(f"wide-{number}", item, quote, qty))


def _bought(id: str, item: Instrument, quote: Quote, qty: int, desk: Desk) -> Transaction:
    cost = quote.ltp * qty
    return Transaction(
        id=id,
        account_id=ACCOUNT,
        kind=TransactionKind.TRADE,
        at=desk.clock.now(),
        reference=id,
        postings=(Posting(CASH, -cost), Posting(position_ledger(item.isin), cost, qty)),
    )


def _cover(plan_id: str, item: Instrument, quote: Quote, qty: int) -> Protection:
    return Protection(
        plan_id=plan_id,
        account_id=ACCOUNT,
        isin=item.isin,
        symbol=item.symbol,
        status=ProtectionStatus.VERIFIED,
        owner=Owner.BROKER_GTT,
        qty=qty,
        stop=Money(quote.ltp.paise * 95 // 100),
        target=Money(quote.ltp.paise * 110 // 100),
        gtt_id=plan_id,
    )
