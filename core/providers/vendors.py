"""Opening a vendor by name: its file, its keys and its gate.

Each client loads when it is opened, never before: some take half a second and much memory.
"""

from __future__ import annotations

from typing import Any

from core.providers.catalog import Vendor
from core.providers.keys import FindKey, find_key, keys_of
from core.providers.net.gate import Gate


def open_source(
    vendor: Vendor,
    gate: Gate,
    *,
    find: FindKey = find_key,
    root: str | None = None,
) -> Any:
    """A BarSource; raises BadSetting when a key is missing.

    Args:
        root: another host to ask, for tests and sandboxes.
    """
    keys = keys_of(vendor, find)
    if vendor.name == "kite":
        from core.providers.kite_history import KiteHistory

        return KiteHistory(gate, keys, root=root)
    if vendor.name == "upstox":
        from core.providers.upstox_history import UpstoxHistory

        return UpstoxHistory(gate, keys, root=root)
    if vendor.name == "fyers":
        from core.providers.fyers_history import FyersHistory

        return FyersHistory(gate, keys, root=root)
    if vendor.name == "alphavantage":
        from core.providers.alpha_vantage import AlphaVantage

        return AlphaVantage(gate, keys, root=root)
    if vendor.name == "finnhub":
        from core.providers.finnhub import Finnhub

        return Finnhub(gate, keys, root=root)
    from core.providers.yahoo import Yahoo

    return Yahoo(gate, root=root)
