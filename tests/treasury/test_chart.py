import pytest

from core.domain.ledger import CASH, FUNDING
from core.domain.money import ZERO, Money
from core.treasury.chart import CHART, OTHER, kind_of, trial


def rs(amount: str) -> Money:
    return Money.rupees(amount)


@pytest.mark.parametrize(
    ("ledger", "kind"),
    [
        ("cash", "cash"), ("cashier", "other"), ("position:INE1", "position:"),
        ("charges:stt", "charges:"), ("clearing:tr1", "clearing:"), ("outside", "outside"),
    ],
)  # fmt: skip
def test_a_ledger_account_has_one_kind(ledger: str, kind: str):
    assert kind_of(ledger).name == kind
    assert sum(one.holds(ledger) for one in CHART) == (0 if kind == "other" else 1)


def test_the_trial_balance_sums_each_kind_in_the_charts_order():
    books = {
        "a": {CASH: rs("70"), "position:I": rs("30"), FUNDING: rs("-100")},
        "b": {CASH: rs("5"), FUNDING: rs("-5")},
    }
    lines = trial(books, on_its_way=ZERO)
    assert [(one.kind.name, one.ledgers, one.amount, one.wrong) for one in lines] == [
        (CASH, 2, rs("75"), ""), ("position:", 1, rs("30"), ""), (FUNDING, 2, rs("-105"), ""),
    ]  # fmt: skip


def test_it_says_who_stands_on_the_wrong_side_what_is_unknown_and_what_is_not_on_its_way():
    books = {
        "a": {CASH: rs("-1"), "clearing:tr1": rs("9"), "mystery": rs("-8")},
        "b": {CASH: rs("2"), FUNDING: rs("-2")},
    }
    wrong = {one.kind.name: one.wrong for one in trial(books, on_its_way=rs("8"))}
    assert wrong == {
        CASH: "a on the wrong side of ₹0.00",
        "clearing:": "transfers say ₹8.00 is on its way",
        FUNDING: "",
        OTHER.name: "unknown ledger accounts of a",
    }
