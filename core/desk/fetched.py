"""What a fetch did, share by share and together, and the sentence for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from core.domain.words import age
from core.providers.agree import Dispute
from core.providers.bar_run import BarRun
from core.providers.failover import Found
from core.providers.universe_file import Listing


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Bars not stored: of days without a session, and before a demerger or rights issue."""

    closed_days: int = 0
    before_priced_action: int = 0


@dataclass(frozen=True, slots=True)
class ShareFetched:
    """What became of one share; `failure` is empty unless nothing could be fetched."""

    symbol: str
    source: str
    asked: int
    written: int
    left_out: LeftOut
    disputes: tuple[Dispute, ...]
    stale_seconds: float
    failure: str
    sentence: str


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


def nothing(share: Listing, sentence: str, *, failure: str = "") -> ShareFetched:
    """A share of which nothing was written; `failure` when sources are to blame."""
    return ShareFetched(share.symbol, "", 0, 0, LeftOut(), (), 0.0, failure, sentence)


def summed(
    done: Sequence[ShareFetched], failed: tuple[str, ...], start: date, end: date
) -> Fetched:
    """All shares together."""
    rows = sum(one.written for one in done)
    disputes = sum(len(one.disputes) for one in done)
    sentence = f"{rows} bars of {len(done) - len(failed)} shares from {start} to {end}"
    if disputes:
        sentence += f"; {disputes} closes differ between sources, both are kept"
    if failed:
        sentence += f"; nothing of {', '.join(failed)}"
    return Fetched(start, end, rows, tuple(done), failed, sentence)
