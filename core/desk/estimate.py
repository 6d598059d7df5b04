"""What a demerger or a rights issue took out of a price, before a person said how cost is split.

The exchange finds the first price of the ex-date by auction; the last close over it is what one
old share is worth in new ones. It is an estimate, and every screen that uses it says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction

from sqlmodel import Session

from core.domain.action import ActionStatus, CorporateAction
from core.domain.clock import ist_day
from core.domain.ledger import SPUN_OFF
from core.domain.money import Money, total
from core.domain.quote import Quote
from core.domain.succession import members
from core.domain.words import rupees
from core.store import bars, factors, settings, successions

KEY = "first price:"


@dataclass(frozen=True, slots=True)
class PriceRatio:
    """Old price over new one; `words` say where it is from, empty where it is 1 and unknown."""

    ratio: Fraction
    words: str


UNKNOWN = PriceRatio(Fraction(1), "")


def price_ratio(tx: Session, action: CorporateAction, quote: Quote | None) -> PriceRatio:
    """How many times today's price an old share is worth; 1 where nothing tells."""
    chain = members([action.isin], successions.links(tx))
    for one in factors.all_factors(tx, isins=chain):
        mine = (one.ex_date, one.kind, one.status)
        if mine == (action.ex_date, action.kind, ActionStatus.CONFIRMED):
            told = Fraction(one.divisor).limit_denominator(10**6)
            return PriceRatio(told, f"a divisor of {one.divisor:.4f} by {one.source}")
    row = settings.get(tx, KEY + action.id, None)
    if row is not None:
        return _over(Money(int(row["close_paise"])), Money(int(row["first_paise"])))
    close, first = _seen(tx, action, quote)
    return _over(close, first)


def keep_first_price(tx: Session, action: CorporateAction, quote: Quote) -> None:
    """Keep last close and first price once, so that the estimate stays while prices move."""
    if settings.get(tx, KEY + action.id, None) is None:
        close, first = _seen(tx, action, quote)
        if close and first:
            kept = {"close_paise": close.paise, "first_paise": first.paise}
            settings.put(tx, KEY + action.id, kept)


def is_kept(tx: Session, action: CorporateAction) -> bool:
    """Whether the first price of an ex-date was kept."""
    return settings.get(tx, KEY + action.id, None) is not None


def spun_off(tx: Session, account_id: str, balances: Mapping[str, Money]) -> Money:
    """Demerged businesses at what the price lost on their ex-date, at cost where nothing told."""
    return total(
        Money(int(settings.get(tx, worth_key(account_id, name), amount.paise)))
        for name, amount in balances.items()
        if name.startswith(SPUN_OFF) and amount
    )


def worth_key(account_id: str, name: str) -> str:
    """Where the worth of what left an account is kept; `name` is the ledger account."""
    return f"worth:{account_id}:{name}"


def _seen(tx: Session, action: CorporateAction, quote: Quote | None) -> tuple[Money, Money]:
    """The last close before an ex-date and the first price since; zero where one is not known."""
    if quote is None or ist_day(quote.at) < action.ex_date:
        return Money(0), Money(0)
    first = quote.open or quote.ltp
    chain = members([action.isin], successions.links(tx))
    before = action.ex_date - timedelta(days=1)
    if bars.with_bars(tx, [action.isin], until=before):
        panel = bars.read_raw(tx, chain, end=before)
        closes = [float(one) for one in panel.close.ravel() if one == one]
        if closes:
            return Money(round(closes[-1] * 100)), first
    on_the_day = ist_day(quote.at) == action.ex_date
    return (quote.prev_close if on_the_day else Money(0)), first


def _over(close: Money, first: Money) -> PriceRatio:
    """Only a fall is what left; a first price above the close is the market's."""
    if not first or close <= first:
        return UNKNOWN
    said = f"an estimate: the last close {rupees(close)} over the first price {rupees(first)}"
    return PriceRatio(Fraction(close.paise, first.paise), said)
