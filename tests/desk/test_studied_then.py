"""What training reads: who was liquid then, whoever is traded today."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.desk.desk import Desk
from core.desk.studied_then import studied_then
from core.desk.train import learnt_from
from core.errors import NoData
from core.panel import FIELDS, Panel
from core.store import bars, instruments
from tests.models.made import noise
from tests.views.history import days
from tests.views.shelf import empty_desk, share

TRADED, GONE, FUND = "INE467B01029", "INE001A01036", "INF204KB14I2"
ELSEWHERE = "INE144J01027"
LEFT_AT = 200  # the session from which HDFC has no bar


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """260 sessions of one traded share, one that left, one of no traded universe and a fund."""
    desk = empty_desk(tmp_path)
    walks = noise(seed=3, shares=4, sessions=260)
    volume = walks.volume * np.array([1.0, 9.0, 5.0, 20.0]) * 4
    panel = replace(walks, sessions=days(desk, 260), volume=volume,
                    isins=(TRADED, GONE, ELSEWHERE, FUND))  # fmt: skip
    for name in FIELDS:
        getattr(panel, name)[LEFT_AT:, 1] = np.nan
    put(desk, panel)
    return desk


def put(desk: Desk, panel: Panel) -> None:
    names = {TRADED: "TCS", GONE: "HDFC", ELSEWHERE: "20MICRONS", FUND: "NIFTYBEES"}
    listed = [share(isin, symbol, symbol, "Services") for isin, symbol in names.items()]
    with desk.store.write() as tx:
        instruments.put(tx, [replace(one, is_traded=one.isin == TRADED) for one in listed])
        bars.put_panel(tx, panel, source="TEST")


def test_a_share_that_left_is_learnt_from_until_its_last_session(desk: Desk):
    # one share is traded today, so one takes part on each session: HDFC trades most until it goes
    panel, features = learnt_from(desk, lambda _share, _words: None)
    assert panel.isins == (GONE, ELSEWHERE)
    known = ~np.isnan(features.column("ret_60"))
    assert known[60:LEFT_AT, 0].all() and not known[LEFT_AT:, 0].any()
    assert not known[:LEFT_AT, 1].any() and known[LEFT_AT:, 1].all()


def test_a_share_outside_the_list_of_today_counts_and_a_fund_that_is_not_traded_does_not(
    desk: Desk,
):
    with desk.store.read() as tx:
        then = studied_then(tx, until=days(desk)[-1])
    assert then.panel.isins == tuple(sorted((TRADED, GONE, ELSEWHERE)))
    assert then.left == (GONE,)


def test_nobody_liquid_enough_says_what_the_rule_is(desk: Desk):
    with desk.store.read() as tx:
        then = studied_then(tx, until=days(desk)[-1])
    nobody = replace(then, members=np.zeros_like(then.members))
    with pytest.raises(NoData, match=r"none of 3 shares traded on 54 .* since .*; import prices"):
        nobody.last(100)
