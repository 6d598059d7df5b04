"""A worker in a process of its own, to be killed: `python -m tests.torture.worker HOME KIND ...`.

It opens the store and the paper broker's journal in HOME, takes the lease, recovers, and beats
twenty times a second with a price that swings around ₹500. Exit 3 says that the lease was lost.
"""

from __future__ import annotations

import math
import sys
import time
from datetime import datetime
from pathlib import Path

from core.config import Settings
from core.desk.dealer import LEASE, Dealer
from core.desk.desk import desk_over
from core.desk.holder import is_gone, named
from core.desk.reconcile import reconcile
from core.desk.recover import recover
from core.desk.safe import keep_safe
from core.desk.send import send_prepared
from core.desk.unknown import look_up
from core.domain.account import Market
from core.domain.clock import AnchoredClock
from core.errors import LeaseLost, MunimError
from core.store import lease, quotes
from core.store.engine import open_store
from tests.made import MIDCO, quote
from tests.torture.stage import DESK, LOGIN, paper_broker

LEASE_SECONDS = 1.0


def main() -> int:
    """Work until killed."""
    home, kind, market_at, anchor = sys.argv[1:5]
    holder = named(kind)
    folder = Path(home)
    clock = AnchoredClock(datetime.fromisoformat(market_at), float(anchor))
    store = open_store(f"sqlite:///{folder.parent / 'munim.db'}", Market.SIM)
    settings = Settings(home=folder, database_url=store.url, market=Market.SIM)
    desk = desk_over(settings, store, clock)
    broker = paper_broker(folder / "exchange.db", desk, clock, None)
    fence = _taken(desk.store, holder)
    dealer = Dealer(desk, {LOGIN: broker}, holder=holder, fence=fence, desk_tag=DESK)
    recover(dealer)
    print("working", flush=True)
    number = 0
    try:
        while True:
            number += 1
            _beat(dealer, broker, number)
            time.sleep(0.05)
    except LeaseLost:
        return 3


def _taken(store: object, holder: str) -> int:
    """The lease, waited for while its holder lives and keeps it."""
    while True:
        try:
            with store.write() as tx:  # type: ignore[attr-defined]
                return lease.acquire(
                    tx,
                    LEASE,
                    holder,
                    monotonic=time.monotonic(),
                    seconds=LEASE_SECONDS,
                    is_gone=is_gone,
                )
        except LeaseLost:
            time.sleep(0.1)


def _beat(dealer: Dealer, broker: object, number: int) -> None:
    clock = dealer.desk.clock
    price = round((500 + 3 * math.sin(time.monotonic())) / 0.05) * 0.05
    made = quote(f"{price:.2f}", prev_close="500", bid_qty=60, ask_qty=60, at=clock.now())
    with dealer.desk.store.write() as tx:
        lease.renew(tx, LEASE, dealer.holder, dealer.fence, clock.monotonic())
        quotes.put(tx, [made])
    broker.on_quotes([made])  # type: ignore[attr-defined]
    steps = [send_prepared, keep_safe, *([look_up, reconcile] if number % 20 == 0 else [])]
    for step in steps:
        try:
            step(dealer)
        except LeaseLost:
            raise
        except MunimError as failure:
            print(failure, flush=True)
    assert made.isin == MIDCO.isin


if __name__ == "__main__":
    sys.exit(main())
