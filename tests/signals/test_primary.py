import numpy as np
import pytest

from core.domain.signal import Reason
from core.signals.primary import form_signal, scan
from tests.signals.made import AT, ISIN, feature_panel, features, prediction, tag

RISING = {"mom_12_1": 0.3, "dist_sma_50": 0.02, "ret_20": 0.05}


def test_with_a_vote_the_model_gives_direction_and_edge():
    reason = Reason("tilt", 0.4, 0.2, "lean of recent filings and news 0.40")
    signal = form_signal(
        prediction(), features=features(), tag=None, strategy="momentum", reasons=(reason,)
    )
    assert (signal.direction, signal.edge, signal.has_vote) == (1, 0.01, True)
    assert (signal.isin, signal.as_of, signal.model_version) == (ISIN, AT, "lgbm-1")
    assert (signal.target_first.p, signal.base_rate, signal.horizon_sessions) == (0.30, 0.22, 10)
    assert signal.reasons == (reason,)


def test_a_voting_model_is_not_overruled_by_the_tag():
    signal = form_signal(
        prediction(direction=0, edge=-0.002), features=features(), tag=tag(), strategy="event drift"
    )
    assert (signal.direction, signal.edge) == (0, -0.002)


def test_without_a_vote_the_rule_speaks_and_no_edge_is_claimed():
    signal = form_signal(
        prediction(has_vote=False, edge=0.05, direction=0),
        features=features(),
        tag=tag(),
        strategy="event drift",
    )
    assert (signal.direction, signal.edge, signal.has_vote) == (1, 0.0, False)


@pytest.mark.parametrize(
    ("found", "direction"),
    [
        (tag(stance=-1), -1),
        (tag(stance=0), 0),
        (tag(impact=0.29), 0),
        (tag(impact=0.30), 1),
        (tag(confidence=0.39), 0),
        (tag(confidence=0.40), 1),
    ],
)
def test_the_event_rule_follows_a_strong_and_sure_tag_only(found, direction):
    signal = form_signal(
        prediction(has_vote=False), features=features(**RISING), tag=found, strategy="event drift"
    )
    assert signal.direction == direction


@pytest.mark.parametrize("missing", [None, *RISING])
def test_the_momentum_rule_needs_the_year_the_month_and_the_average(missing):
    row = features(**{name: value for name, value in RISING.items() if name != missing})
    signal = form_signal(prediction(has_vote=False), features=row, tag=None, strategy="momentum")
    assert signal.direction == (1 if missing is None else 0)


def test_unknown_momentum_is_not_rising():
    row = features(**{**RISING, "mom_12_1": float("nan")})
    signal = form_signal(prediction(has_vote=False), features=row, tag=None, strategy="momentum")
    assert signal.direction == 0


def test_a_voted_scan_orders_by_edge_and_names_the_rest():
    given = [
        prediction("A", edge=0.01),
        prediction("B", edge=0.03),
        prediction("C", edge=0.02),
        prediction("D", edge=0.09, direction=0),  # pays, yet the target is no likelier than usual
        prediction("E", edge=-0.01, direction=0),
        prediction("F", edge=0.05, direction=0, has_vote=False, novelty="unlike anything"),
    ]
    found = scan(given, feature_panel({one.isin: {} for one in given}))
    assert found.candidates == ("B", "C", "A")
    assert found.refused == {
        "unlike anything learnt from": ("F",),
        "no edge after costs": ("E",),
        "target no likelier than usual": ("D",),
    }


def test_equal_edges_are_taken_in_the_order_of_their_isin():
    given = [prediction("B"), prediction("A")]
    found = scan(given, feature_panel({"A": {}, "B": {}}))
    assert found.candidates == ("A", "B")


def test_an_unvoted_scan_takes_the_rising_top_tenth_by_momentum():
    # 20 known shares with momentum 1..20 %: the top tenth lies at or over the 90 % quantile,
    # 1 + 0.9 * 19 = 18.1 %, so 19 and 20; of those the last one does not rise on the month
    rows = {f"S{n:02d}": {**RISING, "mom_12_1": n / 100} for n in range(1, 21)}
    rows["S20"]["ret_20"] = -0.01
    rows["NEW"] = {**RISING, "mom_12_1": np.nan}
    given = [prediction(isin, has_vote=False, edge=0.5) for isin in rows]
    found = scan(given, feature_panel(rows))
    assert found.candidates == ("S19",)
    assert found.refused == {
        "under 12 months of prices": ("NEW",),
        "momentum not in the top tenth": tuple(f"S{n:02d}" for n in range(1, 19)),
        "not rising": ("S20",),
    }
    assert len(given) == len(found.candidates) + sum(map(len, found.refused.values()))


def test_a_falling_market_has_no_unvoted_candidates():
    rows = {f"S{n}": {**RISING, "mom_12_1": -n / 100} for n in range(1, 11)}
    found = scan([prediction(i, has_vote=False) for i in rows], feature_panel(rows))
    assert found.candidates == () and found.refused["not rising"] == ("S1",)


def test_a_scan_of_young_shares_alone_says_so():
    rows = {"NEW": {"mom_12_1": np.nan}}
    found = scan([prediction("NEW", has_vote=False)], feature_panel(rows))
    assert found.candidates == () and found.refused == {"under 12 months of prices": ("NEW",)}


FALLEN = {name: -value for name, value in RISING.items()}


def of_short(row, found, **changes):
    return form_signal(
        prediction(**changes), features=row, tag=found, strategy="event drift", shorts=True
    )


@pytest.mark.parametrize("votes", [True, False])
def test_bad_news_points_down_where_shorts_are_allowed_and_the_model_has_no_vote_on_it(votes):
    signal = of_short(features(), tag(stance=-1), has_vote=votes, direction=0, edge=0.002)
    assert (signal.direction, signal.has_vote, signal.edge) == (-1, False, 0.0)


def test_a_share_that_a_voting_model_expects_to_rise_is_not_sold_short():
    signal = of_short(features(), tag(stance=-1), has_vote=True, direction=1)
    assert (signal.direction, signal.has_vote) == (1, True)


@pytest.mark.parametrize(
    "found", [tag(stance=-1, impact=0.29), tag(stance=-1, confidence=0.39), tag(stance=0)]
)
def test_faint_bad_news_points_nowhere(found):
    assert of_short(features(), found, has_vote=False).direction == 0


@pytest.mark.parametrize("missing", [None, *FALLEN])
def test_a_weak_share_is_one_that_falls_by_the_year_the_month_and_the_average(missing):
    row = features(**{name: value for name, value in FALLEN.items() if name != missing})
    signal = of_short(row, None, has_vote=True, direction=0)
    assert signal.direction == (-1 if missing is None else 0)


def test_without_shorts_a_voting_model_says_nothing_of_bad_news():
    signal = form_signal(
        prediction(direction=0), features=features(), tag=tag(stance=-1), strategy="event drift"
    )
    assert (signal.direction, signal.has_vote) == (0, True)


def test_a_scan_finds_the_falling_bottom_tenth_the_worst_first():
    # momentum -1..-20 %: the bottom tenth lies at or under -20 + 0.1 * 19 = -18.1 %, so 19 and
    # 20; a young share is not known and one that a voting model expects to rise is left out
    rows = {f"S{n:02d}": {**FALLEN, "mom_12_1": -n / 100} for n in range(1, 21)}
    rows["NEW"] = {**FALLEN, "mom_12_1": np.nan}
    rows["LIKED"] = {**FALLEN, "mom_12_1": -0.5}
    given = [prediction(isin, direction=1 if isin == "LIKED" else 0) for isin in rows]
    assert scan(given, feature_panel(rows)).falling == ("S20", "S19")
    rows["S20"]["ret_20"] = 0.01
    assert scan(given, feature_panel(rows)).falling == ("S19",)
