from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from core.domain.account import Account, Broker, BrokerLogin, LoginMode
from core.domain.order import OrderStatus, OrderType
from core.domain.plan import PlanStatus
from core.domain.protection import Owner, ProtectionStatus
from core.store import accounts, orders, plans, protections
from core.views.orders import orders_view
from core.views.positions import positions_view
from core.views.trade_files import order_lines, position_lines, trade_lines
from tests.views.shelf import BEL_ORDER, BEL_PLAN, NOW, SHIELD, filled_desk
from tests.views.test_positions import words

UPSTOX = BrokerLogin(
    "u", Broker.UPSTOX, LoginMode.PAPER, "Upstox practice", "7AB123", "http://127.0.0.1:8772"
)


def with_upstox(home: Path):
    """The filled desk with a second account that holds 10 BEL through Upstox."""
    desk = filled_desk(home)
    with desk.store.write() as tx:
        accounts.put_login(tx, UPSTOX)
        accounts.put_account(tx, Account("lump", "Lump sum balanced", "u", NOW))
        plan = replace(BEL_PLAN, id="pl-u", card_id="cd-u", approval_id="ap-u", login_id="u",
                       account_id="lump", qty=10, status=PlanStatus.HOLDING)  # fmt: skip
        plans.put(tx, plan)
        orders.put(
            tx, replace(BEL_ORDER, id="or-u", tag="MNU", plan_id="pl-u", login_id="u",
                        account_id="lump", qty=10, status=OrderStatus.OPEN),
        )  # fmt: skip
        protections.put(
            tx, replace(SHIELD, plan_id="pl-u", account_id="lump", qty=10, gtt_id="GTT-C7"),
        )  # fmt: skip
    return desk


def test_each_row_names_its_login_and_a_filter_leaves_the_others_out(tmp_path: Path) -> None:
    desk = with_upstox(tmp_path)
    every = orders_view(desk)
    assert {row.login for row in (*every.open, *every.executed)} == {
        "Paper broker", "Upstox practice",
    }  # fmt: skip
    here = orders_view(desk, login="Upstox practice")
    assert [row.account for row in (*here.open, *here.executed)] == ["Lump sum balanced"]
    assert [(row.gtt, row.login) for row in here.gtts] == [("GTT-C7", "Upstox practice")]
    assert [row.qty for row in here.plans] == ["0 / 10"]
    assert orders_view(desk, account="Event tactical", login="Upstox practice").plans == ()


def test_a_resting_stop_tells_trigger_limit_distance_and_since_when_it_stands(
    tmp_path: Path,
) -> None:
    (row,) = orders_view(filled_desk(tmp_path)).gtts
    # 396.50 less 3 % is 384.605, on the tick 384.60; (396.50 - 412.20) / 412.20 = -3.8 %
    assert (row.stop, row.limit, row.to_stop) == ("396.50", "384.60", "−3.8 %")
    # (438.00 - 412.20) / 412.20
    assert (row.target, row.to_target) == ("438.00", "+6.3 %")
    assert row.since == "10:42:05"


def test_a_target_that_upstox_does_not_tie_to_the_stop_says_that_the_desk_keeps_it(
    tmp_path: Path,
) -> None:
    view = orders_view(with_upstox(tmp_path), login="Upstox practice")
    assert words(view.gtts[0].target) == "438.00 desk"


def test_a_stop_that_was_not_read_back_is_red_and_never_called_read_back(tmp_path: Path) -> None:
    desk = filled_desk(tmp_path)
    with desk.store.write() as tx:
        asked = replace(SHIELD, status=ProtectionStatus.PLACED, version=2)
        protections.save(tx, asked)
    (row,) = orders_view(desk).gtts
    assert (row.mark, words(row.status), row.since) == ("red", "placed, not read back", "not yet")


def test_a_stop_order_at_the_exchange_rests_among_the_stops_without_a_gtt_id(
    tmp_path: Path,
) -> None:
    desk = filled_desk(tmp_path)
    with desk.store.write() as tx:
        protections.save(tx, replace(SHIELD, owner=Owner.EXCHANGE_SL, gtt_id="", version=2))
    (row,) = orders_view(desk).gtts
    assert (row.gtt, row.limit, words(row.target)) == ("stop order", "market", "438.00 desk")


def test_a_share_without_a_price_shows_a_dash_for_every_distance(tmp_path: Path) -> None:
    desk = filled_desk(tmp_path)
    with desk.store.write() as tx:
        protections.save(tx, replace(SHIELD, isin="INE998A01998", version=2))
    (row,) = orders_view(desk).gtts
    assert (row.ltp, row.limit, row.to_stop, row.to_target) == ("–", "–", "–", "–")


def test_logins_are_offered_as_a_filter_only_where_more_than_one_is_in_use(tmp_path: Path) -> None:
    assert positions_view(filled_desk(tmp_path / "one")).logins == ()
    desk = with_upstox(tmp_path / "two")
    view = positions_view(desk)
    assert view.logins == ("Paper broker", "Upstox practice")
    assert [one.login for one in view.rows if one.symbol == "BEL"] == ["Paper broker"]
    assert positions_view(desk, login="Upstox practice").rows == ()


def test_the_days_result_of_one_login_is_its_own(tmp_path: Path) -> None:
    desk = with_upstox(tmp_path)
    whole = positions_view(desk).figures[0]
    assert whole.label == "Day's P&L, after charges"
    assert positions_view(desk, login="Paper broker").figures[0] == whole
    upstox = positions_view(desk, login="Upstox practice").figures[0]
    assert (upstox.label, upstox.value) == (whole.label, "₹0.00")


def test_files_hold_plain_rupees_and_times_in_india(tmp_path: Path) -> None:
    desk = filled_desk(tmp_path)
    (order,) = order_lines(desk)
    assert (order.login, order.limit, order.average, order.filled) == (
        "Paper broker", "403.00", "401.88", 320,
    )  # fmt: skip
    assert order.time.endswith("+05:30")
    (trade,) = trade_lines(desk)
    # 320 * 401.88
    assert (trade.qty, trade.price, trade.value) == (320, "401.88", "128601.60")
    (held,) = position_lines(desk)
    # 320 * (412.20 - 401.88)
    assert (held.unrealised, held.protected, held.stop, held.r) == (
        "3302.40", "Broker", "396.50", 1.92,
    )  # fmt: skip


def test_a_market_order_has_no_limit_in_the_file(tmp_path: Path) -> None:
    desk = filled_desk(tmp_path)
    with desk.store.write() as tx:
        orders.put(
            tx,
            replace(BEL_ORDER, id="or-m", tag="MNM", limit_price=None, order_type=OrderType.MARKET),
        )
    assert {line.limit for line in order_lines(desk)} == {"", "403.00"}
