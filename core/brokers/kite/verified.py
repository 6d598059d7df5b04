"""Which calls were seen with a real answer, and which rest on documents alone.

A call counts as seen when an answer that Zerodha published as recorded passes through this
adapter in a test. That says the answer is read right, not that an order was ever sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from core.brokers.verified import Shape, Verified


def _seen(file: str) -> Verified:
    return Verified(True, f"Zerodha's recorded {file} is read field by field")


VERIFIED: Final[Mapping[str, Verified]] = {
    "place": _seen("order_response"),
    "modify": _seen("order_modify"),
    "cancel": _seen("order_cancel"),
    "orders": _seen("orders"),
    "trades": _seen("trades"),
    "positions": _seen("positions"),
    "holdings": _seen("holdings"),
    "funds": _seen("margins_equity"),
    "quotes": _seen("quote"),
    "candles": _seen("historical_minute"),
    "margin": _seen("order_margins"),
    "charges": _seen("virtual_contract_note"),
    "profile": _seen("profile"),
    "instruments": _seen("instruments_nse"),
    "login": _seen("generate_session"),
    "logout": _seen("session_logout"),
    "gtt": _seen("gtt_get_order"),
    "place_gtt": _seen("gtt_place_order"),
    "modify_gtt": _seen("gtt_modify_order"),
    "cancel_gtt": _seen("gtt_delete_order"),
    "gtts": Verified(
        False,
        "only one GTT is recorded, not the list; place a GTT in Kite by hand, and the first list "
        "this desk reads there counts once it fits",
    ),
    "quote ticks": _seen("ticker_quote.packet"),
    "full ticks": Verified(False, "no packet with depth is recorded; the client's layout is used"),
    "order frames": Verified(False, "no frame is recorded; its body is read as postback, a hint"),
}

# the recorded single GTT, whose rows the list repeats
CONDITION: Final = ("exchange", "last_price", "tradingsymbol", "trigger_values", "instrument_token")
LEG: Final = (
    "exchange", "tradingsymbol", "product", "order_type", "transaction_type", "quantity", "price",
)  # fmt: skip
NEEDED: Final = frozenset(
    {
        "id", "type", "created_at", "updated_at", "expires_at", "status", "condition", "orders",
        *(f"condition.{name}" for name in CONDITION[:4]),
        *(f"orders[].{name}" for name in LEG),
    }
)  # fmt: skip
FIRED: Final = "orders[].result"
GTTS: Final = Shape(
    host="api.kite.trade",
    needed=NEEDED,
    known=NEEDED
    | {
        "user_id", "parent_trigger", "meta", "condition.instrument_token", FIRED,
        "meta.rejection_reason",
        *(f"{FIRED}.{name}" for name in LEG),
        *(f"{FIRED}.{name}" for name in ("account_id", "validity", "meta", "timestamp")),
        f"{FIRED}.triggered_at", f"{FIRED}.order_result",
        *(f"{FIRED}.order_result.{name}" for name in ("status", "order_id", "rejection_reason")),
    },
)  # fmt: skip
