"""A share's bars with the lines the person chose, the desk's levels and fills, and its news."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import numpy as np
from sqlmodel import Session

from core.desk.desk import Desk
from core.domain.action import ActionKind, ActionStatus, CorporateAction
from core.domain.clock import ist_day
from core.domain.event import Stance, TaggedEvent
from core.domain.order import Fill
from core.domain.plan import PlanStatus
from core.domain.succession import members
from core.domain.words import day, number, price, qty
from core.store import actions, cards, events, fills, ledger, plans, protections, successions
from core.views.chart import Candles, Chart, FillMark, Level, Line, Mark, MarkTone, Pane, Zone
from core.views.overlays import overlays, panes
from core.views.series import Series, bars_shown, read_series

HOLDING = (PlanStatus.ENTERING, PlanStatus.HOLDING, PlanStatus.EXITING)
EVENTS_MAX, FILLS_MAX = 200, 500
LEANS = {Stance.POSITIVE: "▲", Stance.NEUTRAL: "○", Stance.NEGATIVE: "▼"}
TONES: dict[Stance, MarkTone] = {
    Stance.POSITIVE: "gain",
    Stance.NEUTRAL: "mute",
    Stance.NEGATIVE: "loss",
}
LETTERS = {
    ActionKind.SPLIT: "S",
    ActionKind.BONUS: "B",
    ActionKind.RIGHTS: "R",
    ActionKind.DEMERGER: "X",
    ActionKind.DIVIDEND: "D",
    ActionKind.CONSOLIDATION: "C",
}


def symbol_chart(
    desk: Desk,
    isin: str,
    *,
    lines: Sequence[str] = (),
    strips: Sequence[str] = (),
    span: str = "6 months",
    timeframe: str = "D",
) -> Chart:
    """Read bars and work out the lines over all of them, then show the last `span`.

    Raises:
        NotFound: no bars are stored for the share.
        NoData: no stored bar can be drawn.
    """
    with desk.store.read() as tx:
        series = read_series(tx, desk, isin, timeframe=timeframe, span=span)
        levels, zones = _lines_of_the_desk(tx, isin)
        done = [one for one in fills.recent(tx, FILLS_MAX) if one.isin == isin]
        heard = events.heard_of(tx, isin, EVENTS_MAX)
        befell = actions.of_isins(tx, members([isin], successions.links(tx)))
    prices = series.prices()
    cut = len(series.days) - bars_shown(series, timeframe=timeframe, span=span)
    shown = series.days[cut:]
    return Chart(
        candles=_candles(series, cut),
        readout=_readout(series),
        last_price=number_of(float(series.close[-1])),
        overlays=tuple(_tail(line, cut) for line in overlays(lines, prices)),
        panes=tuple(_tail_pane(pane, cut) for pane in panes(strips, prices)),
        levels=tuple(_placed(level, shown) for level in levels),
        zones=tuple(Zone(z.name, z.low, z.high, _near(shown, since)) for z, since in zones),
        fills=_fills(done, shown),
        marks=(*_news(heard, series, cut), *_befell(befell, series, cut)),
    )


def number_of(rupees: float) -> str:
    """A drawn price with Indian grouping."""
    return number(Decimal(repr(round(rupees, 2)))) if np.isfinite(rupees) else "–"


def _lines_of_the_desk(
    tx: Session, isin: str
) -> tuple[list[tuple[Level, date]], list[tuple[Zone, date]]]:
    """Average, stop and target of what is held, and those of the first waiting card."""
    found: list[tuple[Level, date]] = []
    zones: list[tuple[Zone, date]] = []
    covers = {cover.plan_id: cover for cover in protections.live(tx)}
    opened: list[date] = []
    for plan in plans.with_status(tx, *HOLDING):
        if plan.isin != isin:
            continue
        cover = covers.get(plan.id)
        stop = cover.stop if cover else plan.bracket.stop
        target = cover.target if cover else plan.bracket.target
        opened.append(ist_day(plan.opened_at))
        found.append((Level("SL", float(stop.in_rupees), "stop"), opened[-1]))
        found.append((Level("TP", float(target.in_rupees), "target"), opened[-1]))
    held = [one for one in ledger.positions(tx) if one.isin == isin and one.qty]
    for one in held[:1]:  # other accounts' averages stand in the table beside the chart
        since = min(opened, default=date.min)
        found.append((Level("Avg", float(one.avg_price.in_rupees), "avg"), since))
    waiting = [id for id, of in cards.open_ids(tx) if of == isin]
    for id in waiting[:1]:  # cards of other accounts differ by a few ticks
        card = cards.by_id(tx, id)
        b, since = card.bracket, ist_day(card.written_at)
        low, high = float(b.entry_low.in_rupees), float(b.entry_high.in_rupees)
        zones.append((Zone("Entry", low, high), since))
        worst = float(b.worst_entry.in_rupees)
        found.append((Level("Entry", worst, "entry"), since))
        found.append((Level("SL", float(b.stop.in_rupees), "stop"), since))
        found.append((Level("TP", float(b.target.in_rupees), "target"), since))
    return found, zones


def _placed(level: tuple[Level, date], days: Sequence[date]) -> Level:
    drawn, since = level
    return Level(drawn.name, drawn.price, drawn.tone, since=_near(days, since))


def _near(days: Sequence[date], since: date) -> int:
    """A little before a day's bar, so that a line of today can be seen."""
    return max(0, _bar_of(days, since) - len(days) // 12)


def _fills(done: Sequence[Fill], days: Sequence[date]) -> tuple[FillMark, ...]:
    return tuple(
        FillMark(
            _bar_of(days, ist_day(fill.traded_at)),
            float(fill.price.in_rupees),
            fill.qty > 0,
            f"{'Bought' if fill.qty > 0 else 'Sold'} {qty(abs(fill.qty))} at "
            f"{price(fill.price)}, {day(fill.traded_at)}",
        )
        for fill in done
        if ist_day(fill.traded_at) >= days[0]
    )


def _news(heard: Sequence[tuple[TaggedEvent, str]], series: Series, cut: int) -> tuple[Mark, ...]:
    days = series.days[cut:]
    found = []
    for tag, headline in heard:
        on = ist_day(tag.known_at)
        if on >= days[0]:
            bar = _bar_of(days, on)
            words = f"{day(on)} · {tag.event_type}: {headline}"
            high = float(series.high[cut + bar])
            found.append(Mark(bar, high, LEANS[tag.stance], TONES[tag.stance], words))
    return tuple(found)


def _befell(befell: Sequence[CorporateAction], series: Series, cut: int) -> tuple[Mark, ...]:
    """Corporate actions under the bar of their ex-date; refused ones are left out."""
    days = series.days[cut:]
    found = []
    for one in befell:
        if one.status is not ActionStatus.REFUSED and days[0] <= one.ex_date <= days[-1]:
            bar = _bar_of(days, one.ex_date)
            waits = ", inferred, waits for a person" if one.status is ActionStatus.INFERRED else ""
            words = f"Ex {day(one.ex_date)} · {one.kind.lower()}{waits}: {one.subject}"
            low = float(series.low[cut + bar])
            found.append(Mark(bar, low, LETTERS.get(one.kind, "A"), "action", words))
    return tuple(found)


def _candles(series: Series, cut: int) -> Candles:
    return Candles(
        days=series.days[cut:],
        open=series.open[cut:],
        high=series.high[cut:],
        low=series.low[cut:],
        close=series.close[cut:],
        volume=series.volume[cut:],
        times=series.times[cut:],
    )


def _readout(series: Series) -> str:
    first, high, low, last = (
        number_of(float(values[-1]))
        for values in (series.open, series.high, series.low, series.close)
    )
    volume = number_of(float(series.volume[-1]) / 1e5)
    at = f"{day(series.days[-1])} {series.times[-1] if series.times else ''}".strip()
    return f"{at}   O {first}   H {high}   L {low}   C {last}   Vol {volume} L"


def _tail(line: Line, cut: int) -> Line:
    return Line(line.name, line.values[cut:], line.dashed, line.family)


def _tail_pane(pane: Pane, cut: int) -> Pane:
    lines = tuple(_tail(line, cut) for line in pane.lines)
    return Pane(pane.name, lines, pane.bars[cut:], pane.guides)


def _bar_of(days: Sequence[date], on: date) -> int:
    """The bar of a day, or the next one; news of a closed day moves the bar after it."""
    return min(bisect_left(days, on), len(days) - 1)
