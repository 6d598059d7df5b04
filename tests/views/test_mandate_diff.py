"""What signing would change, what it brings about, and two mandates side by side."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.desk.account import clone_account
from core.desk.desk import Desk
from core.desk.mandate import sign
from core.domain.money import Money
from core.errors import BadInput, NotFound
from core.views.account import account_view
from core.views.mandate_diff import compare, preview
from tests.views.shelf import BEL, filled_desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return filled_desk(tmp_path)


def test_a_preview_shows_both_sides_in_rupees_and_signs_nothing(desk: Desk):
    found = preview(desk, "event", {"risk_per_trade_max": 0.5, "positions_max": 12})
    [row] = found.diff.rows
    # of 2003302.40: 0.75 % is 15024.77, 0.50 % is 10016.51
    assert (row.left.text, row.left_worth) == ("0.75 %", "₹15,025")
    assert (row.right.text, row.right_worth) == ("0.50 %", "₹10,017")
    assert found.can_sign and found.version == 2
    assert found.diff.note.startswith("1 rule differs, ")
    assert found.effects == ("2 waiting cards will end; new ones follow the new rules.",)
    assert account_view(desk, "event").mandate.version == 1


def test_a_preview_without_a_change_has_nothing_to_sign(desk: Desk):
    found = preview(desk, "event", {"positions_max": 12})
    assert (found.diff.rows, found.effects, found.can_sign) == ((), (), False)


def test_every_contradiction_is_said_and_the_rows_are_shown_all_the_same(desk: Desk):
    found = preview(desk, "event", {"position_weight_max": 40, "risk_per_trade_max": 2})
    assert "one position may be 40.0% but its sector only 25.0%" in found.refused
    assert "one trade may lose 2.00% but the day only 1.50%" in found.refused
    assert len(found.diff.rows) == 2 and not found.can_sign
    with pytest.raises(BadInput, match="positions max is empty"):
        preview(desk, "event", {"positions_max": None})


def test_what_is_held_beyond_the_new_rules_is_named_and_kept(desk: Desk):
    found = preview(
        desk,
        "event",
        {
            "position_weight_max": 5,
            "sector_weight_max": 6,
            "isins_banned": [BEL],
            "cash_floor": 19_00_000,
        },
    )
    said = "\n".join(found.effects)
    assert "BEL is 6.58 % of equity, over the new 5.00 %: it is kept and not added to." in said
    assert "BEL is held and would be excluded: it stays until its stop" in said
    assert "over the new 6.00 %: nothing more of it is bought." in said
    assert "Cash of ₹18,71,398.40 lies under the new floor of ₹19,00,000.00" in said
    assert found.can_sign


def test_a_limit_that_is_crossed_already_is_said(desk: Desk):
    # the risk loop last saw a fall of 3.10 % under the peak
    found = preview(desk, "event", {"drawdown_max": 3, "daily_loss_max": 1, "positions_max": 1})
    assert any(
        "The fall of 3.10 % under the peak is already at the new" in e for e in found.effects
    )


def test_two_accounts_stand_side_by_side_each_with_its_own_rupees(desk: Desk):
    twin = clone_account(desk, "event", name="Twin", by="me")
    same = compare(desk, ("event", None), (twin.id, None))
    assert (same.rows, same.left, same.right) == ((), "Event tactical v1", "Twin v1")
    rules = account_view(desk, twin.id).mandate
    sign(desk, replace(rules, daily_loss_max=0.01, cash_floor=Money.rupees(1)), by="me")
    found = compare(desk, ("event", 1), (twin.id, 2))
    assert [(row.rule, row.left.text, row.right.text) for row in found.rows] == [
        ("One day may lose, % of equity", "1.50 %", "1.00 %"),
        ("Always in cash, ₹", "₹50,000.00", "₹1.00"),
    ]
    assert (found.rows[0].left_worth, found.rows[0].right_worth) == ("₹30,050", "₹0")
    every = compare(desk, ("event", 1), (twin.id, 2), every=True)
    assert len(every.rows) == len(found.rows) + found.same
    assert [row.mark for row in every.rows].count("on") == 2
    with pytest.raises(NotFound, match="event has no mandate version 7; it has 1 to 1"):
        compare(desk, ("event", 7), (twin.id, None))
