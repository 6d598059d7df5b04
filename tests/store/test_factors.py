"""Panels read as of a day: what is confirmed counts, what comes later never does."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.domain.action import ActionKind, ActionStatus, Factor, known_by_ex_date
from core.domain.clock import ist_day
from core.domain.succession import Succession
from core.errors import BadInput, IllegalTransition, NotFound
from core.panel import FIELDS, Panel
from core.store import actions, bars, factors, successions
from tests.made import MIDCO, RELIANCE
from tests.made.actions import EX, a_factor, an_action

DAYS = tuple(date(2026, 11, day) for day in (16, 17, 18, 19, 20))
A, B = RELIANCE.isin, MIDCO.isin
WAITS = ActionStatus.INFERRED


def panel(isins: tuple[str, ...] = (A, B), *, sessions: tuple[date, ...] = DAYS) -> Panel:
    size = (len(sessions), len(isins))
    prices = 100.0 + np.arange(size[0] * size[1], dtype=np.float64).reshape(size)
    return Panel(sessions, isins, *([prices] * 5), factor=np.ones(size))


@pytest.fixture
def filled(any_store):
    with any_store.write() as tx:
        bars.put_panel(tx, panel(), "test")
    return any_store


def read(store, *known: Factor, **asked) -> Panel:
    with store.write() as tx:
        for one in factors.all_factors(tx):
            factors.drop(tx, one.isin, one.ex_date, one.kind)
        factors.put(tx, known)
        return bars.read_panel(tx, [A, B], **asked)


def test_prices_before_an_ex_date_are_in_the_last_sessions_terms(filled):
    found = read(filled, a_factor())
    assert found.factor[:, 0].tolist() == [2, 2, 2, 1, 1] and (found.factor[:, 1] == 1).all()
    assert found.adjusted().close[0, 0] == found.close[0, 0] / 2


def test_factors_of_one_share_multiply(filled):
    both = (a_factor(), a_factor(ex_date=DAYS[1], divisor=5.0))
    assert read(filled, *both).factor[:, 0].tolist() == [10, 2, 2, 1, 1]
    same_day = (a_factor(), a_factor(kind=ActionKind.SPLIT, divisor=5.0))
    assert read(filled, *same_day).factor[0, 0] == 10


def test_a_view_as_of_the_day_before_knows_no_action(filled):
    before = read(filled, a_factor(), as_of=DAYS[2])
    assert before.sessions == DAYS[:3] and (before.factor == 1).all()


def test_the_morning_of_the_ex_date_is_in_the_new_terms_though_it_has_no_bar(filled):
    found = read(filled, a_factor(), end=DAYS[2], as_of=EX)
    assert found.sessions == DAYS[:3] and (found.factor[:, 0] == 2).all()


def test_what_was_known_a_day_late_counts_from_that_day(filled):
    late = a_factor(known_at=known_by_ex_date(DAYS[4]))
    assert (read(filled, late, as_of=EX).factor == 1).all()
    assert read(filled, late, as_of=DAYS[4]).factor[0, 0] == 2


@pytest.mark.parametrize("status", [WAITS, ActionStatus.REFUSED])
def test_only_a_confirmed_factor_changes_a_price(filled, status):
    assert (read(filled, a_factor(status=status)).factor == 1).all()


def test_prices_before_a_large_step_that_waits_are_left_out(filled):
    found = read(filled, a_factor(status=WAITS))
    for name in FIELDS:
        assert np.isnan(getattr(found, name)[:3, 0]).all()
        assert np.isfinite(getattr(found, name)[3:, 0]).all()
    assert np.isfinite(found.close[:, 1]).all()
    with filled.read() as tx:
        assert np.isfinite(bars.read_raw(tx, [A]).close).all()


def test_a_small_step_that_waits_or_a_refused_one_hides_nothing(filled):
    assert np.isfinite(read(filled, a_factor(status=WAITS, divisor=1.1)).close).all()
    assert np.isfinite(read(filled, a_factor(status=ActionStatus.REFUSED)).close).all()


def some_factors() -> st.SearchStrategy[Factor]:
    """Factors around 18 November, some known days after their ex-date."""
    days = st.integers(-3, 8).map(lambda n: DAYS[2] + timedelta(days=n))
    return st.builds(
        lambda isin, day, late, divisor, kind, status: a_factor(
            isin=isin,
            ex_date=day,
            divisor=divisor,
            kind=kind,
            status=status,
            known_at=known_by_ex_date(day + timedelta(days=late)),
        ),
        st.sampled_from([A, B]),
        days,
        st.integers(0, 5),
        st.floats(0.05, 20),
        st.sampled_from([ActionKind.SPLIT, ActionKind.BONUS, ActionKind.RIGHTS]),
        st.sampled_from(list(ActionStatus)),
    )


def comes_later(factor: Factor) -> bool:
    return factor.ex_date > DAYS[2] or ist_day(factor.known_at) > DAYS[2]


LATER = st.lists(some_factors().filter(comes_later), min_size=1, max_size=4)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(known=st.lists(some_factors(), max_size=6), later=LATER)
def test_a_view_as_of_a_day_is_unchanged_by_any_later_action(filled, known, later):
    as_of = DAYS[2]
    keys = {(one.isin, one.ex_date, one.kind) for one in known}
    fresh = [one for one in later if (one.isin, one.ex_date, one.kind) not in keys]
    then = read(filled, *known, as_of=as_of)
    now = read(filled, *known, *fresh, as_of=as_of)
    assert then.sessions == now.sessions
    for name in (*FIELDS, "factor"):
        assert np.array_equal(getattr(then, name), getattr(now, name), equal_nan=True)


def test_bars_of_a_replaced_isin_read_as_one_series(filled):
    new = "INE002A01026"
    with filled.write() as tx:
        bars.put_panel(tx, panel((new,), sessions=(DAYS[4], date(2026, 11, 23))), "test")
        successions.put(tx, [Succession(A, new, DAYS[4], "test")])
        factors.put(tx, [a_factor()])  # told under the old ISIN
        whole = bars.read_panel(tx, [new, B])
        assert whole.sessions == (*DAYS, date(2026, 11, 23)) and whole.isins == (new, B)
        assert np.isfinite(whole.close[:, 0]).all()
        assert whole.close[4, 0] == 100.0  # the new ISIN's bar stands where both have one
        assert whole.factor[:, 0].tolist() == [2, 2, 2, 1, 1, 1]
        assert bars.read_panel(tx).isins == tuple(sorted((new, B)))
        by_old = bars.read_panel(tx, [A])
        assert by_old.isins == (A,) and by_old.close[0, 0] == whole.close[0, 0]
        assert bars.provenance(tx, new).first == DAYS[0]


def test_isins_in_a_circle_are_not_stored(filled):
    with filled.write() as tx:
        successions.put(tx, [Succession(A, B, EX, "test")])
        with pytest.raises(BadInput, match="succeed each other in a circle"):
            successions.put(tx, [Succession(B, A, EX, "test")])
        assert successions.all_successions(tx) == [Succession(A, B, EX, "test")]


def test_an_action_comes_back_and_is_kept_once(any_store):
    with any_store.write() as tx:
        assert actions.put(tx, an_action()) and not actions.put(tx, an_action())
        assert actions.by_id(tx, an_action().id) == an_action()
        assert actions.of_isins(tx, [A]) == actions.all_actions(tx) == [an_action()]
        assert actions.with_status(tx, WAITS) == []


def test_a_waiting_action_is_decided_once(any_store):
    waits = an_action(status=WAITS)
    with any_store.write() as tx:
        actions.put(tx, waits)
        done = actions.decide(tx, waits.id, ActionStatus.CONFIRMED)
        assert done == replace(waits, status=ActionStatus.CONFIRMED)
        with pytest.raises(IllegalTransition, match="is CONFIRMED and cannot become REFUSED"):
            actions.decide(tx, waits.id, ActionStatus.REFUSED)
        with pytest.raises(NotFound, match="no corporate action has the id nope"):
            actions.decide(tx, "nope", ActionStatus.REFUSED)
