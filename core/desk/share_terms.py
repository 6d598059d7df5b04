"""Which positions still stand in old share terms, and what a price means to them.

An action reaches the books when a person confirmed it. Until then the books count old shares while
broker and prices are in new ones; every figure that multiplies the two asks here. What is held as
an ex-date begins is counted anew, whatever was sold since: a sale from then on is in new shares.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from fractions import Fraction

from sqlmodel import Session

from core.desk.closes import last_prices
from core.desk.estimate import price_ratio
from core.domain.action import ActionKind, CorporateAction, share_ratio
from core.domain.clock import IST, ist_day
from core.domain.ledger import EXTERNAL
from core.domain.money import Money, total
from core.domain.quote import Quote
from core.domain.succession import members, newest, same_share
from core.store import actions, ledger, quotes, reconciliations, successions
from core.store.moment import kept
from core.treasury.terms import action_entry

NEW_ISIN = frozenset({ActionKind.SPLIT, ActionKind.CONSOLIDATION})
Moves = tuple[tuple[int, Money], ...]


@dataclass(frozen=True, slots=True)
class Unbooked:
    """An action that reached some accounts' shares and not yet their books.

    The books count them under `isin`, and they go on under `successor`, the same unless the
    action made a new one. `old` are signed shares in old terms by account, EXTERNAL buckets
    included; `since` is what each posted from the ex-date on, in new terms.
    """

    action: CorporateAction
    isin: str
    successor: str
    old: Mapping[str, int]
    since: Mapping[str, Moves]

    @property
    def ratio(self) -> Fraction:
        """New shares for one old one; 1 where the count stays."""
        return share_ratio(self.action) or Fraction(1)

    def traded(self, account_id: str) -> int:
        """Signed shares an account traded since the ex-date."""
        return sum(shares for shares, _ in self.since.get(account_id, ()))

    def booked(self, account_id: str) -> int:
        """Shares that the books count now."""
        return self.old.get(account_id, 0) + self.traded(account_id)

    def is_gone(self, account_id: str) -> bool:
        """Whether the books ran out of an account's shares since the ex-date."""
        left = [self.old[account_id]]
        for shares, _ in self.since.get(account_id, ()):
            left.append(left[-1] + shares)
        return any(one * left[0] <= 0 for one in left)


@dataclass(slots=True)
class Waiting:
    """Everything that waits, worked out again when books, actions or successions changed."""

    key: object = None
    found: tuple[Unbooked, ...] = ()

    def of(self, tx: Session, *, until: date) -> tuple[Unbooked, ...]:
        """Every action not booked in some account, oldest first; cheap while nothing changes."""
        links = successions.links(tx)
        key = (
            str(tx.get_bind().engine.url),
            until,
            ledger.newest_posting(tx),
            actions.confirmed(tx, until=until),
            tuple(sorted(links.items())),
        )
        if key != self.key:
            self.found, self.key = tuple(_all_unbooked(tx, links, until=until)), key
        return self.found


WAITING = Waiting()


def ex_moment(ex_date: date) -> datetime:
    """When an ex-date begins in India."""
    return datetime.combine(ex_date, time(), IST)


def unbooked(
    tx: Session, isins: Iterable[str] | None, *, until: date, sold: bool = False
) -> list[Unbooked]:
    """Actions with an ex-date by `until` that a person has to confirm, oldest first.

    Shares that the books ran out of since the ex-date wait only where the broker still counts
    what the action made of them.

    Args:
        isins: some shares, or None for all; earlier and later ISINs of a share count as it.
        sold: those that the books ran out of as well, whatever the broker counts.
    """
    every = WAITING.of(tx, until=until)
    if not every:
        return []
    links = successions.links(tx)
    asked = None if isins is None else frozenset(members(isins, links))
    mine = [one for one in every if asked is None or one.isin in asked]
    if not mine:
        return []
    seen = reconciliations.all_latest(tx)
    arrived = {row.isin: row.arrived_as for one in seen for row in one.explained}
    found = []
    for one in mine:
        old = {
            name: shares
            for name, shares in one.old.items()
            if sold or one.isin in arrived or not one.is_gone(name)
        }
        if old:
            successor = one.successor
            if successor == one.isin and one.action.kind in NEW_ISIN:
                successor = arrived.get(one.isin) or one.isin
            found.append(Unbooked(one.action, one.isin, successor, old, one.since))
    return found


def marks(
    tx: Session, account_id: str, isins: Collection[str], prices: Mapping[str, Quote]
) -> dict[str, Money]:
    """The last price of each share in the terms in which the account counts it.

    It is the official close once that is stored.
    """
    waiting = _waiting_at(tx, prices)
    known = {isin: prices[isin] for isin in isins if isin in prices}
    names = {one.isin: (one.isin, one.successor) for one in waiting}
    for isin in isins:
        if isin in names and (last := newest_quote(prices, names[isin])) is not None:
            known[isin] = last
    found = last_prices(tx, known, known)
    for one in waiting:
        booked = one.booked(account_id)
        quote = known.get(one.isin)
        if quote is None or not booked or ist_day(quote.at) < one.action.ex_date:
            continue
        if account_id in one.old:
            worth = _worth(tx, one, account_id, found[one.isin], quote)
            found[one.isin] = Money(worth.paise // booked)
    return found


def sold_meanwhile(tx: Session, account_id: str, prices: Mapping[str, Quote]) -> Money:
    """What new shares are worth that the books, out of old ones, do not count yet."""
    found = []
    for one in _waiting_at(tx, prices):
        quote = newest_quote(prices, (one.isin, one.successor))
        if quote is None or account_id not in one.old or account_id.startswith(EXTERNAL):
            continue
        if not one.booked(account_id) and ist_day(quote.at) >= one.action.ex_date:
            found.append(_worth(tx, one, account_id, quote.ltp, quote))
    return total(found)


def newest_quote(prices: Mapping[str, Quote], isins: Iterable[str]) -> Quote | None:
    """The last price of a share under any of its ISINs."""
    known = [prices[isin] for isin in isins if isin in prices]
    return max(known, key=lambda quote: quote.at, default=None)


def expected(
    waiting: Sequence[Unbooked], accounts: Collection[str], books: Mapping[str, int]
) -> dict[str, Fraction]:
    """Shares by the ISIN of the books that a broker counts once every action has reached it.

    Args:
        accounts: those of one login, its EXTERNAL bucket included.
        books: signed shares of that login by ISIN, all ISINs of a share taken together.
    """
    found: dict[str, Fraction] = {}
    more: dict[str, Fraction] = {}
    for one in waiting:
        old = sum(shares for account, shares in one.old.items() if account in accounts)
        if not old:
            continue
        base = old + more.get(one.isin, Fraction(0))
        more[one.isin] = more.get(one.isin, Fraction(0)) + base * (one.ratio - 1)
        found[one.isin] = books.get(one.isin, 0) + more[one.isin]
    return found


def together(counts: Mapping[str, int], links: Mapping[str, str]) -> dict[str, int]:
    """Shares by the newest ISIN of each share."""
    found: dict[str, int] = {}
    for isin, shares in counts.items():
        last = newest(isin, links)
        found[last] = found.get(last, 0) + shares
    return found


def new_isins(waiting: Sequence[Unbooked], holdings: Mapping[str, int]) -> dict[str, str]:
    """ISINs of the books that a split made new ones of, as the broker's holdings show them."""
    found: dict[str, str] = {}
    for one in waiting:
        if one.isin in holdings or one.action.kind not in NEW_ISIN or one.successor != one.isin:
            continue
        shown = [isin for isin in holdings if isin != one.isin and same_share(isin, one.isin)]
        if len(shown) == 1:
            found[one.isin] = shown[0]
    return found


def prices_of(tx: Session, isins: Iterable[str]) -> dict[str, Quote]:
    """The last prices that marking these shares takes, out of a whole market's.

    Those of shares that went ex and wait are among them, under both ISINs, and that of the share
    which traded last: its time says which day the prices are of.
    """
    last = quotes.newest(tx)
    if last is None:
        return {}
    waiting = unbooked(tx, None, until=ist_day(last.at))
    more = (isin for one in waiting for isin in (one.isin, one.successor))
    return {last.isin: last} | quotes.of(tx, [*isins, *more])


def _waiting_at(tx: Session, prices: Mapping[str, Quote]) -> list[Unbooked]:
    if not prices:
        return []
    return waiting(tx, until=ist_day(max(quote.at for quote in prices.values())))


def waiting(tx: Session, *, until: date) -> list[Unbooked]:
    """Every action with an ex-date by `until` that waits, read once while a transaction reads."""
    return kept(tx, "waiting", until.isoformat(), lambda: unbooked(tx, None, until=until))


def _worth(tx: Session, one: Unbooked, account_id: str, price: Money, quote: Quote) -> Money:
    """What an account's shares are worth in old terms: those of before at the action's ratio."""
    each = one.ratio if share_ratio(one.action) else price_ratio(tx, one.action, quote).ratio
    right = one.old[account_id] * each + one.traded(account_id)
    return Money(price.paise * right.numerator // right.denominator)


def _all_unbooked(tx: Session, links: Mapping[str, str], *, until: date) -> list[Unbooked]:
    began = ledger.first_moves(tx)
    if not began:
        return []
    first = ist_day(min(began.values()))
    due = actions.moving(tx, members(began, links), until=until, after=first)
    found = []
    for action in due:
        chain = [one for one in began if newest(one, links) == newest(action.isin, links)]
        for isin in chain:
            if began[isin] < ex_moment(action.ex_date):
                found += _of_isin(tx, action, isin, links, until=until)
    return found


def _of_isin(
    tx: Session, action: CorporateAction, isin: str, links: Mapping[str, str], *, until: date
) -> list[Unbooked]:
    at = ex_moment(action.ex_date)
    old = {
        name: shares
        for name, shares in ledger.shares_of(tx, isin, before=at).items()
        # what an account is short of is owed in old terms and bought in so
        if (shares > 0 or name.startswith(EXTERNAL))
        and not ledger.is_posted(tx, action_entry(action.id, name))
    }
    if not old:
        return []
    since: dict[str, Moves] = {}
    for name, shares, cost in ledger.moves_since(tx, isin, at):
        since[name] = (*since.get(name, ()), (shares, cost))
    successor = isin
    if action.kind in NEW_ISIN and isin in links:
        since_day = {one.isin: one.since for one in successions.all_successions(tx)}[isin]
        successor = links[isin] if since_day <= until else isin
    return [Unbooked(action, isin, successor, old, since)]
