"""No input makes an allocation breach its mandate, one trade after another, account by account."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.allocation import Allocation
from core.domain.candidate import Book, Candidate, Comovement
from core.domain.mandate import Mandate
from core.domain.money import Money
from core.mandates.after import book_after
from core.mandates.rooms import rooms
from core.mandates.share_out import Wish, caps_of, share_out
from core.mandates.size import allocate
from core.mandates.vol_target import OVER_TARGET
from tests.made import a_book, a_candidate, a_mandate, a_playbook, a_probability, a_signal
from tests.made.slate import some_shares

SHARES = some_shares(14)
SLACK = 1e-9


@dataclass(frozen=True)
class Market:
    """Shares with their covariance, ATR and volume, drawn from one seed."""

    covariance: np.ndarray
    atr: np.ndarray
    volume: np.ndarray
    votes: np.ndarray

    @classmethod
    def of(cls, seed: int) -> Market:
        rng = np.random.default_rng(seed)
        count = len(SHARES)
        loads = rng.normal(0.8, 0.6, (count, 2)) * rng.uniform(0.05, 0.5)
        own = rng.uniform(0.02, 0.6, count) ** 2
        return cls(
            loads @ loads.T + np.diag(own),
            rng.integers(50, 20_000, count),
            10 ** rng.uniform(3, 7, count),
            rng.uniform(size=count) < 0.6,
        )

    def candidate(self, at: int, book: Book) -> Candidate:
        weights = np.zeros(len(SHARES))
        for held in book.positions:
            place = next(i for i, share in enumerate(SHARES) if share.isin == held.isin)
            weights[place] += held.value.paise / book.equity.paise
        pulled = self.covariance @ weights
        size = np.sqrt(np.diag(self.covariance))
        others = np.flatnonzero(weights)
        alike = [self.covariance[at, i] / size[at] / size[i] for i in others if i != at]
        votes = bool(self.votes[at])
        signal = a_signal(
            isin=SHARES[at].isin, has_vote=votes, edge=0.02 if votes else 0.0,
            target_first=a_probability(0.55), stop_first=a_probability(0.3),
        )  # fmt: skip
        return a_candidate(
            instrument=SHARES[at],
            signal=signal,
            atr=Money(int(self.atr[at])),
            vol=float(size[at]),
            volume_median=float(self.volume[at]),
            correlation_with_book=max([0.0, *alike]),
            moves=Comovement(float(weights @ pulled), float(pulled[at]), 0.3),
        )

    def volatility(self, book: Book) -> float:
        weights = np.zeros(len(SHARES))
        for held in book.positions:
            place = next(i for i, share in enumerate(SHARES) if share.isin == held.isin)
            weights[place] += held.value.paise / book.equity.paise
        return float(np.sqrt(weights @ self.covariance @ weights))


fractions = st.floats(0.02, 1.0)
mandates_drawn = st.builds(
    lambda **f: a_mandate(**(f | {"sector_weight_max": max(f["sector_weight_max"],
                                                           f["position_weight_max"])})),
    position_weight_max=fractions,
    sector_weight_max=fractions,
    gross_exposure_max=fractions,
    risk_per_trade_max=st.floats(0.0005, 0.015),
    vol_target=st.floats(0.01, 0.6),
    volume_share_max=st.floats(0.0001, 0.25),
    positions_max=st.integers(1, 12),
    correlation_max=st.floats(0.05, 1.0),
    cash_floor=st.integers(0, 10_000_000).map(Money),
    ticket_min=st.integers(0, 2_000_000).map(Money),
    charges_of_ticket_max=st.floats(0.003, 0.05),
    charges_of_gain_max=st.floats(0.05, 1.0),
)  # fmt: skip


def cost(qty: int, price: Money) -> Money:
    """A tenth of a percent and ₹20."""
    return Money(price.paise * qty // 1000 + 2_000)


def keeps_its_word(made: Allocation) -> None:
    """Clamps only cut, one after another; no shares has a reason, shares have none."""
    assert all(0 <= one.to_qty < one.from_qty and one.reason for one in made.clamps)
    for before, after in zip(made.clamps, made.clamps[1:], strict=False):
        assert after.from_qty == before.to_qty
    if made.clamps:
        assert made.sized == made.clamps[-1].to_qty
    assert 0 <= made.qty <= made.sized
    assert (made.qty == 0) == bool(made.rejected)
    if not made.qty:
        assert (made.notional.paise, made.at_risk.paise, made.charges.paise) == (0, 0, 0)


def stands_within(book: Book, mandate: Mandate, market: Market) -> None:
    """The book after a trade holds every limit of its mandate."""
    equity = book.equity.paise
    for held in book.positions:
        assert book.weight_of(held.isin) <= mandate.position_weight_max + SLACK
        assert book.sector_weight(held.sector) <= mandate.sector_weight_max + SLACK
        assert held.at_risk.paise / equity <= mandate.risk_per_trade_max + SLACK
    assert book.gross <= mandate.gross_exposure_max + SLACK
    assert book.cash_free >= mandate.cash_floor
    assert len(book.positions) <= mandate.positions_max
    assert market.volatility(book) <= mandate.vol_target * OVER_TARGET * (1 + 1e-3)


@settings(max_examples=120)
@given(
    seed=st.integers(0, 10_000),
    mandate=mandates_drawn,
    equity=st.integers(10_000_000, 5_000_000_000),
    spent=st.floats(0.3, 1),
    order=st.permutations(range(len(SHARES))),
    multiple=st.floats(0.1, 3.0),
)
def test_one_trade_after_another_stays_within_the_mandate(
    seed, mandate, equity, spent, order, multiple
):
    market = Market.of(seed)
    book = a_book(equity=Money(equity), cash_free=Money(int(equity * spent)))
    for at in order:
        candidate = replace(market.candidate(at, book), playbook=a_playbook(size_multiple=multiple))
        made = allocate(candidate, mandate, book, charges=cost, closing=cost)
        keeps_its_word(made)
        if made.qty:
            assert candidate.correlation_with_book <= mandate.correlation_max + SLACK or not (
                book.positions
            )
            assert made.qty <= mandate.volume_share_max * candidate.volume_median
            book = book_after(book, made, sector=SHARES[at].sector)
            stands_within(book, mandate, market)


@settings(max_examples=60)
@given(
    seed=st.integers(0, 10_000),
    rules=st.lists(mandates_drawn, min_size=2, max_size=4),
    equities=st.lists(st.integers(10_000_000, 1_000_000_000), min_size=4, max_size=4),
    order=st.permutations(range(6)),
)
def test_accounts_that_want_the_same_shares_stay_within_theirs_and_the_days(
    seed, rules, equities, order
):
    market = Market.of(seed)
    names = [f"a{n}" for n in range(len(rules))]
    mandates = dict(zip(names, rules, strict=True))
    logins = {name: f"l{n % 2}" for n, name in enumerate(names)}
    books = {
        name: a_book(account_id=name, equity=Money(equity), cash_free=Money(equity))
        for name, equity in zip(names, equities, strict=False)
    }

    def sized(name: str, at: int, caps=()) -> Allocation:
        return allocate(market.candidate(at, books[name]), mandates[name], books[name],
                        charges=cost, closing=cost, others=caps)  # fmt: skip

    for at in order:
        alone = {name: sized(name, at) for name in names}
        wishes = [Wish(name, logins[name], alone[name].qty) for name in names if alone[name].qty]
        if not wishes:
            continue
        found = rooms(
            wishes, mandates=mandates, logins=logins, volume=float(market.volume[at]), taken={},
            capped={}, dearest=Money(1),
        )  # fmt: skip
        caps = caps_of(wishes, share_out(wishes, found), found)
        bought = 0
        for wish in wishes:
            name = wish.account_id
            made = sized(name, at, (caps[name],)) if name in caps else alone[name]
            keeps_its_word(made)
            assert made.qty <= wish.qty
            bought += made.qty
            if made.qty:
                books[name] = book_after(books[name], made, sector=SHARES[at].sector)
                stands_within(books[name], mandates[name], market)
        boldest = max(mandates[wish.account_id].volume_share_max for wish in wishes)
        assert bought <= boldest * market.volume[at]
