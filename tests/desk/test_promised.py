"""What waiting cards hold of an account's money, places and caps while nobody has answered."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from core.desk.promised import book_beside, book_for, caps_for, taken_for
from core.desk.stages import Case
from core.domain.account import LoginMode
from core.domain.candidate import Book
from core.domain.card import Card
from core.domain.live import Capped, Caps
from core.domain.money import Money
from core.mandates.size import allocate
from tests.made import (
    ACCOUNT,
    MIDCO,
    a_book,
    a_candidate,
    a_card,
    a_mandate,
    an_event,
    rs,
)
from tests.made.slate import some_shares

CAP = Capped("login Zerodha", Caps(rs(500_000), rs(500_000)), rs(100_000))


@dataclass
class Knows:
    """One account with ₹10 lakh and the cards that wait."""

    waiting: tuple[Card, ...] = ()
    taken: dict[str, dict[str, int]] = field(default_factory=dict)
    capped: dict[str, tuple[Capped, ...]] = field(default_factory=dict)
    books: dict[str, Book] = field(default_factory=dict)

    def book(self, account_id: str) -> Book:
        return self.books.get(account_id, a_book(account_id=account_id))


def waits(name: str, **changes: object) -> Card:
    """A card for 100 at ₹505 and ₹120 of charges."""
    share = {"isin": f"INE{name}A01018", "symbol": name}
    sized = replace(a_card().allocation, isin=share["isin"])
    return a_card(**{"id": f"cd{name}", "trigger": "scan", "allocation": sized, **share, **changes})


CASE = Case(MIDCO, ACCOUNT, LoginMode.PAPER)
EVENT = an_event()


def test_a_scan_is_sized_beside_every_card_that_waits_for_its_account():
    known = Knows((waits("AAA"), waits("BBB", trigger=EVENT.id), waits("CCC", account_id="other")))
    book = book_for(known, CASE)
    assert book.held == {"INEAAAA01018", "INEBBBA01018"}
    # twice 100 at 505 and 120
    assert book.cash_free == rs(1_000_000 - 2 * 50_620)
    assert book_beside(known, "other", known.waiting).held == {"INECCCA01018"}


def test_news_is_sized_beside_cards_of_the_same_news_alone():
    known = Knows((waits("AAA"), waits("BBB", trigger=EVENT.id), waits("CCC", trigger="ev9")))
    assert book_for(known, replace(CASE, event=EVENT)).held == {"INEBBBA01018"}


def test_a_card_that_is_written_anew_does_not_stand_in_its_own_way():
    known = Knows((waits("AAA"), waits("BBB")))
    anew = replace(CASE, version=2, card_id="cdBBB")
    assert book_for(known, anew).held == {"INEAAAA01018"}
    isin = "INEBBBA01018"
    assert taken_for(known, isin, besides=frozenset({"cdBBB"})) == {}
    known.taken = {isin: {"tactical": 7}}
    assert taken_for(known, isin, besides=frozenset()) == {"tactical": 107}
    assert known.taken == {isin: {"tactical": 7}}


def test_a_login_s_cap_counts_the_waiting_cards_of_all_its_accounts():
    caps = {"tactical": (CAP,), "core": (CAP,)}
    cards = (waits("AAA"), waits("BBB", account_id="core"), waits("CCC", account_id="other"))
    [cap] = caps_for(Knows(cards, capped=caps), CASE)
    assert cap.used == rs(100_000 + 2 * 50_500)
    assert caps_for(Knows(cards), CASE) == ()


def cost(qty: int, price: Money) -> Money:
    return Money(price.paise * qty // 1000 + 2_000)


@settings(max_examples=60, deadline=None)
@given(
    cash=st.integers(5_000_000, 100_000_000).map(Money),
    atrs=st.lists(st.integers(200, 8_000), min_size=2, max_size=12),
    places=st.integers(1, 6),
    per_day=st.integers(1_000_000, 60_000_000).map(Money),
)
def test_all_cards_of_scans_that_wait_can_be_approved_together(cash, atrs, places, per_day):
    rules = a_mandate(positions_max=places)
    cap = Capped("login Zerodha", Caps(per_day, per_day), Money(0))
    known = Knows(books={"tactical": a_book(cash_free=cash)}, capped={"tactical": (cap,)})
    for share, atr in zip(some_shares(12), atrs, strict=False):
        book = book_for(known, replace(CASE, instrument=share))
        made = allocate(
            a_candidate(instrument=share, atr=Money(atr)), rules, book, charges=cost, closing=cost,
            capped=caps_for(known, CASE),
        )  # fmt: skip
        if made.qty:
            card = waits(share.symbol, isin=share.isin, sector=share.sector, allocation=made)
            known = replace(known, waiting=(*known.waiting, card))
    sized = [card.allocation for card in known.waiting]
    spent = sum(one.notional.paise + one.charges.paise for one in sized)
    assert spent <= max(0, (cash - rules.cash_floor).paise)
    assert sum(one.notional.paise for one in sized) <= per_day.paise
    assert len(sized) <= places
    assert sum(one.notional.paise for one in sized) <= 0.95 * 100_000_000
