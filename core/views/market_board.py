"""The whole market of now: breadth, movers, sectors, indices with VIX, and who bought."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import fmean

import numpy as np
from sqlmodel import Session

from core.desk.desk import Desk
from core.domain.account import Market
from core.domain.instrument import Instrument
from core.domain.quote import Quote
from core.domain.words import age, decimal, pct, price
from core.market.breadth import Breadth, Past, breadth, past
from core.panel import Floats
from core.store import array_versions, bars, instruments, quotes
from core.views.ages import real_age
from core.views.day_price import CLOSES, DayPrice, of_quote
from core.views.market_files import FlowRow, IndexRow, change_tone, flow_rows, index_rows
from core.views.shown import Figure, Text, count

ROWS = 8
HEAT_FULL = 0.02  # a sector's move that is drawn in full colour
YEAR_DAYS = 380  # calendar days that hold 252 sessions
NO_PRICES = "No price has come yet; they come with the worker."
NO_BARS = "No price is stored yet; munim data import FILE or a fetch in Settings brings them."
NO_TRADED = "No traded share has a price; choose all shares."
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
class MarketBoard:
    """Every part with the sentence that stands where it is empty.

    `has_others` says whether prices of shares that are not traded are kept as well.
    """

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
    has_others: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """One share's day: change as a fraction, volume as a multiple of its usual whole session."""

    share: Instrument
    price: DayPrice
    change: float
    times: float


class Pasts:
    """What the past says of every share, worked out again only when bars came."""

    def __init__(self) -> None:
        self._key: tuple[str, int, bool] | None = None
        self._past: Past | None = None

    def of(self, tx: Session, *, before_last: bool = False) -> Past | None:
        """None while no bar is stored; `before_last` leaves the newest session out."""
        key = (str(tx.get_bind().engine.url), array_versions.version(tx), before_last)
        if key != self._key:
            self._past, self._key = _past(tx, before_last=before_last), key
        return self._past


PASTS = Pasts()


def market_board(desk: Desk, *, everything: bool = False, pasts: Pasts = PASTS) -> MarketBoard:
    """The traded shares of this market, or every share whose prices are kept.

    Without a feed the last stored session stands for now.
    """
    with desk.store.read() as tx:
        listed = instruments.all_instruments(tx)
        fed = quotes.all_quotes(tx)
        prices = {isin: of_quote(one) for isin, one in fed.items()} or _last_session(tx)
        known = pasts.of(tx, before_last=not fed)
        indices = index_rows(tx)
        bought = flow_rows(tx)
    shares = [one for one in listed if everything or one.is_traded]
    counted = "All" if len(shares) == len(listed) else "Traded"
    moves = _moves(shares, prices, known)
    by_change = sorted(moves, key=lambda one: (-one.change, one.share.symbol))
    by_volume = sorted(
        (one for one in moves if np.isfinite(one.times)),
        key=lambda one: (-one.times, one.share.symbol),
    )
    return MarketBoard(
        note=f"{count(len(moves), 'share')} · {_when(desk, fed, prices)}" if prices else "",
        empty="" if moves else _nothing(desk, prices),
        figures=_figures(moves, known, counted=counted),
        gainers=tuple(_mover(one) for one in by_change[:ROWS] if one.change > 0),
        losers=tuple(_mover(one) for one in by_change[::-1][:ROWS] if one.change < 0),
        busy=tuple(_mover(one) for one in by_volume[:ROWS]),
        sectors=_sectors(moves),
        indices=indices,
        indices_note=NO_INDICES if not indices else "",
        flows=bought,
        flows_note=NO_FLOWS if not bought else "",
        has_others=not all(one.is_traded for one in listed),
    )


def _last_session(tx: Session) -> dict[str, DayPrice]:
    """The bars of the newest stored session, by ISIN."""
    last = bars.last_session(tx)
    return {isin: one for isin, one in CLOSES.of(tx).items() if one.session == last}


def _when(desk: Desk, fed: Mapping[str, Quote], prices: Mapping[str, DayPrice]) -> str:
    """How old the prices are: seconds of a feed, or the session of stored closes."""
    if fed:
        return age(real_age(desk, max(one.received_at for one in fed.values())))
    return f"closes of {next(iter(prices.values())).at}"


def _nothing(desk: Desk, prices: Mapping[str, DayPrice]) -> str:
    if prices:
        return NO_TRADED
    return NO_BARS if desk.market is Market.REPLAY else NO_PRICES


def _past(tx: Session, *, before_last: bool) -> Past | None:
    last = bars.last_session(tx)
    if last is None:
        return None
    end = last - timedelta(days=1) if before_last else last
    panel = bars.read_panel(tx, start=last - timedelta(days=YEAR_DAYS), end=end, as_of=last)
    return past(panel) if panel.sessions else None


def _moves(
    shares: Sequence[Instrument], prices: Mapping[str, DayPrice], known: Past | None
) -> list[Move]:
    usual = dict(zip(known.isins, known.usual_volume.tolist(), strict=True)) if known else {}
    found = []
    for share in shares:
        one = prices.get(share.isin)
        if one is None or one.change is None:
            continue
        of = usual.get(share.isin, float("nan"))
        times = one.volume / of if of else float("nan")
        found.append(Move(share, one, one.change, times))
    return found


def _figures(moves: Sequence[Move], known: Past | None, *, counted: str) -> tuple[Figure, ...]:
    if not moves:
        return ()
    mean = fmean(one.change for one in moves)
    whole = _breadth(moves, known) if known else None
    up, down = sum(m.change > 0 for m in moves), sum(m.change < 0 for m in moves)
    first = (
        Figure(f"{counted} shares, equal weight", pct(mean, signed=True), f"{len(moves)} shares",
               tone=change_tone(mean)),
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
    by_isin = {one.share.isin: one.price for one in moves}

    def column(of: Callable[[DayPrice], float]) -> Floats:
        return np.array([of(by_isin[i]) if i in by_isin else np.nan for i in known.isins])

    return breadth(
        known,
        price=column(lambda q: float(q.ltp.paise) / 100),
        prev_close=column(lambda q: float(q.prev_close.paise) / 100 if q.prev_close else np.nan),
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
        ltp=price(one.price.ltp),
        change=Text(pct(one.change, signed=True), change_tone(one.change)),
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
