"""From a fill to a stop that was read back, at a broker whose every answer takes 300 ms.

The fill's moment is the exchange's own; placed and read back are when the desk wrote them down.
A resting order is found by the stream's word, or where the stream is silent by the looks at what
is under way.
"""

from __future__ import annotations

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.backtest.bench_broker import Loopback, loopback
from core.backtest.bench_cards import Stand, stand
from core.backtest.bench_orders import PARTS, REST_OVER, settings_in
from core.backtest.bench_rows import Row, spread
from core.desk.dealer import Dealer
from core.desk.paced import PacedSession
from core.desk.safe import keep_safe
from core.desk.send import send_prepared
from core.desk.under_way import any_due
from core.domain.account import Broker
from core.domain.capability import CAPABILITIES
from core.domain.order import Order
from core.domain.protection import ProtectionStatus
from core.errors import NoData
from core.store import audit, protections

LATENCY = 0.3  # seconds of every answer
AT_ONCE, RESTING = 12, 6  # fills of each kind
PULSE, LOOK = 1.0, 0.25  # seconds between two beats of the worker, and two looks for a word
COVERED_WITHIN = 20.0


@dataclass(frozen=True, slots=True)
class Covered:
    """Seconds from one fill to the stop's acknowledgement and to its reading back."""

    placed: float
    verified: float
    requests: Counter[str]


def fill_to_stop(folder: Path) -> list[Row]:
    """Fills that come with the order, then of resting orders with and without a stream."""
    with stand(settings_in(folder)) as made, loopback(made) as there:
        there.on_quotes(made.prices())
        there.slow(LATENCY)
        paced = PacedSession(there.session, label="bench", rates=CAPABILITIES[Broker.ZERODHA].reads)
        paced.looks.is_alive = lambda: True  # frames come; whether it tells is up to each run
        dealer = made.dealer(paced)
        at_once = [_at_once(made, there, dealer) for _ in range(AT_ONCE)]
        told = [_resting(made, there, dealer, seed, hinted=True) for seed in range(RESTING)]
        silent = [_resting(made, there, dealer, seed, hinted=False) for seed in range(RESTING)]
    return [
        *_rows("at once", at_once, "found by the pass after the send"),
        *_rows("told", told, f"a word of the stream, looked for every {LOOK:g} s"),
        *_rows("silent", silent, f"no word, looked for while new, beats every {LOOK:g} s"),
    ]


def _rows(name: str, found: list[Covered], words: str) -> list[Row]:
    asked = Counter[str]()
    for one in found:
        asked.update(one.requests)
    each = ", ".join(f"{count / len(found):.1f} {verb}" for verb, count in asked.most_common())
    note = f"{LATENCY * 1e3:.0f} ms an answer; {words}"
    return [
        *spread(f"fill {name} to stop placed", [one.placed for one in found], parts=PARTS,
                note=note),
        *spread(f"fill {name} to stop read back", [one.verified for one in found], parts=PARTS,
                note=f"{note}; requests a fill until then: {each}"),
    ]  # fmt: skip


def _at_once(made: Stand, there: Loopback, dealer: Dealer) -> Covered:
    """An order that the exchange fills in the request that places it."""
    order = made.order()
    there.on_quotes(made.prices())
    there.traded.clear()
    send_prepared(dealer)
    keep_safe(dealer)
    while not (found := _covered(made, there, order)):
        time.sleep(LOOK)
        keep_safe(dealer)
    return found


def _resting(made: Stand, there: Loopback, dealer: Dealer, seed: int, *, hinted: bool) -> Covered:
    """An order that rests and fills at some moment between two beats."""
    order = made.order()
    there.on_quotes(made.prices(ask_over=REST_OVER))
    there.traded.clear()
    send_prepared(dealer)
    keep_safe(dealer)
    session = dealer.session(order.login_id)
    after = PULSE * (1 + random.Random(seed).random())
    fills = threading.Timer(after, lambda: there.on_quotes(made.prices()))
    fills.start()
    ends, beat, words = time.monotonic() + COVERED_WITHIN, 0.0, 0
    while not (found := _covered(made, there, order)):
        now = time.monotonic()
        if now > ends:
            raise NoData(f"{order.symbol} was not covered after {COVERED_WITHIN:.0f} s")
        if hinted and len(there.traded) > words and isinstance(session, PacedSession):
            words = len(there.traded)
            session.looks.heard()
        if now - beat >= PULSE:
            beat = now
            made.tick()
            keep_safe(dealer)
        elif any_due(dealer):
            keep_safe(dealer)
        time.sleep(max(0.0, LOOK - (time.monotonic() - now)))
    fills.join()
    return found


def _covered(made: Stand, there: Loopback, order: Order) -> Covered | None:
    """How long it took, once the stop was read back."""
    with made.desk.store.read() as tx:
        cover = protections.by_plan(tx, order.plan_id)
        if cover is None or cover.status is not ProtectionStatus.VERIFIED:
            return None
        steps = [one for one in audit.entries(tx, subject=order.plan_id) if one.verb == "protect"]
    filled = made.clock.at(there.traded[0])
    when = {
        json.loads(one.body)["to"]: (one.at - filled).total_seconds() for one in reversed(steps)
    }
    verified = when[ProtectionStatus.VERIFIED]
    asked = Counter(
        one.verb
        for one in there.requests
        if 0 <= (one.at - filled).total_seconds() <= verified and one.user
    )
    return Covered(when[ProtectionStatus.PLACED], verified, asked)


BENCHES: dict[str, Callable[[Path], list[Row]]] = {"orders protection": fill_to_stop}
