"""Whatever comes in, what comes out holds the mandate, or it is nothing with a reason."""

from __future__ import annotations

import math
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.candidate import Comovement
from core.domain.instrument import PriceBand
from core.domain.live import Capped, Caps
from core.domain.mandate import Holding
from core.domain.money import ZERO, Money
from core.mandates.size import allocate
from core.mandates.vol_target import OVER_TARGET
from tests.made import (
    a_book,
    a_candidate,
    a_held,
    a_mandate,
    a_playbook,
    a_probability,
    a_quote,
    a_signal,
    rs,
)

money = st.one_of(st.integers(0, 300_000), st.integers(0, 10**13)).map(Money)
signed = st.one_of(st.integers(-(10**13), 10**13), st.integers(-5, 5)).map(Money)
number = st.one_of(
    st.sampled_from([math.nan, math.inf, -math.inf, 0.0, -0.0, 1e-12, 1e12]), st.floats(-5, 5)
)
CANDIDATE = {
    "atr": money,
    "vol": number,
    "volume_median": number,
    "turnover_median": money,
    "rsi": number,
    "skew": number,
    "correlation_with_book": number,
    "quote_age_seconds": number,
    "quality": number,
    "tick": st.sampled_from([1, 5, 10, 50, 100, 500]).map(Money),
    "moves": st.builds(Comovement, number, number, number, number)
    | st.builds(Comovement, st.floats(0, 0.05), st.floats(-0.05, 0.05), number, number),
}
QUOTE = {"ltp": money, "bid": money, "ask": money}
BAND = {"low": money, "high": money}
BOOK = {"equity": signed, "cash_free": signed, "gross": st.floats(0, 3)}
OTHER = {"multiple": number, "held": money, "used": signed, "fee": st.integers(0, 10**7)}
EVERY = CANDIDATE | QUOTE | BAND | BOOK | OTHER


@settings(max_examples=500, deadline=None)
@given(
    names=st.sets(st.sampled_from(sorted(EVERY)), max_size=3),
    way=st.sampled_from([1, -1]),
    votes=st.booleans(),
    drawn=st.data(),
)
def test_no_input_breaks_a_limit_raises_or_leaves_a_refusal_without_words(
    names: set[str], way: int, votes: bool, drawn: st.DataObject
):
    """Up to three numbers of a sound case are spoiled: none, one or huge, negative or unknown."""
    odd = {name: drawn.draw(EVERY[name], label=name) for name in sorted(names)}

    def of(part: dict[str, object]) -> dict[str, object]:
        return {name: odd[name] for name in part if name in odd}

    rules = a_mandate(holding=Holding.DAY, shorts=True)
    quote, band = replace(a_quote(), **of(QUOTE)), PriceBand(rs(792), rs(1188))
    band = replace(band, **of(BAND))
    signal = a_signal(direction=way, has_vote=votes, edge=0.02,
                      target_first=a_probability(0.5), stop_first=a_probability(0.3))  # fmt: skip
    playbook = a_playbook(size_multiple=odd.get("multiple", 1.0))
    candidate = a_candidate(quote=quote, band=band, signal=signal, playbook=playbook,
                            **of(CANDIDATE))  # fmt: skip
    some = (replace(a_held(sector="Energy"), value=odd.get("held", rs(20_000))),)
    book = a_book(positions=some, **of(BOOK))
    cap = Capped("login", Caps(rs(80_000), rs(900_000)), odd.get("used", ZERO))

    def cost(qty: int, price: Money) -> Money:
        return Money(odd.get("fee", 2_000) + qty)

    made = allocate(
        candidate, rules, book, charges=cost, closing=cost, capped=(cap,) if votes else ()
    )
    assert made.qty >= 0 and (made.qty == 0) == bool(made.rejected.strip())
    assert all(0 <= cut.to_qty < cut.from_qty and cut.reason for cut in made.clamps)
    if not made.qty:
        assert (made.notional, made.at_risk, made.charges) == (ZERO, ZERO, ZERO)
        return
    b = made.bracket
    assert b is not None and ZERO < quote.bid <= quote.ask
    for level in (b.entry_low, b.entry_high, b.stop, b.target):
        assert level.paise > 0 and level.paise % candidate.tick.paise == 0 and band.holds(level)
    assert made.notional + made.charges <= book.cash_free - rules.cash_floor
    assert rules.ticket_min <= made.notional
    assert made.weight_after <= rules.position_weight_max
    assert made.sector_after <= rules.sector_weight_max
    assert made.gross_after <= rules.gross_exposure_max
    assert made.at_risk.share_of(book.equity) <= rules.risk_per_trade_max
    assert made.qty <= rules.volume_share_max * candidate.volume_median
    assert made.vol_after is None or made.vol_after <= rules.vol_target * OVER_TARGET + 1e-9
    assert not votes or made.notional <= cap.left
    assert not made.failed
