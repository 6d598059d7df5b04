"""The bench of indicators reaches what it says it measures; no figure is held to a wall clock."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.backtest import bench, bench_indicators


def test_every_figure_of_indicators_stands_beside_talib(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    for name, value in (("SHARES", 3), ("SESSIONS", 450), ("BARS", 300), ("TIMES", 1)):
        monkeypatch.setattr(bench_indicators, name, value)
    rows = bench_indicators.indicators(tmp_path)
    assert [str(one["name"]).removeprefix("indicators ") for one in rows] == [
        "TA-Lib directly, 300 bars", "all, 300 bars", "columns of one share, 300 bars",
        "TA-Lib directly, 3 × 450", "columns, 3 × 450", "columns of the models, 3 × 450",
        "newest bar of 3 shares",
    ]  # fmt: skip
    assert all(one["unit"] == "ms" and float(str(one["value"])) > 0 for one in rows)
    assert "of TA-Lib directly" in str(rows[4]["note"])
    assert "indicators" in bench.NAMES
