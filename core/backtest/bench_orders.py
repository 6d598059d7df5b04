"""What an order costs: making it, committing it, sending it, and forty clicks in one second.

Each figure stands beside its floor in the same run: one bare durable commit, the broker's own
client alone, a plain dataclass. The orders of the two paths go out by turns.
"""

from __future__ import annotations

import dataclasses
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.backtest.bench_broker import Loopback, loopback
from core.backtest.bench_cards import NO_CAP, Stand, stand
from core.backtest.bench_rows import Row, row, spread, timed
from core.brokers.paper import PaperBroker
from core.config import Settings
from core.desk.floor import phase_of
from core.desk.open_market import PAPER_LOGIN
from core.desk.safe import keep_safe
from core.desk.send import send_prepared
from core.domain.card import APPROVAL_SECONDS
from core.domain.money import Money
from core.domain.order import Order, OrderStatus
from core.errors import MunimError, NoData
from core.execution.plan import entry_order
from core.execution.rate import SendCap
from core.store import orders, plans

SENDS = 60
MADE = 20_000
CLICKS, LATE_CLICKS = 40, 5
SEND_EVERY = 0.25  # seconds between two looks of the worker for what was approved
BURST_ENDS = 90.0  # seconds after which a burst that is not out has failed
REST_OVER = Money.rupees(50)  # an ask so far off that nothing fills
PARTS = (50, 99)


def settings_in(folder: Path) -> Settings:
    """Settings of a desk in a folder of its own."""
    home = folder / "home"
    return Settings(home=home, database_url=f"sqlite:///{home / 'munim.db'}")


def send_path(folder: Path) -> list[Row]:
    """From a committed intent to the acknowledgement, on paper and over HTTP."""
    paper: list[float] = []
    kite: list[float] = []
    raw, clicks, bare = [], [], []
    plain = _plain(folder / "plain.db")
    with stand(settings_in(folder)) as made, loopback(made) as there:
        near = PaperBroker(
            made.desk.home / "exchange.db",
            login_id=PAPER_LOGIN.id,
            instruments={share.isin: share for share in made.shares},
            clock=made.clock,
            phase_of=lambda share, at: phase_of(made.desk, share, at),
        )
        dealers = made.dealer(near), made.dealer(there.session)
        last = dealers[1].fence
        to_paper, to_kite = (dataclasses.replace(one, fence=last) for one in dealers)
        for turn in range(SENDS + 1):
            quotes = made.prices(ask_over=REST_OVER)
            near.on_quotes(quotes)
            there.on_quotes(quotes)
            for dealer, taken in ((to_paper, paper), (to_kite, kite)):
                made.tick()
                card = made.card()
                begun = time.perf_counter()
                order = made.click(card)
                clicks.append(time.perf_counter() - begun)
                begun = time.perf_counter()
                sent = send_prepared(dealer)
                taken.append(time.perf_counter() - begun)
                _must_stand(sent, order)
            raw.append(timed(lambda: _raw_place(there, order)))  # noqa: B023
            bare.append(timed(lambda: _bare(plain, turn)))  # noqa: B023
        near.close()
    plain.close()
    half = {name: float(np.median(taken[1:])) for name, taken in
            (("paper", paper), ("kite", kite), ("raw", raw), ("bare", bare))}  # fmt: skip
    note = f"one plain sqlite3 commit, FULL, {half['bare'] * 1e3:.2f} ms"
    over = (
        f"client alone {half['raw'] * 1e3:.2f} ms, so the desk adds "
        f"{(half['kite'] - half['raw']) * 1e3:.1f} ms"
    )
    return [
        *spread("order intent committed", clicks[1:], parts=PARTS,
                note="the click with its checks, signature and one commit"),
        *spread("order send, paper", paper[1:], parts=PARTS,
                note=f"every guardrail, two commits, the paper journal; "
                f"{half['paper'] / half['bare']:.0f} times {note}"),
        *spread("order send, kite sandbox", kite[1:], parts=PARTS,
                note=f"the same over HTTP on loopback; {over}; "
                f"{half['kite'] / half['raw']:.1f} times it"),
        *spread("order kiteconnect alone", raw[1:], parts=PARTS,
                note="place_order of the broker's own client at the same server"),
        *spread("order bare commit", bare[1:], parts=PARTS, note="plain sqlite3, WAL, FULL, 1 row"),
    ]  # fmt: skip


def creation(folder: Path) -> list[Row]:
    """An order object from its plan, beside a plain dataclass and a dict of the same fields."""
    with stand(settings_in(folder)) as made:
        order = made.order()
        with made.desk.store.read() as tx:
            plan = plans.by_id(tx, order.plan_id)
        quote = made.prices()[0]
    fields = {one.name: getattr(order, one.name) for one in dataclasses.fields(Order)}
    Plain: Any = dataclasses.make_dataclass("Plain", list(fields))
    at, tick = order.prepared_at, Money(5)
    ways: dict[str, Callable[[], object]] = {
        "ours": lambda: entry_order(plan, prepared_at=at, desk="AA", quote=quote, tick=tick),
        "alone": lambda: Order(**fields),
        "plain": lambda: Plain(**fields),
        "dict": lambda: dict(fields),
    }
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(5):
        for name, make in ways.items():
            taken[name].append(timed(lambda: _repeat(make)) / MADE * 1e6)  # noqa: B023
    us = {name: float(np.median(found)) for name, found in taken.items()}
    note = (
        f"drift check, id, tag and tick included; Order alone {us['alone']:.2f}, a plain dataclass "
        f"{us['plain']:.2f}, a dict {us['dict']:.2f} us; {us['ours'] / us['plain']:.1f} times the "
        "dataclass"
    )
    return [row("order object made", us["ours"], "us", n=5 * MADE, note=note)]


@dataclass(slots=True)
class Burst:
    """What forty clicks in one second came to."""

    clicked: list[str]  # tags, in the order of the clicks
    span: float  # seconds from the first click to the last
    arrived: list[tuple[float, str]]  # seconds since the first click and tag, at the broker
    failures: Counter[str]


def burst(folder: Path) -> list[Row]:
    """Forty approvals in a second against the desk's cap, counted at the broker."""
    with stand(settings_in(folder)) as made, loopback(made, limits=True) as there:
        there.on_quotes(made.prices(ask_over=REST_OVER))
        found = _clicked_at_once(made, there)
        late = _expired(made, there)
    cap = SendCap()
    by_second = Counter(int(at) for at, _ in found.arrived)
    sliding = max(_within_a_second(found.arrived, at) for at, _ in found.arrived)
    tags = [tag for _, tag in found.arrived]
    kept = "kept" if tags == found.clicked else "LOST"
    failed = "; ".join(f"{count} x {words}" for words, count in found.failures.items()) or "none"
    return [
        row("order burst, most in any second", sliding, "orders", n=len(tags),
            note=f"the cap is {cap.per_second}; most in a clock second "
            f"{max(by_second.values())}; counted in the sandbox's request list"),
        row("order burst, all out", found.arrived[-1][0], "s", n=len(tags),
            note=f"{len(found.clicked)} clicks within {found.span:.2f} s, {len(set(tags))} orders "
            f"at the broker, order {kept}; passes that failed: {failed}"),
        row("order burst, expired dropped", len(late), "orders", n=LATE_CLICKS,
            note=f"waited {APPROVAL_SECONDS + 1:.0f} s; none sent; {late[0] if late else 'none'}"),
    ]  # fmt: skip


def _clicked_at_once(made: Stand, there: Loopback) -> Burst:
    """A thread clicks as a page would, while this one looks for work as the worker does."""
    dealer = made.dealer(there.session, cap=SendCap())
    ready = [made.card() for _ in range(CLICKS)]
    made.tick()
    there.requests.clear()
    clicked: list[str] = []
    spans: list[float] = []
    begun_at, begun = made.clock.now(), time.perf_counter()

    def click() -> None:
        for number, card in enumerate(ready):
            wait = begun + number / CLICKS - time.perf_counter()
            time.sleep(max(0.0, wait))
            clicked.append(made.click(card).tag)
        spans.append(time.perf_counter() - begun)

    clicking = threading.Thread(target=click, name="clicks")
    clicking.start()
    failures: Counter[str] = Counter()
    while time.perf_counter() - begun < BURST_ENDS:
        began = time.perf_counter()
        made.tick()
        try:
            if any(one.status is not OrderStatus.PREPARED for one in send_prepared(dealer)):
                keep_safe(dealer)
        except MunimError as failure:
            failures[str(failure)[:60]] += 1
        if not clicking.is_alive() and not _waiting(made):
            break
        time.sleep(max(0.0, SEND_EVERY - (time.perf_counter() - began)))
    clicking.join()
    if _waiting(made):
        raise NoData(f"{_waiting(made)} of {CLICKS} orders were not out after {BURST_ENDS:.0f} s")
    arrived = [
        ((one.at - begun_at).total_seconds(), one.fields.get("tag", ""))
        for one in there.requests
        if one.verb == "place"
    ]
    return Burst(clicked, spans[0], arrived, failures)


def _expired(made: Stand, there: Loopback) -> list[str]:
    """Sentences of approvals that the worker saw too late; none of them may have been sent."""
    dealer = made.dealer(there.session, cap=NO_CAP)
    for _ in range(LATE_CLICKS):
        made.order()
    before = len(there.sandbox.faults.sends("place"))
    made.clock.leap(APPROVAL_SECONDS + 1)
    made.tick()
    ended = [one for one in send_prepared(dealer) if one.status is OrderStatus.CANCELLED]
    if len(there.sandbox.faults.sends("place")) != before:
        raise NoData("an expired approval was sent")
    return [one.reason for one in ended]


def _within_a_second(arrived: list[tuple[float, str]], start: float) -> int:
    return sum(1 for at, _ in arrived if start <= at < start + 1.0)


def _waiting(made: Stand) -> int:
    with made.desk.store.read() as tx:
        return len(orders.with_status(tx, OrderStatus.PREPARED))


def _must_stand(sent: list[Order], order: Order) -> None:
    """Raise NoData when the order did not reach the book, for then nothing was measured."""
    mine = [one for one in sent if one.id == order.id]
    if not mine or mine[0].status is not OrderStatus.OPEN:
        why = mine[0].reason if mine else "it was not looked at"
        raise NoData(f"order {order.id} is not open: {why}")


def _raw_place(there: Loopback, order: Order) -> None:
    assert order.limit_price is not None
    there.raw.place_order(
        variety="regular", exchange="NSE", tradingsymbol=order.symbol, transaction_type="BUY",
        quantity=order.qty, product="CNC", order_type="LIMIT", validity="DAY",
        price=float(order.limit_price.in_rupees), tag="raw",
    )  # fmt: skip


def _plain(path: Path) -> sqlite3.Connection:
    plain = sqlite3.connect(path, isolation_level=None)
    plain.execute("PRAGMA journal_mode=WAL")
    plain.execute("PRAGMA synchronous=FULL")
    plain.execute("CREATE TABLE intents (id INTEGER PRIMARY KEY, body TEXT)")
    return plain


def _bare(plain: sqlite3.Connection, number: int) -> None:
    plain.execute("BEGIN IMMEDIATE")
    plain.execute("INSERT INTO intents VALUES (?, ?)", (number, "x" * 400))
    plain.execute("COMMIT")


def _repeat(make: Callable[[], object]) -> None:
    for _ in range(MADE):
        make()


BENCHES: dict[str, Callable[[Path], list[Row]]] = {
    "orders send path": send_path,
    "orders creation": creation,
    "orders burst": burst,
}
