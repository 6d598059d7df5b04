"""An order's shares and charges in parts: the sum is the whole, nobody is off by one unit."""

from hypothesis import given
from hypothesis import strategies as st

from core.domain.charges import Charges
from core.treasury.parts import part_charges, parted
from tests.made import rs

WEIGHTS = st.dictionaries(st.text("abc", min_size=1, max_size=3), st.integers(0, 10_000))


def test_the_largest_fractions_are_rounded_up_and_equal_ones_go_by_name():
    assert parted(20, {"a": 100, "b": 60, "c": 41}) == {"a": 10, "b": 6, "c": 4}
    assert parted(10, {"z": 1, "b": 1, "a": 1}) == {"a": 4, "b": 3, "z": 3}


def test_nobody_with_a_weight_gets_nothing_of_nothing():
    assert parted(0, {}) == {}
    assert parted(0, {"a": 0}) == {"a": 0}


@given(by=WEIGHTS, share=st.integers(0, 100))
def test_a_part_of_what_is_held_is_never_more_than_that_and_all_add_up(by, share):
    whole = sum(by.values()) * share // 100
    parts = parted(whole, by)
    assert sum(parts.values()) == whole
    for name, weight in by.items():
        assert 0 <= parts[name] <= weight
        assert abs(parts[name] * sum(by.values()) - whole * weight) < max(1, sum(by.values()))


def test_each_item_of_a_fee_is_parted_by_itself():
    parts = part_charges(Charges(brokerage=rs("50"), gst=rs("9")), {"a": 1, "b": 1, "c": 1})
    assert parts["a"] == Charges(brokerage=rs("16.67"), gst=rs("3"))
    assert parts["c"] == Charges(brokerage=rs("16.66"), gst=rs("3"))
    assert sum((one.total for one in parts.values()), rs("0")) == rs("59")


@given(by=WEIGHTS.filter(lambda by: sum(by.values())), paise=st.integers(0, 10_000))
def test_charges_in_parts_sum_to_the_paisa(by, paise):
    whole = Charges(brokerage=rs("20"), stt=rs("0.01") * paise, gst=rs("3.61"))
    assert sum(part_charges(whole, by).values(), Charges()) == whole
