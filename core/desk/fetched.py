"""What a fetch did, share by share and together, and the sentence for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from core.domain.words import age
from core.providers.agree import Dispute
from core.providers.bar_run import BarRun
from core.providers.failover import Found
from core.providers.universe_file import Listing

NAMED_MAX: Final = 8


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Bars not stored: of days without a session, and before a demerger or rights issue."""

    closed_days: int = 0
    before_priced_action: int = 0


@dataclass(frozen=True, slots=True)
class ShareFetched:
    """What became of one share; `failure` is empty unless nothing could be fetched.

    `was_whole` when nothing was missing, so nobody was asked.
    """

    symbol: str
    source: str
    asked: int
    written: int
    left_out: LeftOut
    disputes: tuple[Dispute, ...]
    stale_seconds: float
    failure: str
    sentence: str
    was_whole: bool = False


@dataclass(frozen=True, slots=True)
class Fetched:
    """What one fetch did; `failed` names the shares that got nothing because sources failed."""

    start: date
    end: date
    bars: int
    shares: tuple[ShareFetched, ...]
    failed: tuple[str, ...]
    sentence: str


def share_words(
    share: Listing,
    used: str,
    rows: int,
    left_out: LeftOut,
    disputes: tuple[Dispute, ...],
    stale: float,
    found: Sequence[Found[BarRun]],
) -> str:
    """One share's sentence: bars, their source and age, what was left out, what differs."""
    words = f"{share.symbol}: {rows} bars from {used}"
    if stale:
        words += f", from an answer kept for {age(stale)}"
    if left_out.closed_days:
        words += f"; {left_out.closed_days} of days the exchange was closed are left out"
    if left_out.before_priced_action:
        words += (
            f"; {left_out.before_priced_action} before a demerger or rights issue are left out, "
            "because vendors reckon its divisor each their own way"
        )
    if disputes:
        one = disputes[0]
        words += (
            f"; {len(disputes)} closes differ, on {one.session} {one.kept_source}'s "
            f"{one.kept:.2f} stands against {one.other_source}'s {one.other:.2f}"
        )
    tried = dict.fromkeys(f"{t.source} gave none ({t.sentence})" for f in found for t in f.tried)
    return "; ".join([words, *tried])


def nothing(
    share: Listing, sentence: str, *, failure: str = "", was_whole: bool = False
) -> ShareFetched:
    """A share of which nothing was written; `failure` when sources are to blame."""
    none: dict[str, Any] = {"asked": 0, "written": 0, "left_out": LeftOut(), "disputes": ()}
    return ShareFetched(
        share.symbol,
        "",
        **none,
        stale_seconds=0.0,
        failure=failure,
        sentence=sentence,
        was_whole=was_whole,
    )


def summed(
    done: Sequence[ShareFetched],
    failed: tuple[str, ...],
    start: date,
    end: date,
    *,
    what: str = "bars",
) -> Fetched:
    """All shares together: what came from whom, what was there, what has none, what failed."""
    rows = sum(one.written for one in done)
    disputes = sum(len(one.disputes) for one in done)
    sentence = f"{rows} {what} of {len(done) - len(failed)} shares from {start} to {end}"
    for part in (_by_source(done), _quiet(done)):
        sentence += f"; {part}" if part else ""
    if disputes:
        sentence += f"; {disputes} closes differ between sources, both are kept"
    if failed:
        why = next(one.failure for one in done if one.failure)
        sentence += f"; nothing of {named(failed)}: {why}"
    return Fetched(start, end, rows, tuple(done), failed, sentence)


def named(symbols: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    more = len(symbols) - NAMED_MAX
    words = ", ".join(symbols[:NAMED_MAX])
    return f"{words} and {more} more" if more > 0 else words


def _by_source(done: Sequence[ShareFetched]) -> str:
    """`kite 120 of 8 shares, yfinance 30 of 2`."""
    found: dict[str, list[int]] = {}
    for one in done:
        if one.source:
            found.setdefault(one.source, []).append(one.written)
    shares = ("share", "shares")
    return ", ".join(
        f"{source} {sum(rows)} of {len(rows)} {shares[len(rows) > 1]}"
        for source, rows in found.items()
    )


def _quiet(done: Sequence[ShareFetched]) -> str:
    """Shares that got nothing though nobody failed: whole already, or unknown to every source."""
    whole = sum(one.was_whole for one in done)
    absent = [one.symbol for one in done if not (one.source or one.failure or one.was_whole)]
    words = [f"{whole} had nothing missing"] if whole else []
    if absent:
        words.append(f"no source has any of {named(absent)}")
    return ", ".join(words)
