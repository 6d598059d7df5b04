from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from core.domain.ledger import Posting, Transaction, TransactionKind
from core.domain.money import Money
from core.domain.order import Fill, OrderStatus, Product, Purpose, Side
from core.domain.plan import PlanStatus
from core.domain.protection import ProtectionStatus
from core.store import fills, ledger, orders, plans, protections, quotes
from core.views.orders import orders_view
from core.views.position_rows import PositionRow
from core.views.positions import positions_signature, positions_view
from core.views.shown import Cells, Tag, Text
from tests.views.shelf import BEL, BEL_ORDER, BEL_PLAN, NOW, SHIELD, empty_desk, filled_desk


def words(cell: Cells) -> str:
    if isinstance(cell, tuple):
        return " ".join(words(one) for one in cell)
    if isinstance(cell, Text):
        return f"{cell.text} {cell.note}".strip()
    return cell.text if isinstance(cell, Tag) else str(cell)


def open_row(rows: tuple[PositionRow, ...]) -> PositionRow:
    return rows[0]


def test_a_position_shows_gain_protection_and_r(tmp_path: Path) -> None:
    view = positions_view(filled_desk(tmp_path))
    row = open_row(view.rows)
    # 320 * (412.20 - 401.88) = 3302.40; (412.20 - 401.88) / (401.88 - 396.50) = 1.918
    assert words(row.pnl) == "+₹3,302.40"
    assert (row.r, row.stop, row.target) == ("+1.92", "396.50", "438.00")
    # (412.20 - 396.50) / 412.20
    assert row.to_stop == "−3.8 %"
    assert words(row.protected) == "Broker GTT 4417 since 10:42:05"
    assert (view.rows[1].account, view.rows[1].mark) == ("Total", "tot")
    says = [(one.button, one.can_exit) for one in view.choices]
    assert says == [("Exit BEL · Event tactical: sell 320", True)]
    assert view.alarms == ()


def test_an_account_filter_leaves_the_others_out(tmp_path: Path) -> None:
    view = positions_view(filled_desk(tmp_path), account="Lump sum balanced")
    assert (view.rows, view.note) == ((), "0 open · 0 closed today")


def test_an_unprotected_position_is_red_and_raises_its_sentence(tmp_path: Path) -> None:
    desk = filled_desk(tmp_path)
    with desk.store.write() as tx:
        failed = replace(SHIELD, status=ProtectionStatus.STOP_FAILED, reason="RMS said no")
        protections.save(tx, replace(failed, version=2))
    view = positions_view(desk)
    assert open_row(view.rows).mark == "red"
    assert view.alarms == (
        "BEL, Event tactical: unprotected, RMS said no. The plan's stop is ₹396.50.",
    )


def test_a_share_without_a_price_is_never_shown_as_zero(tmp_path: Path) -> None:
    desk = empty_desk(tmp_path)
    with desk.store.write() as tx:
        cost = Money.rupees("1000")
        postings = (Posting("cash", -cost), Posting("position:INE999A01999", cost, 10))
        ledger.post(tx, Transaction("t", "gone", TransactionKind.TRADE, NOW, "r", postings))
        assert quotes.all_quotes(tx) == {}
    row = open_row(positions_view(desk).rows)
    assert (row.ltp, words(row.pnl), row.r) == ("no price", "–", "–")
    assert row.account == "closed account"


def test_what_closed_today_stands_greyed_with_its_result(tmp_path: Path) -> None:
    desk = filled_desk(tmp_path)
    before = positions_signature(desk)
    with desk.store.write() as tx:
        sale = replace(
            BEL_ORDER, id="or-out", tag="MNOUT", purpose=Purpose.TARGET, side=Side.SELL, version=1
        )
        orders.put(tx, sale)
        price = Money.rupees("438")
        fill = Fill("or-out", "t2", "NSE", "event", BEL, "BEL", -320, price, Product.CNC, NOW)
        fills.put(tx, fill)
        cost, result = Money.rupees("401.88") * 320, (price - Money.rupees("401.88")) * 320
        postings = (
            Posting("cash", price * 320),
            Posting(f"position:{BEL}", -cost, -320),
            Posting("realised", -result),
        )
        ledger.post(
            tx, Transaction("trade:t2", "event", TransactionKind.TRADE, NOW, "or-out", postings)
        )
        leaving = replace(BEL_PLAN, status=PlanStatus.EXITING, version=2)
        plans.save(tx, leaving)
        plans.save(tx, replace(leaving, status=PlanStatus.CLOSED, reason="target", version=3))
    view = positions_view(desk)
    # 320 * (438 - 401.88) = 11558.40
    row = view.rows[0]
    assert (row.mark, words(row.pnl)) == ("off", "+₹11,558.40")
    assert row.protected == "closed 10:42:07 target"
    assert positions_signature(desk) != before


def test_orders_stand_under_open_executed_gtt_and_plans(tmp_path: Path) -> None:
    desk = filled_desk(tmp_path)
    with desk.store.write() as tx:
        lost = replace(BEL_ORDER, id="or-2", tag="MNX", status=OrderStatus.UNKNOWN,
                       broker_order_id="", broker_status="")  # fmt: skip
        orders.put(tx, lost)
    view = orders_view(desk)
    assert [(row.filled, row.mark) for row in view.open] == [("0 / 320", "red")]
    assert view.open[0].broker == "not told yet"
    assert [(row.filled, row.price) for row in view.executed] == [("320 / 320", "403.00")]
    assert [(row.gtt, row.since) for row in view.gtts] == [("4417", "10:42:05")]
    assert [(row.instrument, row.until) for row in view.plans] == [("BEL", "4 Dec 2026")]


def test_a_part_that_was_sold_counts_in_what_was_realised_today(tmp_path: Path) -> None:
    desk = filled_desk(tmp_path)
    with desk.store.write() as tx:
        cost, result = Money.rupees("401.88") * 20, Money.rupees("10.12") * 20
        postings = (
            Posting("cash", cost + result),
            Posting(f"position:{BEL}", -cost, -20),
            Posting("realised", -result),
        )
        ledger.post(
            tx, Transaction("trade:part", "event", TransactionKind.TRADE, NOW, "or-part", postings)
        )
    figures = {one.label: one.value for one in positions_view(desk).figures}
    # 20 * (412.00 - 401.88)
    assert figures["Realised today"] == "+₹202.40"
    other = positions_view(desk, account="Lump sum balanced").figures
    assert next(one.value for one in other if one.label == "Realised today") == "₹0.00"


def test_an_intraday_position_says_until_when_it_is_held(tmp_path: Path) -> None:
    desk = filled_desk(tmp_path)
    assert open_row(positions_view(desk).rows).product == "CNC"
    with desk.store.write() as tx:
        plans.save(tx, replace(BEL_PLAN, product=Product.MIS, version=BEL_PLAN.version + 1))
    # BEL has derivatives: its broker ends MIS at 15:10
    assert open_row(positions_view(desk).rows).product == "MIS till 15:00"
