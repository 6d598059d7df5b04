"""What accounts get that want the same share."""

from hypothesis import given
from hypothesis import strategies as st

from core.mandates.share_out import Room, Wish, caps_of, pro_rata, share_out


def wishes(*qty, least=1, login="l1"):
    return [Wish(f"a{at}", login, n, least) for at, n in enumerate(qty)]


def room(most, *accounts, reason="1.00 % of a median day"):
    return Room(frozenset(accounts), most, reason)


def test_wishes_that_fit_are_granted():
    assert share_out(wishes(10, 20), [room(30, "a0", "a1")]) == {"a0": 10, "a1": 20}


def test_each_gets_the_same_part_of_its_wish():
    assert share_out(wishes(100, 200), [room(150, "a0", "a1")]) == {"a0": 50, "a1": 100}


def test_whole_shares_go_to_the_largest_fractions_and_then_by_name():
    # 10 x 5/30 = 1.67 each: two of the three get 2
    assert pro_rata({"b": 10, "a": 10, "c": 10}, 5) == {"a": 2, "b": 2, "c": 1}


def test_the_smallest_wish_steps_back_when_its_part_is_no_ticket():
    # 30 x 60/130 = 13.8 and 100 x 60/130 = 46.2; a0 needs 20, so a1 gets all 60
    assert share_out(wishes(30, 100, least=20), [room(60, "a0", "a1")]) == {"a0": 0, "a1": 60}


def test_a_login_is_one_buyer_within_the_whole():
    asked = [Wish("a0", "l1", 100), Wish("a1", "l1", 100), Wish("b0", "l2", 100)]
    rooms = [room(100, "a0", "a1"), room(150, "a0", "a1", "b0")]
    # login l1: 50 and 50; the whole: 200 wished of 150, so three quarters of each
    assert share_out(asked, rooms) == {"a0": 38, "a1": 37, "b0": 75}


def test_no_room_at_all_leaves_nobody_anything():
    assert share_out(wishes(5, 6), [room(-3, "a0", "a1")]) == {"a0": 0, "a1": 0}


def test_who_gets_less_is_told_who_asked_for_what():
    asked = wishes(100, 200)
    rooms = [room(150, "a0", "a1")]
    caps = caps_of(asked, share_out(asked, rooms), rooms)
    assert {name: cap.most for name, cap in caps.items()} == {"a0": 50, "a1": 100}
    assert caps["a0"].why() == (
        "2 accounts want 300 shares together and 150 may go to them: 1.00 % of a median day; "
        "each gets the same part of its wish."
    )


@given(
    qtys=st.lists(st.integers(0, 5_000), min_size=1, max_size=7),
    least=st.integers(1, 300),
    mosts=st.tuples(st.integers(-5, 6_000), st.integers(-5, 6_000)),
    shuffled=st.randoms(use_true_random=False),
)
def test_no_room_is_overfilled_no_wish_is_passed_and_order_does_not_matter(
    qtys, least, mosts, shuffled
):
    asked = [Wish(f"a{at}", f"l{at % 2}", n, least) for at, n in enumerate(qtys)]
    evens = frozenset(one.account_id for one in asked if one.login_id == "l0")
    rooms = [Room(evens, mosts[0], "even"), Room(frozenset(a.account_id for a in asked),
                                                 mosts[1], "all")]  # fmt: skip
    given_out = share_out(asked, rooms)
    for one in asked:
        part = given_out[one.account_id]
        assert 0 <= part <= one.qty
        assert part == 0 or part >= min(one.least, one.qty)
    for each in rooms:
        assert sum(given_out[name] for name in each.accounts) <= max(0, each.most)
    turned = list(asked)
    shuffled.shuffle(turned)
    assert share_out(turned, rooms[::-1]) == given_out
    caps = caps_of(asked, given_out, rooms)
    assert {name: cap.most for name, cap in caps.items()} == {
        one.account_id: given_out[one.account_id]
        for one in asked
        if given_out[one.account_id] < one.qty
    }
