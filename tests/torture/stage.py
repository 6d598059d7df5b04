"""The stage of every scenario: the desk of a morning, a broker in one of three dialects, a clock.

`beat` is what the worker's floor does each second. A `Fuse` kills the worker at any boundary it
crosses: before or after a commit, before or after a request.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import update
from sqlmodel import Session

from core.brokers.fake import FakeBroker, Verb
from core.brokers.paper import PaperBroker
from core.desk.dealer import LEASE, Dealer
from core.desk.desk import Desk
from core.desk.exit import exit_position
from core.desk.floor import phase_of
from core.desk.reconcile import reconcile
from core.desk.recover import recover
from core.desk.safe import keep_safe
from core.desk.send import send_prepared
from core.desk.square_off import squares_off as brokers_minute
from core.desk.unknown import look_up
from core.domain.account import Broker
from core.domain.clock import SteppedClock
from core.domain.instrument import Instrument
from core.domain.mandate import Objective
from core.domain.order import Order, OrderType, Product, Purpose, Side, Validity
from core.domain.square_off import SquaresOff
from core.errors import LeaseLost, MunimError
from core.exchange.rules import Rules
from core.exchange.values import Ticket
from core.mandates.defaults import default_mandate
from core.store import accounts, lease, ledger, mandates, quotes
from core.store.codec import to_json
from core.store.desk_id import FILE
from core.store.engine import Store
from core.store.tables_trade import orders
from core.treasury import post
from tests.brokers.kite.dialect import KITE
from tests.brokers.upstox.dialect import UPSTOX
from tests.desk.morning import ACCOUNT, OPENING, Morning, a_card, morning_on
from tests.made import MIDCO, RELIANCE, T0, quote, rs
from tests.torture.dialect_stage import broker_of, in_kites_words, journal_of
from tests.torture.evidence import Evidence, Row, gather
from tests.torture.oracle import Asked, judged

DESK = "AA"
LOGIN = "paper"
WRITES = ("place", "cancel", "modify", "place_gtt", "modify_gtt", "cancel_gtt")


class Killed(BaseException):
    """The process is gone; nothing catches it."""


@dataclass(slots=True)
class Fuse:
    """Counts the boundaries that the worker crosses, and kills it at one of them.

    `at` is a boundary's number; `name` the first of a name, once `after` has been crossed.
    """

    at: int | None = None
    name: str = ""
    after: str = ""
    crossed: list[str] = field(default_factory=list)

    def cross(self, name: str) -> None:
        self.crossed.append(name)
        due = name == self.name and (not self.after or self.after in self.crossed)
        if due or len(self.crossed) == self.at:
            raise Killed(f"{len(self.crossed)}: {name}")


class MortalStore:
    """A store whose process may die before or after each commit."""

    def __init__(self, store: Store, fuse: Fuse) -> None:
        self._store, self._fuse = store, fuse

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    @contextmanager
    def write(self) -> Iterator[Session]:
        with self._store.write() as tx:
            yield tx
            self._fuse.cross("before a commit")
        self._fuse.cross("after a commit")


class MortalSession:
    """A session whose process may die before or after each request."""

    def __init__(self, session: Any, fuse: Fuse) -> None:
        self._session, self._fuse = session, fuse

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._session, name)
        if name not in WRITES:
            return found

        def write(*args: Any, **fields: Any) -> Any:
            self._fuse.cross(f"before {name}")
            answer = found(*args, **fields)
            self._fuse.cross(f"after {name}")
            return answer

        return write


class Otherwise:
    """A session of which some calls go another way."""

    def __init__(self, session: Any, calls: dict[str, Any]) -> None:
        self._session, self._calls = session, calls

    def __getattr__(self, name: str) -> Any:
        return self._calls.get(name) or getattr(self._session, name)


@dataclass(slots=True)
class Stage(Morning):
    """A morning that is judged at its end."""

    dialect: str
    journals: dict[str, Path]
    away: list[tuple[datetime, datetime]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    but: set[str] = field(default_factory=set)  # invariants this scenario breaks on purpose
    cap: int = 100
    settled: bool = True
    slices: bool = False  # the broker makes several orders of one
    beats: int = 0

    @property
    def paper(self) -> PaperBroker:
        """What stands behind the dialect."""
        return self.broker.paper

    def work(self) -> None:
        """One second of the worker's floor; what cannot be done now is tried again next time."""
        self.beats += 1
        with self.desk.store.write() as tx:
            lease.renew(tx, LEASE, self.dealer.holder, self.dealer.fence, self.clock.monotonic())
        steps: list[Callable[[Dealer], object]] = [send_prepared, keep_safe]
        steps += [look_up] if self.beats % 5 == 0 else []
        steps += [reconcile] if self.beats % 15 == 0 else []
        for step in steps:
            try:
                step(self.dealer)
            except LeaseLost:
                raise
            except MunimError as failure:
                self.failures.append(str(failure))

    def beat(self, ltp: str = "500", times: int = 1, **shown: Any) -> None:
        """So many seconds with a price and a pass of the floor each."""
        for _ in range(times):
            self.tick(ltp, **shown)
            self.work()

    def bought(self, qty: int = 100) -> Order:
        """A position under a stop that was read back."""
        order = self.approve()
        self.beat(size=qty * 4)
        assert self.shares() == {MIDCO.isin: qty}
        return order

    def kill_at(self, number: int | None) -> Fuse:
        """From now on the worker dies at this boundary; None only counts them."""
        fuse = Fuse(number)
        store: Any = MortalStore(self.desk.store, fuse)
        session: Any = MortalSession(self.broker, fuse)
        self.dealer = replace(
            self.dealer, desk=replace(self.desk, store=store), sessions={LOGIN: session}
        )
        return fuse

    def restart(self, seconds: float = 11.0) -> None:
        """The next worker, once the lease of the dead one has run out, after its recovery."""
        gone = self.clock.now()
        self.clock.pass_seconds(seconds)
        with self.desk.store.write() as tx:
            name = f"worker-{self.dealer.fence + 1}"
            fence = lease.acquire(tx, LEASE, name, monotonic=self.clock.monotonic(), seconds=10.0)
        self.away.append((gone, self.clock.now()))
        self.dealer = replace(
            self.dealer,
            desk=self.desk,
            sessions={LOGIN: self.broker},
            holder=name,
            fence=fence,
        )
        recover(self.dealer)

    def wait(self, seconds: float, ltp: str = "500") -> None:
        """Let time go by in strides of ten seconds, with a full pass at the end of each."""
        for _ in range(int(seconds // 10)):
            self.clock.pass_seconds(9)
            self.beats = 14
            self.beat(ltp)

    def down(self, seconds: float) -> None:
        """A while in which nothing can be reached; the oracle counts no neglect in it."""
        gone = self.clock.now()
        self.clock.pass_seconds(seconds)
        self.away.append((gone, self.clock.now()))

    def by_phone(
        self, side: Side, qty: int, *, of: Instrument = MIDCO, limit: str | None = None
    ) -> str:
        """The owner trades past the desk."""
        bound = None if limit is None else self.price(limit)
        kind = OrderType.MARKET if bound is None else OrderType.LIMIT
        ticket = Ticket(
            "", of.isin, of.symbol, side, qty, kind, Product.CNC, Validity.DAY, bound, None
        )
        return self.paper.place_ticket(ticket)

    @staticmethod
    def price(text: str) -> Any:
        return rs(text)

    def another(self, name: str, **changes: object) -> Order:
        """Approve one more card."""
        return self.approve(self.put(a_card(self.clock, id=name, **changes)))

    def tell(self, ltp: str, *, of: Instrument = MIDCO) -> None:
        """A price in the desk's feed that the exchange knows nothing of."""
        with self.desk.store.write() as tx:
            quotes.put(tx, [quote(ltp, of=of, prev_close="500", at=self.clock.now())])

    def second_account(self) -> str:
        """Another account on the same login, with as much money."""
        return self.another_account("second")

    def another_account(self, name: str) -> str:
        """The same under any name."""
        account = replace(ACCOUNT, id=name, name=name.title())
        with self.desk.store.write() as tx:
            accounts.put_account(tx, account)
            mandates.put(tx, default_mandate(name, Objective.BALANCED, signed_at=T0))
            ledger.post(
                tx, post.deposit(account_id=name, amount=OPENING, at=T0, reference="opening")
            )
        return name

    def leave(self, card_id: str = "cd1") -> None:
        """A person wants out."""
        exit_position(self.desk, self.plan(card_id).id, reason="enough", by="me")

    def alter(self, order: Order) -> None:
        """Change a stored order by hand, as somebody with the file might."""
        with self.desk.store.write() as tx:
            values = {"qty": order.qty, "body": to_json(order)}
            tx.execute(update(orders).where(orders.c.id == order.id).values(**values))

    def hold(self, verb: str, instead: Callable[..., Any], **more: Any) -> None:
        """Let one call of the worker's session go another way."""
        session: Any = Otherwise(self.broker, {verb: instead, **more})
        self.dealer = replace(self.dealer, sessions={LOGIN: session})

    def sales(self) -> list[Order]:
        """Every order that sells, newest first."""
        return [order for order in self.orders() if order.purpose is not Purpose.ENTRY]

    def resting(self) -> list[int]:
        """Shares of each active pair at the broker."""
        return [gtt.qty for gtt in self.paper.gtts() if gtt.active]

    def evidence(self) -> Evidence:
        """Both sides as raw rows."""
        return gather(
            journals=self.journals,
            store_url=self.desk.store.url,
            desk=DESK,
            renamed=BROKERS[self.dialect].renamed,
        )

    def asked(self) -> Asked:
        """What the oracle is told of this scenario."""
        return Asked(
            cap=self.cap,
            away=tuple(self.away),
            settled=self.settled,
            until=self.clock.now(),
            slices=self.slices,
        )

    def close(self) -> None:
        """Close the broker and the store."""
        self.broker.close()
        self.desk.store.close()

    def judge(self) -> list[str]:
        """What the oracle finds."""
        return judged(self.evidence(), self.asked(), but=sorted(self.but))


def stage_on(
    store: Store,
    home: Path,
    *,
    dialect: str = "paper",
    rules: Rules | None = None,
    journal: Path | str | None = None,
    squares_off: bool = True,
) -> Stage:
    """Fill an empty store and open the broker of one dialect, which ends MIS at its minute."""
    home.mkdir(parents=True, exist_ok=True)
    (home / FILE).write_text(DESK)
    base = morning_on(store, home)
    kept = Path(journal or home / "exchange.db")
    ends = brokers_minute(base.desk, Broker.PAPER) if squares_off else None
    broker = BROKERS[dialect].open(kept, base.desk, base.clock, rules, ends)
    made = Stage(
        desk=base.desk,
        clock=base.clock,
        broker=broker,
        dealer=replace(base.dealer, sessions={LOGIN: broker}, desk_tag=DESK),
        dialect=dialect,
        journals={LOGIN: BROKERS[dialect].journal(kept)},
    )
    made.tick("500")
    made.tick("500", of=RELIANCE)
    return made


class PaperDialect(FakeBroker):
    """Scripted faults before the paper broker, where an unreadable answer is a lost one."""

    def lose_answer(self, way: str, verb: Verb = Verb.PLACE) -> None:
        """The next write is done; its answer times out, is an error page or is cut in half."""
        self.accept_then_timeout(verb)

    def hide_holdings(self) -> None:
        """Holdings count no share whose order does not show yet."""
        self._hides_holdings = True

    def holdings(self) -> dict[str, int]:
        """Net shares by ISIN."""
        found = Counter(super().holdings())
        if getattr(self, "_hides_holdings", False):
            for trade in self.paper.trades():
                if not self._shows(trade.order_id):
                    found[trade.isin] -= trade.qty
        return {isin: qty for isin, qty in found.items() if qty}

    def close(self) -> None:
        """Close the journal."""
        self.paper.close()


def paper_broker(
    journal: Path,
    desk: Desk,
    clock: SteppedClock,
    rules: Rules | None,
    squares_off: SquaresOff | None = None,
) -> PaperDialect:
    """The paper broker with scripted faults before it, on a journal of its own."""
    paper = PaperBroker(
        journal,
        login_id=LOGIN,
        instruments={share.isin: share for share in (MIDCO, RELIANCE)},
        clock=clock,
        phase_of=lambda item, at: phase_of(desk, item, at),
        rules=rules,
        squares_off=squares_off,
    )
    return PaperDialect(paper, clock)


def as_written(rows: list[Row]) -> list[Row]:
    """A journal in the broker's own names, which the paper broker shows as they are."""
    return rows


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one broker is opened on the stage, where its journal lies and what it calls things.

    `open` returns a session that is scripted like `PaperDialect`.
    """

    open: Callable[[Path, Desk, SteppedClock, Rules | None, SquaresOff | None], Any]
    journal: Callable[[Path], Path]
    renamed: Callable[[list[Row]], list[Row]]


# one line a dialect
BROKERS = {
    "paper": Dialect(paper_broker, lambda path: path, as_written),
    "kite": Dialect(partial(broker_of, KITE), journal_of, in_kites_words),
    # an order of Upstox's has the same digits as one of Kite's in the sandboxes
    "upstox": Dialect(partial(broker_of, UPSTOX), journal_of, in_kites_words),
}
DIALECTS: Sequence[str] = tuple(BROKERS)
