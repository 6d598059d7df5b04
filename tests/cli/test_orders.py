"""What became of an order, and which count is right, said in the terminal."""

from __future__ import annotations

import pytest

from core.desk.desk import Desk
from core.domain.order import OrderStatus
from core.store import audit, ledger, orders
from tests.cli.terminal import Terminal
from tests.views.doubt import SOLD, in_doubt
from tests.views.shelf import PLAN


@pytest.fixture
def doubtful(desk: Desk) -> Desk:
    return in_doubt(desk)


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
