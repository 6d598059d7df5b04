from decimal import Decimal
from pathlib import Path

import pytest

from core.desk.tax import bring_loss
from core.domain.order import Product
from core.domain.tax import Head, Loss
from core.store.engine import Store
from core.views.tax import tax_logins, tax_view, tax_years
from tests.desk.made_trades import second_account, traded
from tests.desk.morning import Morning, morning_on
from tests.made import rs


@pytest.fixture
def morning(store: Store, tmp_path: Path) -> Morning:
    return morning_on(store, tmp_path / "home")


def test_an_empty_year_says_so_and_has_no_tax(morning: Morning):
    view = tax_view(morning.desk, 2026)
    assert (view.steps, view.lines, view.sold, view.lots, view.warnings) == ((), (), (), (), ())
    assert view.figures[3].value == "₹0.00"
    assert tax_years(morning.desk) == {2026: "2026-27"}
    assert list(tax_logins(morning.desk)) == ["paper"]


def test_the_sheet_can_be_followed_with_a_pencil(morning: Morning):
    desk = morning.desk
    traded(desk, "2026-05-04", 100, "480")
    traded(desk, "2026-06-05", -50, "500")
    bring_loss(desk, "paper", Loss(Head.SHORT, 2024, rs("100")), by="me")
    view = tax_view(desk, 2026, surcharge=10)
    for before, after in zip(view.steps, view.steps[1:], strict=False):
        assert after.before == before.after.text
    assert [one.what for one in view.steps] == [
        "gains of 1 lot sold",
        "less the short term loss of 2024-25",
    ]
    assert [one.head for one in view.lines] == ["Short term", "Surcharge", "Cess", "To pay"]
    tax = Decimal(view.steps[-1].after.text.replace(",", "")) * Decimal("0.2")
    assert Decimal(view.lines[0].tax.text) == tax.quantize(Decimal("0.01"))
    assert view.brought == ("₹100.00 short term loss of 2024-25, until 2032-33",)
    (sold,), (lot,) = view.sold, view.lots
    assert (sold.shares, sold.term, sold.proceeds) == ("50", "short term", "25,000.00")
    assert (lot.shares, lot.gain.text, lot.days) == ("50", "+₹1,000.00", "163 days")
    assert view.sold_lines[0].acquired == "2026-05-04"
    assert "short term +₹1,000.00, long term ₹0.00" in view.lots_note


def test_buckets_stand_beside_the_demat_account_with_the_reason(morning: Morning):
    desk = morning.desk
    second_account(desk)
    traded(desk, "2025-01-06", 10, "300")
    traded(desk, "2026-05-04", 10, "480", account="second")
    traded(desk, "2026-06-05", -10, "500", account="second")
    view = tax_view(desk, 2026)
    assert [one.name for one in view.buckets] == [
        "Event tactical", "Long term", "By the demat account's lots", "Difference",
    ]  # fmt: skip
    assert view.buckets[-1].short.text.startswith("−₹1")
    assert "oldest shares" in view.why


def test_intraday_gains_are_left_to_the_slab_unless_it_is_given(morning: Morning):
    traded(morning.desk, "2026-06-05", -10, "500", product=Product.MIS, clock=5)
    traded(morning.desk, "2026-06-05", 10, "480", product=Product.MIS, clock=6)
    without, given = (tax_view(morning.desk, 2026, slab=slab) for slab in (None, 30.0))
    assert (without.lines[0].tax.text, "your slab" in without.lines[0].worked) == ("–", True)
    assert "× 30 %" in given.lines[0].worked


def test_a_slab_that_is_none_is_one_sentence(morning: Morning):
    view = tax_view(morning.desk, 2026, slab=150.0)
    assert view.wrong == "a slab of 1.5 is refused; give a fraction such as 0.10"
    assert view.figures == ()
