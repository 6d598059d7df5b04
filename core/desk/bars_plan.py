"""Daily bars of one file made ready for the store, and written beside what is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from sqlmodel import Session

from core.desk.suggest_actions import explained
from core.domain.action import Factor
from core.domain.instrument import Instrument
from core.market.infer import Guess, infer
from core.panel import Panel
from core.providers.bar_file import BarFile
from core.providers.bar_panel import Laid, lay_out
from core.providers.factors import PriceBreak, price_breaks, without_breaks
from core.providers.source_rank import source_rank
from core.store import bar_extras
from core.store.bar_merge import Merged, merge_panel


@dataclass(frozen=True, slots=True)
class Planned:
    """A file's bars as a panel, the breaks that look like actions and those like nothing."""

    file: BarFile
    laid: Laid
    guesses: tuple[Guess, ...]
    breaks: tuple[PriceBreak, ...]


def plan_bars(
    file: BarFile,
    universe: Sequence[Instrument],
    known: Sequence[Factor],
    paid: set[tuple[str, date]],
) -> Planned:
    """Lay a file out and look for price breaks that no factor explains.

    Raises:
        NoData: no row names a share of the universe.
    """
    laid = lay_out(file, universe)
    named = explained(laid.panel, known)
    guesses = infer(named, dividends=paid)
    factor = named.factor.copy()
    days = np.array(named.sessions, dtype="datetime64[D]")
    for one in guesses:
        factor[days < np.datetime64(one.ex_date), named.column(one.isin)] *= one.divisor
    breaks = price_breaks(replace(laid.panel, factor=factor))
    return Planned(file, laid, tuple(guesses), tuple(breaks))


def put_bars(tx: Session, plan: Planned) -> Merged:
    """Write what is new, without bars before an unexplained break; the exchange's file stands."""
    panel = without_breaks(plan.laid.panel, plan.breaks) if plan.breaks else plan.laid.panel
    source = plan.file.source
    bar_extras.put(tx, panel, plan.laid.extras, source, rank=source_rank)
    return merge_panel(tx, panel, source, rank=source_rank, last=plan.laid.last)


def spans(panels: Sequence[Panel]) -> tuple[int, int]:
    """How many shares and how many sessions several panels have together."""
    shares = {isin for panel in panels for isin in panel.isins}
    return len(shares), len({session for panel in panels for session in panel.sessions})
