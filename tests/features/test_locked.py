"""A column whose numbers move without its version would feed stored models something else."""

from __future__ import annotations

from dataclasses import replace

import pytest

import core.features.plan as plan_file
from core.features import table
from core.features.definition import Calculation
from core.features.rolling import change, over
from core.features.talib_functions import ta
from tests.features.locked import Print, locked, prints

CLOSE = 1e-4  # of a column's mean size


def moved(now: dict[str, Print], kept: dict[str, Print]) -> list[str]:
    """The columns whose numbers are others than those written down."""
    return [
        name
        for name, one in now.items()
        if name in kept
        and (
            one.known != kept[name].known
            or any(
                abs(mine - its) > CLOSE * kept[name].size + 1e-12
                for mine, its in zip(one[2:], kept[name][2:], strict=True)
            )
        )
    ]


def test_numbers_move_with_their_version_alone():
    now, kept = prints(), locked()
    unsaid = [name for name in moved(now, kept) if now[name].version == kept[name].version]
    assert not unsaid, f"raise the version of {unsaid}, then python -m tests.features.locked"
    assert {name: one.version for name, one in now.items()} == {
        name: one.version for name, one in kept.items()
    }, "columns or versions are others than those written down: python -m tests.features.locked"


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("ret_5", lambda bars: change(bars.close, 6)),
        ("rsi_14", lambda bars: over(ta().RSI, bars.close, 15)),
        ("dist_sma_20", lambda bars: bars.close / bars.sma(20) * 1.0005 - 1.0),
    ],
)
def test_a_definition_changed_in_silence_is_found(
    name: str, other: Calculation, monkeypatch: pytest.MonkeyPatch
):
    own = tuple(replace(one, calc=other) if one.definition.name == name else one
                for one in table.OWN)  # fmt: skip
    monkeypatch.setattr(plan_file, "OWN", own)
    assert name in moved(prints(), locked())
