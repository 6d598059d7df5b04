"""What accounts get that want the same share at the same moment."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import SimpleNamespace

import pytest

from core.desk import contend
from core.desk.contend import decide_together
from core.desk.stages import Case
from core.domain.account import LoginMode
from core.domain.card import Leg
from core.domain.live import Capped, Caps
from core.domain.order import Product, Side
from tests.made import ACCOUNT, MIDCO, a_card, a_mandate, rs

NAMES = ("a", "b", "c")


@dataclass
class Knows:
    """Three accounts, two of them at one login; a median day of 100,000 shares."""

    volume: float = 100_000.0
    taken: dict[str, dict[str, int]] = field(default_factory=dict)
    waiting: tuple[object, ...] = ()
    capped: dict[str, tuple[Capped, ...]] = field(default_factory=dict)
    accounts: dict[str, object] = field(
        default_factory=lambda: {
            name: replace(ACCOUNT, id=name, login_id="l1" if name != "c" else "l2")
            for name in NAMES
        }
    )
    shares: dict[str, float] = field(default_factory=dict)

    def mandate(self, name: str):
        return a_mandate(account_id=name, volume_share_max=self.shares.get(name, 0.01))

    def facts(self, isin: str):
        return SimpleNamespace(volume_median=self.volume)


WISHES = {"a": 400, "b": 800, "c": 600}


@pytest.fixture(autouse=True)
def decides(monkeypatch):
    """Each account's pipeline writes a card of its wish, or of the cap it is given."""

    def decide(known, case):
        qty = WISHES[case.account.id]
        clamp = case.others[0] if case.others else None
        qty = min(qty, clamp.most) if clamp else qty
        leg = Leg(side=Side.BUY, qty=qty, product=Product.CNC) if qty else None
        card = a_card(legs=(leg,), account_id=case.account.id) if leg else None
        return SimpleNamespace(card=card, reason=clamp.why() if clamp else "")

    monkeypatch.setattr(contend, "decide", decide)


def taken(known, wishes=None):
    cases = [
        Case(instrument=MIDCO, account=known.accounts[name], mode=LoginMode.PAPER)
        for name in NAMES
        if wishes is None or name in wishes
    ]
    made = decide_together(known, cases)
    return {
        c.account.id: abs(d.card.qty) if d.card else 0 for c, d in zip(cases, made, strict=True)
    }


def test_wishes_that_stay_small_beside_the_day_are_granted():
    assert taken(Knows(volume=1e6)) == WISHES


def test_all_accounts_together_take_no_more_than_the_boldest_may_alone():
    # 1 % of 100,000 is 1,000 for 1,800 wished: 5/9 of each
    assert taken(Knows()) == {"a": 222, "b": 445, "c": 333}


def test_accounts_of_one_login_are_one_buyer():
    # c may take 3 % alone; a and b share 1 % of the day: 1,000 of 1,200 wished
    assert taken(Knows(shares={"c": 0.03})) == {"a": 333, "b": 667, "c": 600}


def test_what_was_taken_earlier_today_counts():
    earlier = {MIDCO.isin: {"z": 100, "c": 400}}
    known = Knows(taken=earlier)
    known.accounts["z"] = replace(ACCOUNT, id="z", login_id="l3")
    assert sum(taken(known).values()) == 500


def test_a_card_that_is_rewritten_does_not_stand_in_its_own_way():
    # 1 % of 100,000 is 1,000, of which b's own card had 500 and c's has 400; b bought 200 today
    cards = tuple(
        a_card(
            id=f"cd{n}", account_id=name,
            legs=(Leg(side=Side.BUY, qty=qty, product=Product.CNC),),
        )
        for n, (name, qty) in enumerate([("c", 400), ("b", 500)])
    )  # fmt: skip
    known = Knows(taken={MIDCO.isin: {"b": 200}}, waiting=cards)
    case = Case(MIDCO, known.accounts["b"], LoginMode.PAPER, version=2, card_id="cd1")
    [made] = decide_together(known, [case])
    assert abs(made.card.qty) == 400


def test_a_rupee_cap_of_the_login_is_shared():
    caps = Capped("login Zerodha", Caps(rs(500_000), rs(500_000)), rs(196_000))
    known = Knows(volume=1e6, capped={"a": (caps,), "b": (caps,)})
    # 304,000 left at the card's 505 is 601 shares for 1,200 wished
    assert taken(known) == {"a": 200, "b": 401, "c": 600}


def test_a_part_under_the_smallest_ticket_goes_to_the_others():
    # 1 % of 4,000 is 40 shares; a ticket of ₹10,000 at 505 takes 20: only one account gets one
    assert taken(Knows(volume=4_000.0)) == {"a": 0, "b": 40, "c": 0}


def test_nobody_wishing_is_nobody_cut():
    WISHES["a"], kept = 0, WISHES["a"]
    try:
        assert taken(Knows(), wishes={"a"}) == {"a": 0}
    finally:
        WISHES["a"] = kept
