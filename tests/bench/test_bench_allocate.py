"""The bench of the allocator measures its parts, and full books stand near their target."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from core.backtest import bench, bench_allocate
from core.backtest.ground import Ground, fill, ground_of
from core.desk.desk import calendar_now
from core.desk.ticket_costs import ticket_costs
from core.domain.account import Broker
from core.domain.charges import Security
from core.domain.money import Money
from core.domain.order import Side
from core.panel import FIELDS, Panel
from core.providers.files import read_bars
from tests.made import a_mandate
from tests.made.slate import some_shares

MONEY = Money.rupees(25_00_000)


def made_panel(count: int = 40, sessions: int = 70) -> Panel:
    """Shares of 20 to 45 % a year over one common factor."""
    rng = np.random.default_rng(5)
    days = calendar_now().sessions(date(2026, 7, 1), date(2026, 11, 20))[-sessions:]
    market = rng.normal(0, 0.008, (len(days), 1))
    own = rng.normal(0, 1, (len(days), count)) * rng.uniform(0.009, 0.026, count)
    close = 1000 * np.cumprod(1 + market + own, axis=0)
    return Panel(
        sessions=tuple(days),
        isins=tuple(share.isin for share in some_shares(count)),
        open=close,
        high=close * 1.01,
        low=close * 0.99,
        close=close,
        volume=np.full_like(close, 2e6),
        factor=np.ones_like(close),
    )


def books_near(ground: Ground, mandate, *, orders: int) -> tuple[int, int, list[str]]:
    """Full books within a tenth of the target, full books, and what keeps the others away."""
    rng, why = np.random.default_rng(1), []
    near = full = 0
    costs = ticket_costs(
        Broker.PAPER, mandate, side=Side.BUY, on=ground.at.date(), security=Security.SHARE
    )
    for _ in range(orders):
        order = [str(isin) for isin in rng.permutation(list(ground.shares))]
        end = fill(ground, mandate, order, money=MONEY, costs=costs)
        assert end.reach.vol <= mandate.vol_target * 1.10
        if end.reach.full_by:
            full += 1
            near += end.reach.is_near
            why += [] if end.reach.is_near else [end.reach.full_by]
    return near, full, why


@pytest.mark.parametrize("target", [0.08, 0.10, 0.12])
def test_every_full_book_whose_limits_allow_it_stands_within_a_tenth_of_its_target(target: float):
    ground = ground_of(made_panel(), some_shares(40))
    near, full, why = books_near(ground, a_mandate(vol_target=target), orders=4)
    assert (near, why) == (full, []) and full == 4


def test_a_target_out_of_reach_is_named_with_the_limit_that_keeps_it_there():
    ground = ground_of(made_panel(), some_shares(40))
    near, full, why = books_near(ground, a_mandate(vol_target=0.6), orders=2)
    assert (near, full) == (0, 2)
    assert all("of a limit of 95 %" in one or "places" in one for one in why)


def test_most_books_that_the_default_rules_let_reach_their_target_stand_within_a_tenth(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(bench_allocate, "BOOKS", 5)
    rows = bench_allocate.target_rows(ground_of(made_panel(), some_shares(40)), "made")[:3]
    said = [str(one["note"]).split("; ")[1].split(" within")[0] for one in rows]
    near, could = (sum(int(one.split(" of ")[at]) for one in said) for at in (0, 1))
    assert could >= 10 and near >= 0.8 * could, said


def real_panel(file: Path, sessions: int = 75) -> Panel:
    """The last sessions of shares that traded in each and never stepped by a fifth."""
    rows = read_bars(file).rows
    days, down = np.unique(rows.day, return_inverse=True)
    names, across = np.unique(rows.symbol, return_inverse=True)
    grids = {}
    for field in FIELDS:
        grid = np.full((len(days), len(names)), np.nan)
        grid[down, across] = getattr(rows, field)
        grids[field] = grid[-sessions:]
    close = grids["close"]
    with np.errstate(invalid="ignore"):
        calm = np.isfinite(close).all(axis=0) & (np.abs(close[1:] / close[:-1] - 1) < 0.2).all(0)
    parts = {name: grid[:, calm] for name, grid in grids.items()}
    known = tuple(f"INE{at:03d}A01018" for at in range(int(calm.sum())))
    last = calendar_now().sessions(date(2026, 4, 1), date(2026, 11, 20))[-sessions:]
    return Panel(tuple(last), known, **parts, factor=np.ones_like(parts["close"]))


@pytest.mark.realdata
@pytest.mark.parametrize("target", [0.08, 0.11])
def test_full_books_of_real_shares_stand_within_a_tenth_of_a_target_in_reach(
    target: float, real_files: Path
):
    panel = real_panel(real_files / "prices/nse_sec_bhavdata_full_unadjusted_2019_2026.parquet")
    shares = [replace(one, isin=isin, symbol=isin) for one, isin in
              zip(some_shares(len(panel.isins)), panel.isins, strict=True)]  # fmt: skip
    ground = ground_of(panel, shares)
    near, full, why = books_near(ground, a_mandate(vol_target=target), orders=6)
    assert (near, why) == (full, []) and full > 0


def test_every_part_is_timed_beside_its_plain_loop(monkeypatch: pytest.MonkeyPatch):
    ground = ground_of(made_panel(), some_shares(40), votes=True)
    for name, value in {"ACCOUNTS": 3, "TIMES": 2, "SIZES": 4, "BOOKS": 2, "POSITIONS": 5}.items():
        monkeypatch.setattr(bench_allocate, name, value)
    rows = [*bench_allocate._rounds(ground), *bench_allocate._one_size(ground)]
    rows += bench_allocate._contributions(ground)
    rows += bench_allocate.target_rows(ground, "made")
    names = [str(one["name"]) for one in rows]
    for part in ("filters and order", "the whole round", "each pair sized in a loop", "one size",
                 "one size and guardrails"):  # fmt: skip
        assert any(part in name for name in names), part
    assert any("plain loops" in name for name in names)
    assert all(float(str(one["value"])) >= 0 for one in rows)
    assert "allocate" in bench.NAMES
