"""Sales that may not be spent yet: 23 Nov 2026 is a Monday, Tuesday a holiday.

At Kite ₹1,00,000 came; 180 shares were bought at ₹500 on Friday and are not in the demat account
on Monday, so that what they are sold for on Monday is spendable on Wednesday.
"""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import event

from core.desk.books_now import books_of
from core.desk.deploy import deployables
from core.desk.desk import calendar_now
from core.desk.purse import purses
from core.desk.recheck import failed_now
from core.desk.share_terms import prices_of
from core.desk.unsettled import matters_since
from core.domain.account import Broker
from core.domain.candidate import Book
from core.domain.charges import Charges
from core.domain.clock import ist_day
from core.domain.ledger import Position
from core.domain.money import ZERO, Money
from core.mandates.reach import reach
from core.mandates.size import allocate
from core.store import accounts, instruments, ledger, mandates
from core.treasury import post
from core.treasury.staged import staged
from core.views.funding_now import waterfall
from tests.desk.morning import ACCOUNT, Morning
from tests.desk.transfers import FAR, SIP, with_others
from tests.made import MIDCO, RELIANCE, a_candidate, a_fill, a_mandate, free, rs

WEDNESDAY = date(2026, 11, 25)
OF = (ACCOUNT, SIP, FAR)


@pytest.fixture
def three(morning: Morning) -> Morning:
    return with_others(morning)


def traded(m: Morning, account: str, qty: int, *, at: datetime, isin: str = MIDCO.isin) -> None:
    with m.desk.store.write() as tx:
        held = {one.isin: one for one in ledger.positions(tx, account)}.get(isin)
        name = f"{account}{at:%d%H%M%S}{isin}{qty}"
        fill = a_fill(name, qty=qty, price=rs("500"), traded_at=at, account_id=account, isin=isin)
        ledger.post(tx, post.trade(fill, held, Charges(), may_short=True))


def sold_on_monday(m: Morning, qty: int, account: str = FAR.id) -> None:
    at = m.clock.now()
    traded(m, account, 180, at=at.replace(day=20))
    traded(m, account, -qty, at=at)


def books(m: Morning) -> dict[str, Book]:
    with m.desk.store.read() as tx:
        listed = {one.isin: one for one in instruments.all_instruments(tx)}
        running = {one.id: one for one in accounts.accounts(tx)}
        prices = prices_of(tx, set(listed))
        return books_of(m.desk, tx, running, prices=prices, listed=listed)


def deployable(m: Morning) -> dict[str, Money]:
    with m.desk.store.read() as tx:
        today = ist_day(m.clock.now())
        names = [one.id for one in OF]
        found = deployables(tx, names, calendar=m.desk.calendar, today=today)
        shown = purses(tx, m.desk, OF)
        assert {name: one.deployable for name, one in shown.items()} == found
        return {name: one.amount for name, one in found.items()}


def test_sizing_counts_no_sale_that_the_broker_gives_only_later(three: Morning):
    # free 1,00,000 - 90,000 + 80,000 = 90,000, of which 80,000 comes on Wednesday: 10,000 may be
    # spent. The floor of 50,000 lies in what is to come, so 30,000 more is what is missing
    sold_on_monday(three, 160)
    book = books(three)[FAR.id]
    assert (book.cash_free, book.unsettled) == (rs("60000"), rs("30000"))
    assert book.settles_on == WEDNESDAY
    assert deployable(three)[FAR.id] == rs("10000")


def test_on_the_day_it_settles_all_of_it_counts(three: Morning):
    sold_on_monday(three, 160)
    three.clock.move_to(three.clock.now() + timedelta(days=2))
    book = books(three)[FAR.id]
    assert (book.cash_free, book.unsettled, book.settles_on) == (rs("90000"), ZERO, None)
    assert deployable(three)[FAR.id] == rs("40000")


def test_a_floor_need_not_have_settled(three: Morning):
    # 50,000 of the 60,000 in cash is to come, and just as much must stay
    sold_on_monday(three, 100)
    assert books(three)[FAR.id].unsettled == ZERO
    assert deployable(three)[FAR.id] == rs("10000")


def test_at_a_paper_broker_all_of_a_sale_is_spent_at_once(three: Morning):
    sold_on_monday(three, 160, SIP.id)
    book = books(three)[SIP.id]
    assert (book.cash_free, book.unsettled) == (rs("90000"), ZERO)
    assert deployable(three)[SIP.id] == rs("40000")


def test_a_cut_names_what_is_free_what_is_to_come_and_when(three: Morning):
    sold_on_monday(three, 160)
    book = replace(books(three)[FAR.id], equity=rs("1000000"), positions=(), gross=0.0)
    made = allocate(a_candidate(), a_mandate(), book, charges=free)
    # 10,000 buys 9 at 1,003, which is under the smallest ticket
    [cut] = [one for one in made.clamps if one.name == "Cash"]
    assert cut.to_qty == 9
    assert cut.reason == (
        "₹60,000.00 is free and ₹50,000.00 of it must stay, charges included. "
        "₹30,000.00 more was sold for and may be spent by 25 Nov 2026."
    )
    poor = reach(a_mandate(ticket_min=rs("10001")), book, 0.1)
    assert poor.words.endswith("must stay and ₹30,000 of sales has not settled.")


def test_the_send_looks_again_and_says_when_the_money_comes(three: Morning):
    card = replace(three.put(), account_id=FAR.id)
    sold_on_monday(three, 180)  # all is sold again: 1,00,000, of which 90,000 is to come
    with three.desk.store.read() as tx:
        failed = {one.name: one.sentence for one in failed_now(three.desk, tx, card)}
    assert "₹40,000.00 more was sold for and may be spent by 25 Nov 2026." in failed["Cash after"]
    three.clock.move_to(three.clock.now() + timedelta(days=2))
    with three.desk.store.read() as tx:
        [row] = [one for one in failed_now(three.desk, tx, card) if one.name == "Cash after"]
    assert "more was sold" not in row.sentence


def test_what_pages_call_deployable_is_what_sizing_may_use_to_the_paisa(three: Morning):
    pick, start = random.Random(5), three.clock.now() - timedelta(days=5)
    for step in range(60):
        account, share = pick.choice(OF), pick.choice((MIDCO, RELIANCE))
        at = start + timedelta(hours=2 * step)
        traded(three, account.id, pick.choice((-40, -15, 10, 20, 45)), at=at, isin=share.isin)
        if step % 6 == 5:
            three.clock.move_to(max(at, three.clock.now()))
            now, free_to_use = books(three), deployable(three)
            for name, book in now.items():
                with three.desk.store.read() as tx:
                    floor = mandates.current(tx, name).cash_floor
                assert free_to_use[name] == max(ZERO, book.cash_free - floor), (step, name)


def test_older_trades_than_those_that_are_read_change_nothing():
    pick, calendar = random.Random(7), calendar_now()
    for today in (date(2026, 11, 2) + timedelta(days=n) for n in range(40)):
        days = sorted(pick.choice(range(15)) for _ in range(12))
        made, held = [], 0
        for number, day in enumerate(reversed(days)):
            at = datetime.combine(today - timedelta(days=day), time(5), UTC)
            qty = pick.choice((-30, -10, 10, 20, 40))
            fill = a_fill(f"t{number}", qty=qty, price=rs("500"), traded_at=at, account_id="a")
            before = Position("a", MIDCO.isin, held, rs("500") * held) if held else None
            made.append(post.trade(fill, before, Charges(), may_short=True))
            held += qty
        since, of = matters_since(calendar, today), {("a", MIDCO.isin): held}
        lately = [one for one in made if ist_day(one.at) >= since]
        both = [
            staged(part, held=of, calendar=calendar, today=today, broker=Broker.UPSTOX)
            for part in (made, lately)
        ]
        assert both[0] == both[1], today


def test_trades_are_read_once_for_all_accounts_and_not_at_all_on_paper(three: Morning):
    asked: list[str] = []

    @event.listens_for(three.desk.store.engine, "before_cursor_execute")
    def note(_c: object, _cursor: object, words: str, *_: object) -> None:
        asked.append(words)

    def reads(names: list[str]) -> int:
        with three.desk.store.read() as tx:
            asked.clear()
            deployables(tx, names, calendar=three.desk.calendar, today=WEDNESDAY)
            return sum(".kind IN" in one for one in asked)

    more = [replace(FAR, id=f"far{n}", name=f"Far {n}") for n in range(8)]
    with three.desk.store.write() as tx:
        for one in more:
            accounts.put_account(tx, one)
            mandates.put(tx, replace(mandates.current(tx, FAR.id), account_id=one.id))
    assert reads([ACCOUNT.id, SIP.id]) == 0
    assert reads([FAR.id, *(one.id for one in more)]) == 1


def test_the_account_page_shows_what_was_sold_and_when_it_may_be_spent(three: Morning):
    sold_on_monday(three, 160)
    with three.desk.store.read() as tx:
        today = ist_day(three.clock.now())
        free_now = deployables(tx, [FAR.id], calendar=three.desk.calendar, today=today)[FAR.id]
    rows = waterfall(free_now)
    assert [one.step.text for one in rows] == [
        "Cash at the broker", "− Cash floor", "− Sold, not settled", "= Deployable",
    ]  # fmt: skip
    assert (rows[2].why, rows[2].amount.text) == ("may buy shares by 25 Nov 2026", "−₹30,000.00")
    assert rows[3].amount.text == "₹10,000.00"
