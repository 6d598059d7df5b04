"""What a broker can hold, as rows for a page: each fact with where it was read."""

from __future__ import annotations

from dataclasses import dataclass

from core.domain.account import Broker
from core.domain.capability import CAPABILITIES, Capability
from core.domain.money import group


@dataclass(frozen=True, slots=True)
class CanRow:
    """One fact about a broker."""

    name: str
    value: str
    source: str


def can_rows(broker: Broker) -> tuple[CanRow, ...]:
    """The capability table of one broker."""
    can = CAPABILITIES[broker]
    of = can.sources
    every = of.get("all", "")
    rows = (
        ("GTT", _gtt(can), "gtt"),
        ("GTTs resting", _at_most(can.gtt_max), "gtt"),
        ("Order types", ", ".join(sorted(one.value for one in can.order_types)), "orders"),
        ("Products", ", ".join(sorted(one.value for one in can.products)), "orders"),
        ("Validity", ", ".join(sorted(one.value for one in can.validities)), "orders"),
        ("Tag", f"up to {can.tag_max} letters and digits", "tag"),
        (
            "Market orders",
            "need a protection price" if can.market_needs_protection else "as they are",
            "market protection",
        ),
        ("Changes of one order", _at_most(can.modifications_max), "orders"),
        ("One-minute candles", f"{can.candle_days[1]} days a question", "candles"),
    )
    return tuple(CanRow(name, value, of.get(key, every)) for name, value, key in rows)


def _gtt(can: Capability) -> str:
    there = (("pair", can.gtt_pair), ("single", can.gtt_single))
    shapes = " and ".join(name for name, has in there if has)
    held = ", ".join(sorted(one.value for one in can.gtt_products))
    gap = can.gtt_gap_bps_min
    away = f", {gap / 100:.2f} % or more from the price" if gap else ""
    return f"{shapes} for {held}; sends {can.gtt_child.value}{away}"


def _at_most(limit: int | None) -> str:
    return "no limit named" if limit is None else f"at most {group(str(limit))}"
