"""The whole market of now: breadth, movers, sectors, indices with VIX, and who bought."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import fmean

import numpy as np
from sqlmodel import Session

from core.desk.desk import Desk
from core.domain.instrument import Instrument
from core.domain.quote import Quote
from core.domain.words import age, decimal, eod, pct, price
from core.market.breadth import Breadth, Past, breadth, past
from core.panel import Floats
from core.store import array_versions, bars, flows, index_bars, instruments, quotes
from core.views.ages import real_age
from core.views.shown import Figure, Text, Tone

ROWS = 8
HEAT_FULL = 0.02  # a sector's move that is drawn in full colour
YEAR_DAYS = 380  # calendar days that hold 252 sessions
FLOW_DAYS = 5
VIX = "INDIA VIX"
FIRST_INDICES = ("NIFTY 50", "NIFTY BANK", "NIFTY 500", VIX)
NO_PRICES = "No price has come yet; they come with the worker."
NO_INDICES = "No index is imported yet. munim data import FILE reads index levels and VIX."
NO_FLOWS = "No FII/DII file is imported yet. munim data import FILE reads NSE's daily one."


@dataclass(frozen=True, slots=True)
class MoverRow:
    """One share that moved; `id` is its ISIN."""

    id: str
    symbol: Text
    ltp: str
    change: Text
    volume: str


@dataclass(frozen=True, slots=True)
class SectorRow:
    """One sector; `heat` runs from -1 to 1."""

    name: str
    change: str
    counts: str
    heat: float


@dataclass(frozen=True, slots=True)
class IndexRow:
    """One index's last close."""

    name: str
    level: str
    change: Text
    at: str


@dataclass(frozen=True, slots=True)
class FlowRow:
    """One session's net buying in crores."""

    day: str
    fii: Text
    dii: Text


@dataclass(frozen=True, slots=True)
class MarketBoard:
    """Every part with the sentence that stands where it is empty."""

    note: str
    empty: str
    figures: tuple[Figure, ...]
    gainers: tuple[MoverRow, ...]
    losers: tuple[MoverRow, ...]
    busy: tuple[MoverRow, ...]
    sectors: tuple[SectorRow, ...]
    indices: tuple[IndexRow, ...]
    indices_note: str
    flows: tuple[FlowRow, ...]
    flows_note: str


@dataclass(frozen=True, slots=True)
class Move:
    """One share's day: change as a fraction, volume as a multiple of its usual whole session."""

    share: Instrument
    quote: Quote
    change: float
    times: float


class Pasts:
    """What the past says of every share, worked out again only when bars came."""

    def __init__(self) -> None:
        self._key: tuple[str, int] | None = None
        self._past: Past | None = None

    def of(self, tx: Session) -> Past | None:
        """None while no bar is stored."""
        key = (str(tx.get_bind().engine.url), array_versions.version(tx))
        if key != self._key:
            self._past, self._key = _past(tx), key
        return self._past


PASTS = Pasts()


def market_board(desk: Desk, *, pasts: Pasts = PASTS) -> MarketBoard:
    """Everything the market screen shows."""
    with desk.store.read() as tx:
        shares = instruments.all_instruments(tx)
        prices = quotes.all_quotes(tx)
        known = pasts.of(tx)
        indices = _indices(tx)
        bought = _flows(tx)
    moves = _moves(shares, prices, known)
    newest = max((one.received_at for one in prices.values()), default=None)
    by_change = sorted(moves, key=lambda one: (-one.change, one.share.symbol))
    by_volume = sorted(
        (one for one in moves if np.isfinite(one.times)),
        key=lambda one: (-one.times, one.share.symbol),
    )
    return MarketBoard(
        note="" if newest is None else f"{len(moves)} shares · {age(real_age(desk, newest))}",
        empty="" if moves else NO_PRICES,
        figures=_figures(moves, known),
        gainers=tuple(_mover(one) for one in by_change[:ROWS] if one.change > 0),
        losers=tuple(_mover(one) for one in by_change[::-1][:ROWS] if one.change < 0),
        busy=tuple(_mover(one) for one in by_volume[:ROWS]),
        sectors=_sectors(moves),
        indices=indices,
        indices_note=NO_INDICES if not indices else "",
        flows=bought,
        flows_note=NO_FLOWS if not bought else "",
    )


def _past(tx: Session) -> Past | None:
    last = bars.last_session(tx)
    if last is None:
        return None
    return past(bars.read_panel(tx, start=last - timedelta(days=YEAR_DAYS)))


def _moves(
    shares: Sequence[Instrument], prices: Mapping[str, Quote], known: Past | None
) -> list[Move]:
    usual = dict(zip(known.isins, known.usual_volume.tolist(), strict=True)) if known else {}
    found = []
    for share in shares:
        quote = prices.get(share.isin)
        if quote is None or not quote.prev_close:
            continue
        change = (quote.ltp - quote.prev_close).share_of(quote.prev_close)
        of = usual.get(share.isin, float("nan"))
        found.append(Move(share, quote, change, quote.volume / of if of else float("nan")))
    return found


def _figures(moves: Sequence[Move], known: Past | None) -> tuple[Figure, ...]:
    if not moves:
        return ()
    mean = fmean(one.change for one in moves)
    whole = _breadth(moves, known) if known else None
    up, down = sum(m.change > 0 for m in moves), sum(m.change < 0 for m in moves)
    first = (
        Figure("All shares, equal weight", pct(mean, signed=True), f"{len(moves)} shares",
               tone=_tone(mean)),
        Figure("Advances · declines", f"{up} · {down}", f"{len(moves) - up - down} unchanged"),
    )  # fmt: skip
    if whole is None:
        return (*first, Figure("Above averages", "–", "no bars are stored yet"))
    return (
        *first,
        Figure("Above 50-day average", *_share(whole.above_short, whole.of_short)),
        Figure("Above 200-day average", *_share(whole.above_long, whole.of_long)),
        Figure("52-week highs · lows", f"{whole.new_highs} · {whole.new_lows}",
               f"today, among {whole.of_year}"),
    )  # fmt: skip


def _breadth(moves: Sequence[Move], known: Past) -> Breadth:
    by_isin = {one.share.isin: one.quote for one in moves}

    def column(of: Callable[[Quote], float]) -> Floats:
        return np.array([of(by_isin[i]) if i in by_isin else np.nan for i in known.isins])

    return breadth(
        known,
        price=column(lambda q: float(q.ltp.paise) / 100),
        prev_close=column(lambda q: float(q.prev_close.paise) / 100),
        high=column(lambda q: float(q.high.paise) / 100),
        low=column(lambda q: float(q.low.paise) / 100),
    )


def _share(above: int, among: int) -> tuple[str, str]:
    if not among:
        return "–", "too few sessions are stored"
    return pct(above / among, digits=0), f"{above} of {among}"


def _mover(one: Move) -> MoverRow:
    times = f"{decimal(one.times)}×" if np.isfinite(one.times) else "–"
    return MoverRow(
        id=one.share.isin,
        symbol=Text(one.share.symbol, bold=True),
        ltp=price(one.quote.ltp),
        change=Text(pct(one.change, signed=True), _tone(one.change)),
        volume=times,
    )


def _sectors(moves: Sequence[Move]) -> tuple[SectorRow, ...]:
    """Equal-weight moves, the strongest first."""
    of: dict[str, list[float]] = {}
    for one in moves:
        of.setdefault(one.share.sector, []).append(one.change)
    means = sorted(((fmean(changes), name) for name, changes in of.items()), reverse=True)
    return tuple(
        SectorRow(
            name=name,
            change=pct(mean, signed=True),
            counts=f"▲ {sum(c > 0 for c in of[name])} ▼ {sum(c < 0 for c in of[name])}",
            heat=max(-1.0, min(1.0, mean / HEAT_FULL)),
        )
        for mean, name in means
    )


def _indices(tx: Session) -> tuple[IndexRow, ...]:
    stored = index_bars.names(tx)
    first = [name for name in FIRST_INDICES if name in stored]
    rows = []
    for name in [*first, *(one for one in stored if one not in first)][:ROWS]:
        found = index_bars.last_two(tx, name)
        level, before = found.close[-1], found.close[0] / found.factor[0]
        change = level / before - 1.0 if len(found.close) > 1 else float("nan")
        grey = name == VIX  # fear is nobody's gain or loss
        rows.append(
            IndexRow(
                name=name.title().replace("Nifty", "NIFTY").replace("Vix", "VIX"),
                level=decimal(float(level)),
                change=Text(pct(change, signed=True), "mute" if grey else _tone(change)),
                at=eod(found.sessions[-1]),
            )
        )
    return tuple(rows)


def _flows(tx: Session) -> tuple[FlowRow, ...]:
    fii, dii = flows.read(tx, "FII"), flows.read(tx, "DII")
    of_dii = dict(zip(dii.sessions, dii.net.tolist(), strict=True))
    newest = list(zip(fii.sessions, fii.net.tolist(), strict=True))[-FLOW_DAYS:]
    return tuple(
        FlowRow(f"{on.day} {on:%b %Y}", _crores(net), _crores(of_dii.get(on, float("nan"))))
        for on, net in reversed(newest)
    )


def _crores(amount: float) -> Text:
    if not np.isfinite(amount):
        return Text("–", "mute")
    return Text(decimal(amount, signed=True), "mute")


def _tone(change: float) -> Tone:
    return "gain" if change > 0 else "loss" if change < 0 else "mute"
