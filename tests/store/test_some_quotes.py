"""The last prices of a few shares among many."""

from __future__ import annotations

from core.store import quotes
from core.store.engine import Store
from tests.made import MIDCO, RELIANCE, TCS, quote


def test_only_the_shares_asked_for_come_and_one_without_a_price_is_left_out(store: Store):
    made = [quote("500"), quote("1400", of=RELIANCE), quote("3000", of=TCS)]
    with store.write() as tx:
        quotes.put(tx, made)
    with store.read() as tx:
        asked = [RELIANCE.isin, MIDCO.isin, MIDCO.isin, "INE000000000"]
        assert quotes.of(tx, asked) == {MIDCO.isin: made[0], RELIANCE.isin: made[1]}
        assert quotes.of(tx, []) == {}
