"""What each broker can hold, as data with its sources, and why a trade cannot rest there.

A card asks `why_not` before it is shown: what the broker cannot hold is refused with the reason
then, and not by the broker after the click. Paper follows Zerodha's limits.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from core.domain.account import Broker
from core.domain.instrument import Series
from core.domain.money import Money
from core.domain.order import OrderType, Product, Side, Validity

ALPHANUMERIC: Final = r"[A-Za-z0-9]+"
ANY_TYPE: Final = frozenset(OrderType)
KITE_DOCS: Final = "Kite Connect v3 documents and client 5.2.2, November 2026"
KITE_MAY_2026: Final = "Zerodha on SEBI's retail algo rules, in force since 1 Apr 2026"
UPSTOX_DOCS: Final = "Upstox API documents and client 2.30.0, November 2026"
FYERS_DOCS: Final = "Fyers API v3 documents, November 2026"


@dataclass(frozen=True, slots=True)
class Rates:
    """Requests of one kind that a broker takes; None where it names no such limit."""

    second: int | None
    minute: int | None
    day: int | None
    half_hour: int | None = None


@dataclass(frozen=True, slots=True)
class Capability:
    """One broker's limits. Basis points and days are whole numbers; `sources` names each fact's.

    `candle_days` is how long a span one question may cover, by minutes a candle, 0 for days.
    `reads` counts every request that is neither an order write nor a quote.
    `desk_keeps_target` says that a target beside a stop waits with the desk while it runs.
    """

    broker: Broker
    is_built: bool
    gtt_pair: bool
    gtt_single: bool
    gtt_products: frozenset[Product]
    gtt_max: int | None
    gtt_gap_bps_min: int | None
    gtt_child: OrderType
    tag_max: int
    tag_form: str
    order_types: frozenset[OrderType]
    products: frozenset[Product]
    validities: frozenset[Validity]
    market_needs_protection: bool
    writes: Rates
    reads: Rates
    modifications_max: int | None
    candle_days: Mapping[int, int]
    order_stream: bool
    sandbox: str
    sources: Mapping[str, str]
    desk_keeps_target: bool = False


ZERODHA: Final = Capability(
    broker=Broker.ZERODHA,
    is_built=True,
    gtt_pair=True,
    gtt_single=True,
    gtt_products=frozenset({Product.CNC}),
    gtt_max=250,
    gtt_gap_bps_min=25,
    gtt_child=OrderType.LIMIT,
    tag_max=20,
    tag_form=ALPHANUMERIC,
    order_types=ANY_TYPE,
    products=frozenset(Product),
    validities=frozenset(Validity),
    market_needs_protection=True,
    writes=Rates(10, 400, 5000),
    reads=Rates(10, None, None),
    modifications_max=25,
    candle_days={0: 2000, 1: 60, 3: 100, 5: 100, 15: 200, 30: 200, 60: 400},
    order_stream=True,
    sandbox="none of its own; munim sandbox kite",
    sources={
        "gtt": KITE_DOCS,
        "tag": KITE_DOCS,
        "orders": KITE_DOCS,
        "market protection": KITE_MAY_2026,
        "rates": KITE_MAY_2026,
        "candles": KITE_DOCS,
    },
)
PAPER: Final = replace(
    ZERODHA,
    broker=Broker.PAPER,
    market_needs_protection=False,
    order_stream=False,
    sandbox="it is one",
    sources={"all": "the embedded exchange, after Zerodha's limits of November 2026"},
)
UPSTOX: Final = Capability(
    broker=Broker.UPSTOX,
    is_built=True,
    gtt_pair=False,
    gtt_single=True,
    gtt_products=frozenset(Product),
    gtt_max=None,
    gtt_gap_bps_min=None,
    gtt_child=OrderType.LIMIT,
    tag_max=40,
    tag_form=ALPHANUMERIC,
    order_types=ANY_TYPE,
    products=frozenset(Product),
    validities=frozenset(Validity),
    market_needs_protection=True,
    writes=Rates(10, 500, None, half_hour=2_000),
    reads=Rates(50, 500, None, half_hour=2_000),
    modifications_max=None,
    candle_days={0: 3650, 1: 28, 3: 28, 5: 28, 15: 28, 30: 90, 60: 90},
    order_stream=True,
    sandbox="place, change and cancel only; munim sandbox upstox",
    desk_keeps_target=True,
    sources={
        "gtt": UPSTOX_DOCS + "; a stop and a target are tied only behind an entry of their own",
        "tag": UPSTOX_DOCS,
        "orders": UPSTOX_DOCS,
        "market protection": UPSTOX_DOCS,
        "rates": UPSTOX_DOCS + "; its windows are counted as one for all reads together",
        "candles": UPSTOX_DOCS,
    },
)
FYERS: Final = Capability(
    broker=Broker.FYERS,
    is_built=False,
    gtt_pair=True,
    gtt_single=True,
    gtt_products=frozenset({Product.CNC}),
    gtt_max=None,
    gtt_gap_bps_min=None,
    gtt_child=OrderType.LIMIT,
    tag_max=30,
    tag_form=ALPHANUMERIC,
    order_types=ANY_TYPE,
    products=frozenset(Product),
    validities=frozenset(Validity),
    market_needs_protection=True,
    writes=Rates(10, 200, 100_000),
    reads=Rates(10, 200, 100_000),
    modifications_max=None,
    candle_days={0: 366, 1: 100, 3: 100, 5: 100, 15: 100, 30: 100, 60: 100},
    order_stream=True,
    sandbox="none",
    sources={
        "gtt": FYERS_DOCS,
        "tag": FYERS_DOCS,
        "orders": FYERS_DOCS,
        "market protection": "not documented; the safe reading is used",
        "rates": FYERS_DOCS + "; all endpoints share them",
        "candles": FYERS_DOCS,
    },
)
CAPABILITIES: Final[Mapping[Broker, Capability]] = {
    one.broker: one for one in (PAPER, ZERODHA, UPSTOX, FYERS)
}
TRADE_FOR_TRADE: Final = frozenset({Series.BE, Series.BZ})


@dataclass(frozen=True, slots=True)
class Wanted:
    """A trade as a card proposes it: the entry, and the stop and target that shall rest.

    `gtts_active` is how many already rest at the login; `ltp` is None where no price is known.
    """

    symbol: str
    side: Side
    product: Product
    order_type: OrderType
    validity: Validity
    tag: str
    stop: Money | None
    target: Money | None
    ltp: Money | None = None
    gtts_active: int = 0
    series: Series = Series.EQ


def why_not(broker: Broker, wanted: Wanted) -> tuple[str, ...]:
    """Every reason why a broker cannot hold a trade, each a sentence; empty when it can."""
    can = CAPABILITIES[broker]
    if not can.is_built:
        return (f"{wanted.symbol}: Munim cannot trade at {broker} yet; choose another login",)
    found = (*_order(can, wanted), *_tag(can, wanted), *_stop(can, wanted))
    return tuple(f"{wanted.symbol}: {reason}" for reason in found)


def what_rests(broker: Broker, wanted: Wanted) -> str:
    """What a card should say of a stop and target that do not rest as a pair; mostly nothing."""
    can = CAPABILITIES[broker]
    if wanted.stop is None or wanted.target is None or can.gtt_pair or not can.desk_keeps_target:
        return ""
    return (
        f"{wanted.symbol}: {broker} rests the stop alone; the desk sells at the target "
        f"{wanted.target} while it runs, after it has taken the stop away"
    )


def _order(can: Capability, wanted: Wanted) -> list[str]:
    found = []
    if wanted.order_type not in can.order_types:
        found.append(f"{can.broker} takes no {wanted.order_type} order; use LIMIT")
    if wanted.product not in can.products:
        found.append(f"{can.broker} has no {wanted.product}; use another product")
    if wanted.validity not in can.validities:
        found.append(f"{can.broker} takes no {wanted.validity} order; use DAY")
    if wanted.side is Side.SELL and wanted.product is Product.CNC:
        found.append("a short position cannot be kept overnight; use MIS, or leave it")
    if wanted.series in TRADE_FOR_TRADE and wanted.product is Product.MIS:
        found.append(f"series {wanted.series} is delivery only; use CNC, or leave it")
    return found


def _tag(can: Capability, wanted: Wanted) -> list[str]:
    if len(wanted.tag) > can.tag_max:
        return [
            f"{can.broker} takes tags up to {can.tag_max} characters, this has {len(wanted.tag)}"
        ]
    if wanted.tag and not re.fullmatch(can.tag_form, wanted.tag):
        return [f"{can.broker} takes letters and digits in a tag, this is {wanted.tag!r}"]
    return []


def _stop(can: Capability, wanted: Wanted) -> list[str]:
    """Whether its stop and target can rest; an intraday one stops at the exchange instead."""
    if wanted.product not in can.gtt_products:
        if wanted.stop is not None and OrderType.SL not in can.order_types:
            return [f"{can.broker} can rest no stop for {wanted.product}; use CNC"]
        return []
    pair = wanted.stop is not None and wanted.target is not None
    single = not pair and (wanted.stop is not None or wanted.target is not None)
    found = []
    if pair and not can.gtt_pair and not can.desk_keeps_target:
        found.append(f"{can.broker} cannot rest a stop and a target together; leave the target")
    if single and not can.gtt_single:
        found.append(f"{can.broker} cannot rest a stop alone; give it a target")
    if (pair or single) and can.gtt_max is not None and wanted.gtts_active >= can.gtt_max:
        found.append(
            f"{can.broker} rests {can.gtt_max} GTTs and {wanted.gtts_active} are active; "
            "cancel some first"
        )
    return found + _gaps(can, wanted)


def _gaps(can: Capability, wanted: Wanted) -> list[str]:
    least, ltp = can.gtt_gap_bps_min, wanted.ltp
    if least is None or ltp is None or not ltp:
        return []
    found = []
    for name, price in (("stop", wanted.stop), ("target", wanted.target)):
        if price is None:
            continue
        gap = abs((price - ltp).paise) * 10_000 / ltp.paise
        if gap < least:
            found.append(
                f"its {name} {price} is {gap / 100:.2f} % from the last price {ltp} and "
                f"{can.broker} wants {least / 100:.2f} % or more; move it away"
            )
    return found
