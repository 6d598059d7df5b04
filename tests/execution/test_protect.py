"""From a fill to a stop read back, one step at a time, and back again when things go wrong."""

from dataclasses import replace

import pytest

from core.domain.order import OrderStatus, Side
from core.domain.protection import Owner, ProtectionStatus
from core.errors import IllegalTransition
from core.execution.protect import Step, Verb, Wanted, begin, next_step, wanted
from core.execution.protect_step import after
from tests.made import SHORT, T0, a_broker_order, a_gtt, a_plan, rs

P = ProtectionStatus
PLAN = a_plan()
FULL = Wanted(100, rs("480"), rs("540"))


def cover(status, *, qty=100, stop="480", gtt_id=""):
    return replace(begin(PLAN), status=status, qty=qty, stop=rs(stop), gtt_id=gtt_id)


def step(protection, held, gtts=(), **more):
    return next_step(protection, PLAN, held, gtts, **more)


def test_wanted_is_the_plans_pair_for_what_is_held():
    assert wanted(PLAN, 30) == Wanted(30, rs("480"), rs("540"))
    assert wanted(PLAN, 0).qty == 0
    assert wanted(a_plan(side=Side.SELL, bracket=SHORT), -30).qty == 30


def test_a_fill_walks_to_a_verified_stop_in_four_steps():
    protection = begin(PLAN)
    verbs = []
    resting = []
    for _ in range(5):
        todo = step(protection, 100, resting)
        verbs.append(todo.verb)
        if todo.verb is Verb.PLACE:
            resting = [a_gtt("g1", qty=todo.wanted.qty)]
        gtt_id = "g1" if todo.verb is Verb.PLACE else ""
        protection = after(protection, todo, at=T0, gtt_id=gtt_id)
    assert verbs == [Verb.ARM, Verb.PLACE, Verb.VERIFY, Verb.NOTHING, Verb.NOTHING]
    assert (protection.status, protection.owner) == (P.VERIFIED, Owner.BROKER_GTT)
    assert (protection.qty, protection.gtt_id, protection.verified_at) == (100, "g1", T0)


def test_a_second_fill_goes_back_to_the_desk_stop_and_resizes_in_place():
    protection = cover(P.VERIFIED, qty=30, gtt_id="g1")
    resting = [a_gtt("g1", qty=30)]
    verbs = []
    for _ in range(4):
        todo = step(protection, 100, resting)
        verbs.append((todo.verb, todo.gtt_id))
        if todo.verb is Verb.RESIZE:
            resting = [a_gtt("g1", qty=100)]
        protection = after(protection, todo, at=T0)
    assert verbs == [
        (Verb.ARM, "g1"),
        (Verb.RESIZE, "g1"),
        (Verb.VERIFY, "g1"),
        (Verb.NOTHING, "g1"),
    ]


@pytest.mark.parametrize(
    ("there", "words"),
    [
        (a_gtt(qty=30), "quantity 30 instead of 100"),
        (a_gtt(stop=rs("470")), "stop ₹470.00 instead of ₹480.00"),
        (a_gtt(target=rs("600")), "target ₹600.00 instead of ₹540.00"),
        (a_gtt(side=Side.BUY), "side BUY instead of SELL"),
    ],
)
def test_a_read_back_that_differs_is_never_verified(there, words):
    todo = step(cover(P.PLACED, gtt_id="g1"), 100, [there])
    assert todo.verb is Verb.ARM and words in todo.reason


@pytest.mark.parametrize(
    ("limits", "verb"),
    [
        ({"stop_limit": rs("465.60"), "target_limit": rs("534.60")}, Verb.VERIFY),
        ({"stop_limit": rs("480"), "target_limit": rs("540")}, Verb.VERIFY),
        ({"stop_limit": rs("480.05"), "target_limit": rs("534.60")}, Verb.ARM),
        ({"stop_limit": rs("465.60"), "target_limit": rs("540.05")}, Verb.ARM),
    ],
)
def test_a_leg_whose_order_could_not_trade_at_its_trigger_is_never_verified(limits, verb):
    there = replace(a_gtt("g1"), **limits)
    assert step(cover(P.PLACED, gtt_id="g1"), 100, [there]).verb is verb


def test_a_tightened_stop_is_wanted_and_never_loosened():
    protection = cover(P.VERIFIED, stop="490", gtt_id="g1")
    todo = step(protection, 100, [a_gtt()])
    assert todo.verb is Verb.ARM and todo.wanted.stop == rs("490")
    looser = cover(P.ARMED_LOCAL, stop="470")
    assert step(looser, 100).wanted.stop == rs("480")


def test_a_short_keeps_the_lower_stop():
    short = a_plan(side=Side.SELL, bracket=SHORT)
    protection = replace(begin(short), status=P.ARMED_LOCAL, qty=100, stop=rs("515"))
    assert next_step(protection, short, -100, []).wanted.stop == rs("515")


def test_a_lost_answer_is_read_back_then_adopted():
    protection = after(cover(P.ARMED_LOCAL), Step(Verb.PLACE, "", FULL), at=T0)
    assert (protection.status, protection.gtt_id) == (P.PLACED, "")
    assert step(protection, 100, [], seconds_since_write=0.5).verb is Verb.NOTHING
    stands_in = step(protection, 100, [], seconds_since_write=1.0)
    assert stands_in.verb is Verb.ARM
    armed = after(protection, stands_in, at=T0)
    assert step(armed, 100, [], seconds_since_write=9.0).verb is Verb.NOTHING
    assert step(armed, 100, [], seconds_since_write=10.0).verb is Verb.PLACE
    todo = step(protection, 100, [a_gtt("g7")], seconds_since_write=3.0)
    assert (todo.verb, todo.gtt_id) == (Verb.ADOPT, "g7")
    adopted = after(protection, todo, at=T0)
    assert step(adopted, 100, [a_gtt("g7")]).verb is Verb.VERIFY


def test_a_request_that_never_arrived_is_made_again_after_ten_seconds():
    protection = cover(P.PLACED)
    assert step(protection, 100, [], seconds_since_write=10.0).verb is Verb.ARM
    armed = after(protection, step(protection, 100, []), at=T0)
    assert step(armed, 100, []).verb is Verb.PLACE


def test_of_two_candidates_one_is_kept_and_the_other_cancelled():
    both = [a_gtt("g1"), a_gtt("g2")]
    todo = step(cover(P.PLACED), 100, both)
    assert (todo.verb, todo.gtt_id) == (Verb.ADOPT, "g1")
    kept = after(cover(P.PLACED), todo, at=T0)
    todo = step(kept, 100, both)
    assert (todo.verb, todo.gtt_id) == (Verb.CANCEL, "g2")
    assert after(kept, todo, at=T0) == kept
    assert step(kept, 100, [a_gtt("g1"), a_gtt("g2", active=False)]).verb is Verb.VERIFY


def test_the_candidate_of_the_right_size_is_adopted():
    todo = step(cover(P.PLACED), 100, [a_gtt("g1", qty=30), a_gtt("g2", qty=100)])
    assert todo.gtt_id == "g2"


def test_the_gtt_of_another_plan_is_never_touched():
    todo = step(cover(P.ARMED_LOCAL), 100, [a_gtt("g9")], taken={"g9"})
    assert todo.verb is Verb.PLACE
    todo = step(cover(P.PLACED, gtt_id="g1"), 100, [a_gtt("g1"), a_gtt("g9")], taken={"g9"})
    assert todo.verb is Verb.VERIFY


def test_another_share_or_pair_is_not_a_candidate():
    stranger = replace(a_gtt("g8"), isin="INE999A01099")
    assert (
        step(cover(P.ARMED_LOCAL), 100, [stranger, a_gtt("g9", stop=rs("400"))]).verb is Verb.PLACE
    )


def test_more_fills_rearm_the_desk_stop_before_the_broker_is_asked():
    assert step(cover(P.ARMED_LOCAL, qty=30), 100).verb is Verb.ARM
    todo = step(cover(P.ARMED_LOCAL, qty=30, gtt_id="g1"), 100, [a_gtt(qty=30)])
    assert (todo.verb, todo.gtt_id) == (Verb.ARM, "g1")


def test_an_armed_stop_whose_gtt_already_fits_is_adopted():
    assert step(cover(P.ARMED_LOCAL, gtt_id="g1"), 100, [a_gtt()]).verb is Verb.ADOPT


def test_a_gtt_the_user_deleted_is_noticed():
    todo = step(cover(P.VERIFIED, gtt_id="g1"), 100, [a_gtt(active=False)])
    assert todo.verb is Verb.ARM and "was closed" in todo.reason and todo.gtt_id == ""
    todo = step(cover(P.VERIFIED, gtt_id="g1"), 100, [])
    assert todo.verb is Verb.ARM and "is not at the broker" in todo.reason


def test_a_new_gtt_may_take_a_moment_to_show():
    fresh = cover(P.PLACED, gtt_id="g1")
    assert step(fresh, 100, [], seconds_since_write=2.0).verb is Verb.NOTHING
    assert step(fresh, 100, [], seconds_since_write=11.0).verb is Verb.ARM


def test_a_fired_stop_is_left_to_its_order():
    fired = a_gtt(active=False, fired_order_id="b9")
    child = a_broker_order("b9", side=Side.SELL)
    assert step(cover(P.VERIFIED, gtt_id="g1"), 100, [fired]).verb is Verb.NOTHING
    assert step(cover(P.VERIFIED, gtt_id="g1"), 40, [fired], orders=[child]).verb is Verb.NOTHING


def test_a_fired_stop_whose_order_was_rejected_has_failed_and_the_desk_stop_takes_over():
    fired = a_gtt(active=False, fired_order_id="b9")
    child = a_broker_order("b9", side=Side.SELL, status=OrderStatus.REJECTED, reason="TPIN missing")
    protection = cover(P.VERIFIED, gtt_id="g1")
    todo = step(protection, 100, [fired], orders=[child])
    assert todo.verb is Verb.FAIL and "REJECTED: TPIN missing" in todo.reason
    failed = after(protection, todo, at=T0)
    assert (failed.status, failed.owner, failed.gtt_id) == (P.STOP_FAILED, Owner.NONE, "")
    assert step(failed, 100, [fired]).verb is Verb.ARM


def test_when_nothing_is_held_a_live_gtt_goes_first_and_then_the_protection():
    protection = cover(P.VERIFIED, gtt_id="g1")
    todo = step(protection, 0, [a_gtt()])
    assert (todo.verb, todo.gtt_id) == (Verb.CANCEL, "g1")
    todo = step(protection, 0, [a_gtt(active=False)])
    assert todo.verb is Verb.RELEASE
    released = after(protection, todo, at=T0)
    assert (released.status, released.qty, released.gtt_id) == (P.RELEASED, 0, "")
    assert step(released, 0).verb is Verb.NOTHING


def test_a_lost_gtt_is_cancelled_too_when_nothing_is_held():
    protection = cover(P.PLACED)
    assert step(protection, 0, [a_gtt("g7")]).gtt_id == "g7"
    assert step(protection, 0, [], seconds_since_write=2.0).verb is Verb.NOTHING
    assert step(protection, 0, []).verb is Verb.RELEASE


def test_before_the_first_fill_nothing_is_done():
    assert step(begin(PLAN), 0, entry_working=True).verb is Verb.NOTHING


def test_a_late_fill_begins_protection_anew():
    released = cover(P.RELEASED, qty=0)
    todo = step(released, 10)
    assert todo.verb is Verb.ARM
    armed = after(released, todo, at=T0)
    assert (armed.status, armed.qty, armed.owner) == (P.ARMED_LOCAL, 10, Owner.LOCAL)
    assert armed.version == released.version + 1


def test_with_no_bids_the_stop_waits():
    assert step(cover(P.UNFILLABLE), 100).verb is Verb.NOTHING


def test_a_step_that_does_not_belong_is_illegal():
    with pytest.raises(IllegalTransition):
        after(begin(PLAN), Step(Verb.VERIFY, "", FULL), at=T0)
