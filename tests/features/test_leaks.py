"""No column of any family sees what came after its close."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.features import plan as plan_file
from core.features import table
from core.features.compute import FeaturePanel, compute
from core.features.definition import Calculation
from core.features.table import NAMES
from core.panel import FIELDS, Panel
from tests.features.made_beside import beside_of
from tests.features.test_compute import holed
from tests.models.made import noise

SESSIONS, CUT = 420, 330


def everything(panel: Panel, *, seed: int = 1) -> FeaturePanel:
    whole = noise(seed=seed, shares=len(panel.isins), sessions=SESSIONS)
    beside = beside_of(whole, seed=seed).rows(slice(0, len(panel.sessions)))
    return compute(panel, beside=beside, names=NAMES)


def same(found: FeaturePanel, wanted: FeaturePanel, *, sessions: int) -> None:
    for place, name in enumerate(NAMES):
        np.testing.assert_array_equal(
            found.values[:sessions, :, place], wanted.values[:sessions, :, place], name
        )


def test_every_column_says_something_once_its_warm_up_is_over():
    found = everything(noise(seed=1, shares=6, sessions=SESSIONS))
    silent = [name for name in NAMES if np.isnan(found.column(name)[-60:]).all()]
    assert not silent


@pytest.mark.parametrize("cut", [1, 2, 95, 253, CUT])
def test_a_truncated_history_gives_the_same_past(cut: int):
    panel = holed(seed=1, sessions=SESSIONS, shares=6)
    whole = everything(panel)
    same(everything(panel.until(panel.sessions[cut - 1])), whole, sessions=cut)


@pytest.mark.parametrize(
    "leaky",
    [
        lambda bars: np.append(bars.close[1:] / bars.close[:-1] - 1, np.nan),  # tomorrow's return
        lambda bars: bars.close / bars.close.mean(),  # scaled by all sessions
        lambda bars: bars.close[::-1].cumsum()[::-1] / bars.close.sum(),
    ],
)
def test_a_column_that_looks_ahead_is_found(leaky: Calculation, monkeypatch: pytest.MonkeyPatch):
    first = replace(table.OWN[0], calc=leaky)
    monkeypatch.setattr(plan_file, "OWN", (first, *table.OWN[1:]))
    panel = noise(seed=1, shares=6, sessions=SESSIONS)
    with pytest.raises(AssertionError, match=first.definition.name):
        same(everything(panel.until(panel.sessions[CUT - 1])), everything(panel), sessions=CUT)


def test_a_shuffled_future_changes_nothing_before_it():
    panel = noise(seed=2, shares=6, sessions=SESSIONS)
    order = np.append(np.arange(CUT), CUT + np.random.default_rng(0).permutation(SESSIONS - CUT))
    shuffled = replace(panel, **{name: getattr(panel, name)[order] for name in FIELDS})
    beside = beside_of(panel, seed=2)
    later = np.append(np.zeros(CUT), np.ones(SESSIONS - CUT))
    shaken = replace(
        beside,
        index=beside.index * (1 + later),
        vix=beside.vix * (1 + later),
        fii=beside.fii - 5_000 * later,
        delivery=beside.delivery * (1 - later[:, None] / 2),
        implied_vol=beside.implied_vol * (1 + later[:, None]),
        filings={kind: counts + later[:, None] for kind, counts in beside.filings.items()},
    )
    found, wanted = (
        compute(shuffled, beside=shaken, names=NAMES),
        compute(panel, beside=beside, names=NAMES),
    )
    same(found, wanted, sessions=CUT)
    assert not np.array_equal(found.values[CUT:], wanted.values[CUT:], equal_nan=True)


def test_a_split_in_the_future_changes_nothing_before_it():
    panel = noise(seed=3, shares=6, sessions=SESSIONS)
    five = np.ones(panel.close.shape)
    five[:CUT, :3] = 5.0  # one share becomes five after session CUT
    raw = {name: getattr(panel, name) * five for name in FIELDS[:4]}
    split = replace(panel, **raw, volume=panel.volume / five, factor=five)
    known_later = everything(split, seed=3)
    before = replace(split, factor=np.ones(panel.close.shape)).until(panel.sessions[CUT - 1])
    known_then = everything(before, seed=3)
    for place, name in enumerate(NAMES):
        if name != "vwap_gap":  # the invented VWAP is not split, while the raw close is
            np.testing.assert_array_equal(
                known_later.values[:CUT, :, place], known_then.values[:, :, place], name
            )
