"""A share's bars with the lines the person chose, the desk's levels and fills, and its news."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np
from sqlmodel import Session

from core.desk.desk import Desk
from core.domain.card import CardStatus
from core.domain.clock import ist_day
from core.domain.event import Stance
from core.domain.plan import PlanStatus
from core.domain.quote import Quote
from core.domain.words import day, number, price, qty
from core.errors import NoData
from core.panel import Floats
from core.store import bars, cards, events, fills, plans, protections, quotes
from core.views.chart import Candles, Chart, FillMark, Level, Line, Pane
from core.views.overlays import Prices, overlays, panes

SPANS = {"3 months": 63, "6 months": 126, "1 year": 250, "3 years": 750, "All": 10_000}
TIMEFRAMES = ("D", "W")
HOLDING = (PlanStatus.ENTERING, PlanStatus.HOLDING, PlanStatus.EXITING)
EVENTS_MAX, FILLS_MAX = 200, 500


@dataclass(frozen=True, slots=True)
class EventMark:
    """News at a bar; `stance` is 1, 0 or -1."""

    bar: int
    price: float
    stance: int
    words: str


@dataclass(frozen=True, slots=True)
class SymbolChart:
    """The chart and the news on it."""

    chart: Chart
    marks: tuple[EventMark, ...]


@dataclass(frozen=True, slots=True)
class Series:
    """Adjusted bars of one share without gaps; each array has shape (n_bars,)."""

    days: tuple[date, ...]
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats


def symbol_chart(
    desk: Desk,
    isin: str,
    *,
    lines: Sequence[str] = (),
    strips: Sequence[str] = (),
    span: str = "6 months",
    timeframe: str = "D",
) -> SymbolChart:
    """Read bars and work out the lines over all of them, then show the last `span`.

    Raises:
        NotFound: no bars are stored for the share.
        NoData: every stored bar lacks a price.
    """
    with desk.store.read() as tx:
        series = _series(tx, isin)
        levels = _levels(tx, isin)
        done = [one for one in fills.recent(tx, FILLS_MAX) if one.isin == isin]
        tags = events.tags_of_isin(tx, isin, EVENTS_MAX)
        headlines = {tag.event_id: events.by_id(tx, tag.event_id).headline for tag in tags[:60]}
    if timeframe == "W":
        series = weekly(series)
    prices = Prices(series.high, series.low, series.close, series.volume)
    count = min(SPANS.get(span, SPANS["6 months"]), len(series.days))
    cut = len(series.days) - count
    shown = series.days[cut:]
    chart = Chart(
        candles=_candles(series, cut),
        readout=_readout(series),
        last_price=number_of(float(series.close[-1])),
        overlays=tuple(_tail(line, cut) for line in overlays(lines, prices)),
        panes=tuple(_tail_pane(pane, cut) for pane in panes(strips, prices)),
        levels=tuple(_placed(level, shown) for level in levels),
        fills=tuple(
            FillMark(
                _bar_of(shown, ist_day(fill.traded_at)),
                float(fill.price.in_rupees),
                fill.qty > 0,
                f"{'Bought' if fill.qty > 0 else 'Sold'} {qty(abs(fill.qty))} at "
                f"{price(fill.price)}, {day(fill.traded_at)}",
            )
            for fill in done
            if ist_day(fill.traded_at) >= shown[0]
        ),
    )
    marks = [
        _mark(shown, series, cut, ist_day(tag.known_at), tag.stance, headlines[tag.event_id])
        for tag in tags
        if tag.event_id in headlines and ist_day(tag.known_at) >= shown[0]
    ]
    return SymbolChart(chart, tuple(marks))


def weekly(series: Series) -> Series:
    """Bars by ISO week, named by their last session."""
    keys = [one.isocalendar()[:2] for one in series.days]
    starts = [at for at, key in enumerate(keys) if at == 0 or key != keys[at - 1]]
    ends = [*(start - 1 for start in starts[1:]), len(keys) - 1]
    return Series(
        days=tuple(series.days[end] for end in ends),
        open=series.open[starts],
        high=np.maximum.reduceat(series.high, starts),
        low=np.minimum.reduceat(series.low, starts),
        close=series.close[ends],
        volume=np.add.reduceat(series.volume, starts),
    )


def number_of(rupees: float) -> str:
    """A drawn price with Indian grouping."""
    return number(Decimal(repr(round(rupees, 2)))) if np.isfinite(rupees) else "–"


def _series(tx: Session, isin: str) -> Series:
    """Stored bars in today's share terms, and today's bar so far from the last price."""
    quote = quotes.all_quotes(tx).get(isin)
    panel = bars.read_panel(tx, [isin])
    if quote is not None and panel.sessions[-1] < ist_day(quote.at):
        # on an ex-date the last price is in new terms before the session has a bar
        panel = bars.read_panel(tx, [isin], as_of=ist_day(quote.at))
    panel = panel.adjusted()
    parts = np.hstack([panel.open, panel.high, panel.low, panel.close])
    whole = np.isfinite(parts).all(axis=1)
    if not whole.any():
        raise NoData(f"{isin} has {len(panel.sessions)} stored bars and none with all four prices")
    rows = np.flatnonzero(whole)
    series = Series(
        days=tuple(panel.sessions[row] for row in rows.tolist()),
        open=panel.open[rows, 0],
        high=panel.high[rows, 0],
        low=panel.low[rows, 0],
        close=panel.close[rows, 0],
        volume=np.nan_to_num(panel.volume[rows, 0]),
    )
    return series if quote is None else with_today(series, quote)


def with_today(series: Series, quote: Quote) -> Series:
    """The series with the running session's bar behind it, when the store has none yet."""
    today = ist_day(quote.at)
    if today <= series.days[-1]:
        return series

    def add(values: Floats, more: float) -> Floats:
        longer: Floats = np.append(values, more)
        return longer

    return Series(
        days=(*series.days, today),
        open=add(series.open, float(quote.open.in_rupees)),
        high=add(series.high, float(max(quote.high, quote.ltp).in_rupees)),
        low=add(series.low, float(min(quote.low, quote.ltp).in_rupees)),
        close=add(series.close, float(quote.ltp.in_rupees)),
        volume=add(series.volume, float(quote.volume)),
    )


def _levels(tx: Session, isin: str) -> list[tuple[Level, date]]:
    """Stop and target of what is held, and of the first waiting card, with their first day."""
    found: list[tuple[Level, date]] = []
    covers = {cover.plan_id: cover for cover in protections.live(tx)}
    for plan in plans.with_status(tx, *HOLDING):
        if plan.isin != isin:
            continue
        cover = covers.get(plan.id)
        stop = cover.stop if cover else plan.bracket.stop
        target = cover.target if cover else plan.bracket.target
        since = ist_day(plan.opened_at)
        found.append((Level("SL", float(stop.in_rupees), "stop"), since))
        found.append((Level("TP", float(target.in_rupees), "target"), since))
    waiting = [card for card in cards.with_status(tx, CardStatus.OPEN) if card.isin == isin]
    for card in waiting[:1]:  # cards of other accounts differ by a few ticks
        b, since = card.bracket, ist_day(card.written_at)
        found.append((Level("Entry", float(b.entry_high.in_rupees), "entry"), since))
        found.append((Level("SL", float(b.stop.in_rupees), "stop"), since))
        found.append((Level("TP", float(b.target.in_rupees), "target"), since))
    return found


def _placed(level: tuple[Level, date], days: Sequence[date]) -> Level:
    drawn, since = level
    start = max(0, _bar_of(days, since) - len(days) // 12)
    return Level(drawn.name, drawn.price, drawn.tone, since=start)


def _candles(series: Series, cut: int) -> Candles:
    return Candles(
        days=series.days[cut:],
        open=series.open[cut:].tolist(),
        high=series.high[cut:].tolist(),
        low=series.low[cut:].tolist(),
        close=series.close[cut:].tolist(),
        volume=series.volume[cut:].tolist(),
    )


def _readout(series: Series) -> str:
    first, high, low, last = (
        number_of(float(values[-1]))
        for values in (series.open, series.high, series.low, series.close)
    )
    volume = number_of(float(series.volume[-1]) / 1e5)
    return f"{day(series.days[-1])}   O {first}   H {high}   L {low}   C {last}   Vol {volume} L"


def _tail(line: Line, cut: int) -> Line:
    return Line(line.name, line.values[cut:], line.dashed)


def _tail_pane(pane: Pane, cut: int) -> Pane:
    lines = tuple(_tail(line, cut) for line in pane.lines)
    return Pane(pane.name, lines, pane.bars[cut:], pane.guides)


def _bar_of(days: Sequence[date], on: date) -> int:
    """The bar of a day, or the next one; news of a closed day moves the bar after it."""
    return min(bisect_left(days, on), len(days) - 1)


def _mark(
    days: Sequence[date], series: Series, cut: int, on: date, stance: Stance, headline: str
) -> EventMark:
    bar = _bar_of(days, on)
    high = float(series.high[cut + bar])
    return EventMark(bar, high, int(stance), f"{day(on)}: {headline}")
