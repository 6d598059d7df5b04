"""What every account would take of signals that somebody brings; nothing is written.

The same filters, order, sizes and guardrails as for a scan's candidates, on the books and prices
of this moment. What one account takes of one share counts for its next, and accounts that want
the same share part it. It needs no model: whoever brings odds answers for them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from core.desk import recheck
from core.desk.books import kind_of
from core.desk.brought import Brought, gather
from core.desk.comove import comovement, correlation
from core.desk.desk import Desk
from core.desk.ex_dates import sessions_to_ex
from core.desk.left import sessions_since
from core.desk.quality_now import WHOLE_STANDING
from core.desk.signal_file import FileSignal
from core.desk.slates import standing_of
from core.desk.ticket_costs import ticket_costs
from core.domain.allocation import Allocation
from core.domain.candidate import Book, Candidate
from core.domain.clock import ist_day
from core.domain.order import Side
from core.mandates.caps import Cap
from core.mandates.filters import FILTERS, filtered, why
from core.mandates.prefer import preferred_first
from core.mandates.rank import ranked
from core.mandates.round import Ask, Field, size_round
from core.mandates.size import allocate


@dataclass(frozen=True, slots=True)
class Weighed:
    """One account and one signal: its place in the account's order, and what became of it.

    `place` is 0 and `allocation` None where a filter, named in `turned_down_by`, said no first.
    """

    account_id: str
    account_name: str
    isin: str
    symbol: str
    place: int
    ranked_by: str
    turned_down_by: str
    reason: str
    allocation: Allocation | None


def weigh_signals(desk: Desk, signals: Sequence[FileSignal]) -> tuple[Weighed, ...]:
    """Every account against every signal, account by account in its own order.

    Raises:
        NotFound: a symbol nobody lists, or one without a price or bars.
        NoData: too little history to say which market it is.
    """
    now = gather(desk, signals)
    by_account = {name: _filtered(now, name) for name in sorted(now.accounts)}
    sized = _sized(now, by_account)
    return tuple(
        _worded(row, sized.get((row.account_id, row.isin)))
        for name in by_account
        for row in by_account[name]
    )


def _worded(row: Weighed, made: Allocation | None) -> Weighed:
    return row if made is None else replace(row, allocation=made, reason=made.rejected)


def _filtered(now: Brought, name: str) -> list[Weighed]:
    """One account's signals: kept ones in its order, then those a filter turned down."""
    standing = standing_of(now, name)
    kept: list[Weighed] = []
    refused: list[Weighed] = []
    for slate in now.slates:
        found = filtered(slate, standing)
        order = {
            one.isin: one for one in ranked(slate, found.kept, standing.mandate, standing.book)
        }
        sectors = {share.isin: share.sector for share in slate.shares}
        for isin in preferred_first(list(order), sectors, standing.mandate):
            kept.append(_row(now, name, isin, place=len(kept) + 1, words=order[isin].words))
        for at in np.flatnonzero(found.first >= 0):
            refused.append(_row(now, name, slate.isins[at],
                                filter_name=FILTERS[int(found.first[at])].name,
                                reason=why(slate, standing, found, int(at))))  # fmt: skip
    refused += [
        _row(now, name, isin, filter_name="Playbook", reason=f"{words[0].upper()}{words[1:]}.")
        for isin, words in now.uncovered.items()
    ]
    return [*kept, *refused]


def _row(
    now: Brought,
    name: str,
    isin: str,
    *,
    place: int = 0,
    words: str = "",
    filter_name: str = "",
    reason: str = "",
) -> Weighed:
    account = now.accounts[name]
    symbol = now.instruments[isin].symbol
    return Weighed(name, account.name, isin, symbol, place, words, filter_name, reason, None)


def _sized(
    now: Brought, by_account: Mapping[str, Sequence[Weighed]]
) -> dict[tuple[str, str], Allocation]:
    """Every kept signal sized, by account and ISIN."""
    kept = [row for rows in by_account.values() for row in rows if row.place]
    field = Field(
        shares=now.instruments,
        volumes={row.isin: now.facts(row.isin).volume_median for row in kept},
        taken=now.taken,
        mandates=now.mandates,
        logins={name: account.login_id for name, account in now.accounts.items()},
        books=now.books,
        capped=now.capped,
    )
    asks = [Ask(row.place, row.account_id, row.isin) for row in kept]
    return size_round(asks, field, sized=partial(_allocated, now))


def _allocated(
    now: Brought, isin: str, name: str, book: Book, others: tuple[Cap, ...]
) -> Allocation:
    candidate = _candidate(now, isin, name, book)
    side = Side.SELL if candidate.signal.direction < 0 else Side.BUY
    mandate = now.mandates[name]
    charges, closing = ticket_costs(
        now.brokers[name],
        mandate,
        side=side,
        on=ist_day(now.at),
        security=kind_of(isin, candidate.instrument.symbol),
    )
    return allocate(
        candidate,
        mandate,
        book,
        charges=charges,
        closing=closing,
        capped=now.capped.get(name, ()),
        others=others,
    )


def _candidate(now: Brought, isin: str, name: str, book: Book) -> Candidate:
    facts, quote, today = now.facts(isin), now.quotes[isin], ist_day(now.at)
    held = {one.isin: now.facts(one.isin) for one in book.positions}
    age = (now.at - quote.received_at).total_seconds() * now.feed_factor
    asked = now.asked[isin]
    return recheck.candidate_from(
        now.instruments[isin],
        quote=quote,
        facts=facts,
        signal=asked.signal,
        label=asked.label,
        playbook=asked.playbook,
        tag=asked.tag,
        event_age_minutes=0.0 if asked.tag else None,
        earnings_in_sessions=recheck.sessions_to_results(
            now.calendar, today, now.results.get(isin, ())
        ),
        correlation=correlation(facts, held, book, direction=asked.signal.direction),
        moves=comovement(facts, held, book, usual=now.usual),
        left_sessions_ago=sessions_since(now.calendar, today, now.left.get((name, isin))),
        quote_age_seconds=max(0.0, age),
        quality=now.standings.get(isin, WHOLE_STANDING),
        goes_ex_in_sessions=sessions_to_ex(now.calendar, today, now.ex_dates.get(isin)),
    )
