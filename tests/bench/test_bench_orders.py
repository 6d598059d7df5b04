"""The order benches reach what they say they measure; no figure is held against a wall clock."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.backtest import bench, bench_orders, bench_protect
from core.backtest.bench_broker import loopback
from core.backtest.bench_cards import CARDS_AN_ACCOUNT, stand
from core.desk.send import send_prepared
from core.domain.order import OrderStatus
from core.errors import NoData
from core.store import accounts


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few orders, no waiting and no latency."""
    monkeypatch.setattr(bench_orders, "SENDS", 2)
    monkeypatch.setattr(bench_orders, "MADE", 10)
    monkeypatch.setattr(bench_orders, "CLICKS", 4)
    monkeypatch.setattr(bench_orders, "LATE_CLICKS", 2)
    monkeypatch.setattr(bench_protect, "LATENCY", 0.0)
    monkeypatch.setattr(bench_protect, "AT_ONCE", 1)
    monkeypatch.setattr(bench_protect, "RESTING", 1)


def by_name(rows: list[dict[str, object]]) -> dict[str, dict[str, object]]:
    return {str(row["name"]): row for row in rows}


def test_every_card_of_the_stand_passes_every_guardrail_and_accounts_are_opened(tmp_path: Path):
    with stand(bench_orders.settings_in(tmp_path)) as made, loopback(made) as there:
        there.on_quotes(made.prices(ask_over=bench_orders.REST_OVER))
        dealer = made.dealer(there.session)
        for _ in range(CARDS_AN_ACCOUNT + 1):
            order = made.order()
            [sent] = send_prepared(dealer)
            assert (sent.id, sent.status, sent.reason) == (order.id, OrderStatus.OPEN, "")
        with made.desk.store.read() as tx:
            assert [one.id for one in accounts.accounts(tx)] == ["bench0", "bench1"]


def test_the_send_path_stands_beside_the_client_alone_and_a_bare_commit(
    small: None, tmp_path: Path
):
    rows = by_name(bench_orders.send_path(tmp_path))
    assert {name.split(",")[0] for name in rows} == {
        "order intent committed", "order send", "order kiteconnect alone", "order bare commit",
    }  # fmt: skip
    assert rows["order send, paper, p50"]["n"] == rows["order send, kite sandbox, p99"]["n"] == 2
    assert "client alone" in str(rows["order send, kite sandbox, p50"]["note"])


def test_an_order_that_does_not_stand_is_no_figure(tmp_path: Path):
    with stand(bench_orders.settings_in(tmp_path)) as made:
        order = made.order()
        with pytest.raises(NoData, match="is not open: it was not looked at"):
            bench_orders._must_stand([], order)


def test_an_object_is_made_beside_a_dataclass_and_a_dict(small: None, tmp_path: Path):
    [row] = bench_orders.creation(tmp_path)
    assert row["unit"] == "us"
    assert "a plain dataclass" in str(row["note"]) and "a dict" in str(row["note"])


def test_a_burst_keeps_the_cap_and_its_order_and_drops_what_grew_old(small: None, tmp_path: Path):
    rows = by_name(bench_orders.burst(tmp_path))
    most = rows["order burst, most in any second"]
    assert (most["n"], int(float(str(most["value"]))) <= 3) == (4, True)
    assert "4 orders at the broker, order kept" in str(rows["order burst, all out"]["note"])
    dropped = rows["order burst, expired dropped"]
    assert dropped["value"] == 2
    assert "the approval is 121 s old, over 120 s; approve again" in str(dropped["note"])


def test_each_kind_of_fill_is_covered_and_its_requests_are_counted(small: None, tmp_path: Path):
    rows = by_name(bench_protect.fill_to_stop(tmp_path))
    kinds = ("at once", "told", "silent")
    assert set(rows) == {
        f"fill {kind} to stop {end}, p{part}"
        for kind in kinds
        for end in ("placed", "read back")
        for part in (50, 99)
    }
    assert "1.0 place_gtt" in str(rows["fill at once to stop read back, p50"]["note"])


def test_the_order_benches_run_by_one_name():
    found = [name for name in bench.NAMES if "orders" in name]
    assert found == ["orders send path", "orders creation", "orders burst", "orders protection"]
