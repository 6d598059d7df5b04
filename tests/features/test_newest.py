"""The newest session alone is what the whole panel says of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.errors import NoData
from core.features.beside import Beside
from core.features.compute import FeaturePanel, compute
from core.features.newest import REACHES, SPARE, TAIL, newest
from core.features.table import MODEL_NAMES, NAMES, OWN
from core.panel import FIELDS, Panel
from tests.features.made_bars import of_panel, tail
from tests.features.made_beside import beside_of
from tests.models.made import noise

CLOSE = 1e-4  # of a column's own spread over the shares


def alike(found: FeaturePanel, whole: FeaturePanel) -> None:
    assert (found.sessions, found.isins, found.names) == (
        whole.sessions[-1:],
        whole.isins,
        whole.names,
    )
    for place, name in enumerate(found.names):
        mine, its = found.values[0, :, place], whole.values[-1, :, place]
        np.testing.assert_array_equal(np.isnan(mine), np.isnan(its), name)
        known = its[~np.isnan(its)]
        size = float(np.abs(known).max(initial=0.0))
        np.testing.assert_allclose(
            mine, its, rtol=CLOSE / 10, atol=CLOSE * max(float(known.std()), size / 100)
            if known.size else 0.0, err_msg=name,
        )  # fmt: skip


def gappy(panel: Panel) -> Panel:
    """Share 0 lacks 10 late sessions, 1 half of all, 2 the last one, 3 all but the last 40."""
    at, gone = np.arange(len(panel.sessions)), np.zeros(panel.close.shape, dtype=np.bool_)
    gone[-60:-50, 0] = True
    gone[:, 1] = (at % 2 == 0) & (at < len(at) - 1)
    gone[-1, 2] = True
    gone[:-40, 3] = True
    return replace(panel, **{n: np.where(gone, np.nan, getattr(panel, n)) for n in FIELDS})


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_newest_session_equals_the_last_of_all(seed: int):
    panel = noise(seed=seed, shares=24, sessions=900)
    beside = beside_of(panel, seed=seed)
    alike(newest(panel, beside=beside, names=NAMES), compute(panel, beside=beside, names=NAMES))


def test_shares_with_gaps_and_short_histories_are_computed_alone():
    panel = gappy(noise(seed=4, shares=12, sessions=700))
    beside = beside_of(panel, seed=4)
    alike(newest(panel, beside=beside, names=NAMES), compute(panel, beside=beside, names=NAMES))


@pytest.mark.parametrize("known", [30, 100, 300])
def test_an_index_known_for_a_short_while_spoils_no_share(known: int):
    panel = noise(seed=8, shares=6, sessions=600)
    index = np.append(np.full(600 - known, np.nan), np.linspace(100.0, 130.0, known))
    beside = Beside(index=index + np.sin(np.arange(600.0)))
    alike(newest(panel, beside=beside, names=NAMES), compute(panel, beside=beside, names=NAMES))


def test_a_young_market_is_computed_share_by_share():
    panel = noise(seed=5, shares=5, sessions=90)
    lean = np.linspace(-1, 1, 450).reshape(90, 5)
    alike(newest(panel, tilt=lean), compute(panel, tilt=lean))
    alike(newest(panel, tilt=lean[-1:]), compute(panel, tilt=lean))
    assert newest(panel).names == MODEL_NAMES


def test_a_share_of_another_price_level_spoils_no_neighbour():
    panel = noise(seed=6, shares=4, sessions=600)
    dear = np.array([1.0, 1e4, 1e-2, 1.0])
    far = replace(
        panel, **{name: getattr(panel, name) * dear for name in FIELDS[:4]},
        volume=panel.volume / dear,
    )  # fmt: skip
    alike(newest(far, names=NAMES), compute(far, names=NAMES))


def test_no_column_reaches_further_than_the_longest_stretch():
    assert max(one.reach for one in OWN) <= TAIL == REACHES[-1]
    short = [one.definition.name for one in OWN
             if one.definition.per == "session" and one.reach < one.definition.warm_up]  # fmt: skip
    assert not short
    assert SPARE > 0


def test_a_column_depends_on_the_bars_it_reaches_and_no_others():
    panel = noise(seed=12, shares=2, sessions=900)
    bars = of_panel(panel, index=panel.close[:, 1])
    for one in OWN:
        with np.errstate(all="ignore"):
            whole, part = one.calc(bars), one.calc(tail(bars, one.reach + 9))
        np.testing.assert_allclose(
            part[-10:], whole[-10:], rtol=0, atol=1e-5 * (float(np.nanstd(whole)) or 1.0),
            err_msg=one.definition.name,
        )  # fmt: skip


def test_an_empty_panel_has_no_newest_session():
    panel = noise(seed=7, shares=2, sessions=5)
    with pytest.raises(NoData, match="need one session, the panel has 0"):
        newest(panel.since(panel.sessions[-1].replace(year=2030)))
