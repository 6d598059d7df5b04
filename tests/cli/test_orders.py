"""What became of an order, and which count is right, said in the terminal."""

from __future__ import annotations

import pytest

from core.desk.desk import Desk
from core.domain.order import OrderStatus
from core.store import audit, fills, ledger, orders
from core.treasury import post
from core.treasury.charges import Charges
from tests.cli.terminal import Terminal
from tests.made import a_fill
from tests.views.doubt import SOLD, in_doubt
from tests.views.left_short import left_short
from tests.views.shelf import BEL, PLAN, ago, rs


@pytest.fixture
def doubtful(desk: Desk) -> Desk:
    return in_doubt(desk)


@pytest.fixture
def booked(desk: Desk) -> Desk:
    """The morning with ten more BEL of or-bel at 402, booked under the name a fill gets."""
    fill = a_fill(
        order_id="or-bel", trade_id="t5", account_id="event", isin=BEL, symbol="BEL", qty=10,
        price=rs("402"), traded_at=ago(minutes=20),
    )  # fmt: skip
    with desk.store.write() as tx:
        fills.put(tx, fill)
        [held] = [one for one in ledger.positions(tx, "event") if one.isin == BEL]
        ledger.post(tx, post.trade(fill, held, Charges()))
    return desk


def status(desk: Desk) -> OrderStatus:
    with desk.store.read() as tx:
        return orders.by_id(tx, "or-2").status


def test_an_order_is_said_to_be_a_broker_order(munim: Terminal, doubtful: Desk):
    said = munim("orders", "resolve", "or-2", "--is", "B77", "--because", "contract note", "--json")
    assert said.code == 0
    assert said.document == {"order": "or-2", "status": "FILLED", "broker_order": "B77"}
    with doubtful.store.read() as tx:
        last = [one for one in audit.entries(tx, subject="or-2") if one.verb == "resolve"]
    assert (last[0].actor, "contract note" in last[0].body) == ("terminal", True)


def test_an_order_is_said_to_be_absent(munim: Terminal, doubtful: Desk):
    said = munim("orders", "resolve", "or-2", "--absent", "--because", "called the broker")
    assert said.code == 0
    assert "order or-2 is absent, terminal says so: called the broker" in said.out
    assert status(doubtful) is OrderStatus.ABSENT


def test_orders_are_still_listed_by_the_bare_verb(munim: Terminal, doubtful: Desk):
    assert [one["id"] for one in munim("orders", "--json").document] == ["or-2", "or-bel"]
    assert len(munim("orders", "--limit", "1", "--json").document) == 1


def test_differences_are_listed_and_accepted(munim: Terminal, doubtful: Desk):
    assert "₹34,143.60" in munim("reconcile").out
    [found] = munim("reconcile", "--json").document
    assert found["mismatches"][0]["worth_paise"] == 3_414_360
    said = munim("reconcile", "accept", "RELIANCE", "--because", "a gift")
    assert said.out.strip() == "RELIANCE: +12 accepted by terminal: a gift"
    assert munim("reconcile").out.startswith("Shares agree: paper at 10:41:58")
    with doubtful.store.read() as tx:
        assert ledger.trial_balance(tx).paise == 0


def test_a_sale_done_elsewhere_is_listed_and_given_to_its_plan(munim: Terminal, doubtful: Desk):
    [row] = munim("reconcile", "elsewhere", "--json").document
    assert (row["id"], row["kind"]) == (SOLD.id, "done elsewhere")
    said = munim("reconcile", "give", SOLD.id, PLAN, "--because", "by phone")
    assert said.out.strip() == f"BEL: 20 sold elsewhere count as plan {PLAN}'s own"
    assert munim("positions", "--json").document[0]["qty"] == 300


def test_a_trade_is_annulled_and_what_its_plan_holds_is_said(munim: Terminal, booked: Desk):
    said = munim("orders", "annul", "or-bel", "--trade", "t5", "--because", "the circular")
    assert (said.code, "trade t5 of +10 at ₹402.00 is undone" in said.out) == (0, True)
    again = munim("orders", "annul", "or-bel", "--trade", "t5", "--because", "the circular")
    assert (again.code, "was annulled" in again.sentence) == (2, True)
    with booked.store.read() as tx:
        assert [one.verb for one in audit.entries(tx, subject="or-bel")][-1] == "annul"
        assert "t5" in [one.trade_id for one in fills.of_order(tx, "or-bel")]


def test_a_trade_is_corrected_with_both_prices_said_and_recorded(munim: Terminal, booked: Desk):
    said = munim("orders", "correct", "or-bel", "402.50", "--trade", "t5", "--because", "circular")
    assert said.out.strip() == (
        "BEL: trade t5 of +10 was booked at ₹402.00 and stands at ₹402.50 now; the first booking "
        "and its reversal stay in the books"
    )
    again = munim(
        "orders", "correct", "or-bel", "402.75", "--trade", "t5", "--because", "x", "--json"
    ).document
    assert (again["from_paise"], again["to_paise"]) == (40_250, 40_275)
    with booked.store.read() as tx:
        told = [one for one in audit.entries(tx, subject="or-bel") if one.verb == "correct"]
        assert [one.actor for one in told] == ["terminal", "terminal"]
        assert "circular" in told[0].body
        assert ledger.trial_balance(tx).paise == 0


CANNOT = (
    (("402.50", "--because", "x"), "it has t1 (+320 at ₹401.88), t5 (+10 at ₹402.00)"),
    (("402.50", "--trade", "t5"), "needs to know why"),
    (("402", "--trade", "t5", "--because", "x"), "stands at ₹402.00 already"),
    (("0", "--trade", "t5", "--because", "x"), "is no price above ₹0"),
    (("402.50", "--trade", "t9", "--because", "x"), "name one trade of order or-bel"),
)


@pytest.mark.parametrize(("line", "says"), CANNOT, ids=lambda part: str(part)[:60])
def test_a_correction_that_cannot_be_is_one_sentence(
    munim: Terminal, booked: Desk, line: tuple[str, ...], says: str
):
    said = munim("orders", "correct", "or-bel", *line)
    assert (said.code, said.out, says in said.err) == (2, "", True), said.err


def test_a_desk_that_never_compared_says_so(munim: Terminal, desk: Desk):
    assert "start the worker" in munim("reconcile").out
    assert munim("reconcile", "--json").document == []


WRONG = (
    (("orders", "resolve"), "missing argument"),
    (("orders", "resolve", "or-0", "--absent", "--because", "x"), "no order has the id or-0"),
    (("orders", "resolve", "or-2"), "shows B77 (BUY 320 BEL), B78 (BUY 7 RELIANCE)"),
    (("orders", "resolve", "or-2", "--absent", "--is", "B77"), "one of them"),
    (("orders", "resolve", "or-2", "--absent"), "needs to know why"),
    (("orders", "resolve", "or-2", "--is", "B78", "--because", "x"), "is of another share"),
    (("orders", "resolve", "or-2", "--is", "B9", "--because", "x"), "shows no order 'B9'"),
    (("orders", "resolve", "or-bel", "--absent", "--because", "x"), "or-bel is FILLED"),
    (("orders", "resolve", "or-2", "--is", "2611200004417", "--because", "x"), "is order or-bel"),
    (("reconcile", "accept", "BEL", "--because", "x"), "what differs is: RELIANCE"),
    (("reconcile", "give", "no", PLAN, "--because", "x"), "no sale done elsewhere stands as no"),
    (("reconcile", "give", SOLD.id, "pl-0", "--because", "x"), "pl-0"),
    (("reconcile", "give", SOLD.id, PLAN), "needs to know why"),
    (("reconcile", "accept", "RELIANCE"), "needs to know why"),
    (("reconcile", "accept", "RELIANCE", "--login", "x", "--because", "x"), "on login x"),
)


@pytest.mark.parametrize(("line", "says"), WRONG, ids=lambda part: str(part)[:60])
def test_a_wrong_answer_is_one_sentence_and_changes_nothing(
    munim: Terminal, doubtful: Desk, line: tuple[str, ...], says: str
):
    said = munim(*line)
    assert (said.code, said.out) == (2, "")
    assert says in said.err
    assert len(said.err.strip().splitlines()) == 1
    assert status(doubtful) is OrderStatus.UNKNOWN


@pytest.mark.parametrize("typed", ["-1", "much", "nan"])
def test_charges_of_a_close_out_that_are_no_amount_are_refused(munim: Terminal, typed: str):
    said = munim("orders", "closed-out", "pl9", "600", "--charges", typed, "--because", "note")
    assert said.code == 2
    assert f"--charges '{typed}' is no amount of ₹0 or more; write it as 1180.50" in said.err


def test_what_a_close_out_cost_is_booked_with_its_price(munim: Terminal, desk: Desk):
    left_short(desk)
    said = munim("orders", "closed-out", "pl-short", "480", "--charges", "118",
                 "--because", "contract note", "--json")  # fmt: skip
    assert said.document == {
        "order": "orCpl-short", "plan": "pl-short", "qty": 10, "price_paise": 48_000,
        "charges_paise": 11_800,
    }  # fmt: skip
    with desk.store.read() as tx:
        entry = ledger.transaction(tx, "trade:NSE:orCpl-short:auction-pl-short")
    paid = {line.ledger: line.amount for line in entry.postings}
    assert paid["charges:brokerage"] == rs("118")
