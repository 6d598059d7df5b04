"""Companies' figures from the network into the store: dated snapshots, one a company and day.

A snapshot carries the moment the vendor answered, not the moment it was written, so an answer
out of the cache is the snapshot that is kept already.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, Final

from core.desk.desk import Desk
from core.desk.fetch_steps import WALL, Progress, each, known_shares
from core.desk.fetched import Fetched, LeftOut, ShareFetched, summed
from core.desk.imports import refuse_sim
from core.domain.clock import Clock, ist_day
from core.domain.words import age
from core.errors import BadSetting, NoData, SourceFailed
from core.providers.bar_run import Fundamentals, Quarter
from core.providers.failover import Found, first_good
from core.providers.universe_file import Listing
from core.store import audit, fundamentals
from core.store.fundamentals import Figure, Snapshot

QUARTERS_KEPT: Final = 4
IN_ACCOUNTS: Final = ("eps", "book_value")  # money per share in the company's own currency
FRACTIONS: Final = (
    "dividend_yield",
    "return_on_equity",
    "profit_margin",
    "operating_margin",
    "gross_margin",
    "revenue_growth",
)


def fetch_figures(
    desk: Desk,
    symbols: Sequence[str],
    sources: Sequence[Any],
    *,
    by: str,
    progress: Progress = lambda fraction, sentence: None,
    clock: Clock = WALL,
) -> Fetched:
    """Fetch every company's figures from the first source that has them.

    Raises:
        BadInput: a simulated store, or no symbol.
        BadSetting: none of the sources gives figures.
        CalledOff: a person stopped it between two companies.
        NotFound: a symbol that no list here knows.
        SourceFailed: not one company's figures could be fetched.
    """
    refuse_sim(desk, "figures")
    able = [one for one in sources if hasattr(one, "fundamentals")]
    if not able:
        asked = ", ".join(one.name for one in sources)
        raise BadSetting(f"{asked} gives no fundamentals; yfinance does, and needs no key")
    shares = known_shares(desk, symbols)
    today = ist_day(clock.now())

    def fetch_one(share: Listing) -> ShareFetched:
        return _write(desk, share, _asked(able, share), by=by)

    def told(done: Sequence[ShareFetched], failed: tuple[str, ...]) -> Fetched:
        return summed(done, failed, today, today, what="figures")

    done = each(shares, fetch_one, progress, lambda d, failed: told(d, failed).sentence)
    return told(done, tuple(one.symbol for one in done if one.failure))


def _asked(sources: Sequence[Any], share: Listing) -> tuple[Found[Fundamentals], Any, str]:
    """The figures, the quarters of the same source, and why there are none of those."""
    found = first_good(sources, lambda source: source.fundamentals(share))
    [source] = [one for one in sources if one.name == found.source]
    try:
        return found, source.quarters(share).value, ""
    except (NoData, SourceFailed) as missing:
        return found, (), f"; no quarters: {missing}"


def _write(
    desk: Desk,
    share: Listing,
    asked: tuple[Found[Fundamentals], Sequence[Quarter], str],
    *,
    by: str,
) -> ShareFetched:
    found, quarters, without = asked
    answer = found.answer
    figures = (*figures_of(answer.value), *quarterly(quarters[:QUARTERS_KEPT]))
    snapshot = Snapshot(share.isin, found.source, answer.at, figures)
    with desk.store.write() as tx:
        new = fundamentals.put(tx, snapshot)
        if new:
            audit.append(
                tx,
                at=desk.clock.now(),
                actor=by,
                verb="fetch figures",
                subject=share.isin,
                body={"source": found.source, "figures": new, "fetched_at": str(answer.at)},
            )
    words = f"{share.symbol}: {new} figures from {found.source}"
    if not new:
        words = f"{share.symbol}: {found.source}'s answer is kept already"
    if answer.age_seconds:
        words += f", answered {age(answer.age_seconds)} ago"
    if answer.is_stale:
        words += f", because {answer.why_stale}"
    tried = "".join(f"; {one.source} gave none ({one.sentence})" for one in found.tried)
    return ShareFetched(
        symbol=share.symbol,
        source=found.source,
        asked=len(figures),
        written=new,
        left_out=LeftOut(),
        disputes=(),
        stale_seconds=answer.age_seconds if answer.is_stale else 0.0,
        failure="",
        sentence=words + without + tried,
    )


def figures_of(told: Fundamentals) -> tuple[Figure, ...]:
    """What stands now, each with its unit; what the source does not give has no figure."""
    made = []
    for one in fields(told):
        value = getattr(told, one.name)
        if isinstance(value, float):
            made.append(Figure(one.name, value, _unit(one.name, told.currency)))
    return tuple(made)


def quarterly(quarters: Sequence[Quarter]) -> tuple[Figure, ...]:
    """Revenue and profit under the last day of their quarter."""
    return tuple(
        Figure(metric, value, one.currency, one.ends.isoformat())
        for one in quarters
        for metric, value in (("revenue", one.revenue), ("profit", one.profit))
        if value is not None
    )


def _unit(metric: str, currency: str) -> str:
    if metric == "market_cap":
        return "INR"
    if metric in IN_ACCOUNTS:
        return currency
    if metric == "shares":
        return "shares"
    return "fraction" if metric in FRACTIONS else "times"
