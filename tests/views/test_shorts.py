"""A short sale on the screens: named as one, drawn the right way round, over by the close."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.desk.desk import Desk
from core.domain.card import Card, Leg
from core.domain.mandate import Holding
from core.domain.order import Product, Side
from core.errors import BadInput
from core.store import cards
from core.views.card import card_view
from core.views.card_live import live_card
from core.views.cards import cards_view
from core.views.mandate_form import form_fields, mandate_from, worded_rule
from core.views.shown import Tag, entry_tag, entry_words
from core.views.symbol import symbol_view
from tests.made import a_mandate, rs
from tests.views.shelf import BRACKET, EVENT_CARD, RELIANCE, event_card, filled_desk

SHORT = replace(BRACKET, stop=rs("2920"), target=rs("2703"), trail_from=rs("2763"))


def short_card() -> Card:
    """120 RELIANCE sold short between 2,836 and 2,852, stop 2,920, target 2,703, for the day."""
    card = event_card()
    return replace(
        card,
        version=2,
        legs=(Leg(Side.SELL, 120, Product.MIS),),
        bracket=SHORT,
        horizon_sessions=0,
        signal=replace(card.signal, direction=-1, edge=0.0, has_vote=False),
    )


def short_desk(home: Path) -> Desk:
    desk = filled_desk(home)
    with desk.store.write() as tx:
        cards.put(tx, short_card())
    return desk


def test_a_side_is_named_by_how_the_trade_goes_in():
    assert (entry_words(Side.BUY), entry_words(Side.SELL)) == ("BUY", "SELL SHORT")
    assert entry_tag(Side.SELL) == Tag("SELL SHORT", "sell")


def test_a_short_is_named_so_in_queue_title_and_button(tmp_path: Path) -> None:
    desk = short_desk(tmp_path)
    assert cards_view(desk).queue[0].side.text == "SELL SHORT"
    live, view = live_card(desk, EVENT_CARD), card_view(desk, EVENT_CARD)
    assert live.side == Tag("SELL SHORT", "sell")
    assert view.button.startswith("SELL SHORT 120 · ")
    assert "a limit short sale inside the band" in view.consequence
    assert symbol_view(desk, RELIANCE).cards[0].words.startswith("SELL SHORT 120 at 2,836.00")


def test_a_short_says_by_when_it_is_out(tmp_path: Path) -> None:
    # paper closes MIS as Zerodha does; the desk leaves ten minutes before
    live = live_card(short_desk(tmp_path), EVENT_CARD)
    assert live.product.startswith("MIS · Limit · DAY · out by 15:")
    assert "out by" not in live_card(filled_desk(tmp_path / "other"), EVENT_CARD).product


def test_the_ladder_of_a_short_has_its_stop_on_top_and_its_target_below(tmp_path: Path) -> None:
    ladder = live_card(short_desk(tmp_path), EVENT_CARD).ladder
    assert [rung.name for rung in ladder.rungs] == [
        "Target", "Trail", "Close", "Band foot", "Now", "Band top", "Stop",
    ]  # fmt: skip
    assert [tone for *_, tone in ladder.zones] == ["gain", "sell", "loss"]
    heights = [at for zone in ladder.zones for at in zone[:2]]
    assert heights == sorted(heights) and (heights[0], heights[-1]) == (0.0, 1.0)
    assert ladder.rungs[0].note == "+1.58 R"  # (2836 - 2703) / (2920 - 2836) = 133 / 84


def test_room_is_counted_to_the_foot_of_the_band(tmp_path: Path) -> None:
    # 2845.30 - 2836 = 9.30 of 2845.30
    assert live_card(short_desk(tmp_path), EVENT_CARD).drift.note == "0.33 % to the band foot"


def test_a_short_shows_its_margin_and_both_sides_of_the_day(tmp_path: Path) -> None:
    view = card_view(short_desk(tmp_path), EVENT_CARD)
    shown = {figure.label: figure.value for figure in view.figures}
    assert shown["Reward : risk"] == "1.58"
    assert "Margin needed" in shown and "Cash needed" not in shown
    charges = dict(view.charges)
    # sold at 2,836: STT 0.025 % of 3,40,320
    assert charges["STT"] == "85.08"
    # 85.08 STT + 20 brokerage + 10.45 exchange + 0.34 SEBI + 18 % of 30.79
    assert charges["Sell side"] == "₹121.41"
    # back at 2,703, 3,24,360 in all: 9.73 stamp + 20 + 9.96 + 0.32 + 18 % of 30.28
    assert charges["Buy side"] == "₹45.46"
    assert charges["Both sides"] == "₹166.87"


def test_a_short_says_what_an_opening_above_the_stop_costs(tmp_path: Path) -> None:
    view = card_view(short_desk(tmp_path), EVENT_CARD)
    # 5 % over 2,920 is 3,066: (3,066 - 2,836) x 120 = 27,600, 121.41 to sell, and to buy back
    # 11.04 stamp + 20 + 11.30 + 0.37 + 18 % of 31.66 = 48.41
    assert [(row.opens.text, row.opens.note) for row in view.gaps] == [
        ("3,066.00", "+5 %"), ("3,212.00", "+10 %"), ("3,504.00", "+20 %"),
    ]  # fmt: skip
    assert view.gaps[0].loss.text == "−₹27,770"
    assert "follows the offers" in view.gaps_rule


def test_a_short_says_whose_odds_the_model_knows(tmp_path: Path) -> None:
    view = card_view(short_desk(tmp_path), EVENT_CARD)
    assert "odds are those of a purchase" in view.odds_line
    assert {(row.p.text, row.n) for row in view.odds} == {("not measured", "–")}


def test_the_form_lets_short_sales_be_allowed_together_with_holding_within_the_day():
    rules = a_mandate()
    assert worded_rule(rules, "shorts", "yes", {}) == "no"
    signed = mandate_from(rules, {"holding": "within the day", "shorts": True})
    assert (signed.holding, signed.shorts) == (Holding.DAY, True)
    assert worded_rule(signed, "shorts", "yes", {}) == "yes"
    [field] = [one for one in form_fields(signed, sectors=[], shares=[]) if one.name == "shorts"]
    assert (field.kind, field.value) == ("yes", True)


def test_the_form_refuses_short_sales_over_nights_with_the_way_out():
    with pytest.raises(BadInput, match=r"held over nights; .* hold within the day or leave shorts"):
        mandate_from(a_mandate(), {"shorts": True})
    allowed = mandate_from(a_mandate(), {"holding": "within the day", "shorts": True})
    with pytest.raises(BadInput, match="held over nights"):
        mandate_from(allowed, {"holding": "over nights"})
