"""Columns of the order tabs."""

from __future__ import annotations

from ui.parts import Column

OPEN = (
    Column("Time", "time"),
    Column("Account", "account", optional=True),
    Column("Side", "side"),
    Column("Instrument", "instrument"),
    Column("Why", "purpose"),
    Column("Product", "product", optional=True),
    Column("Filled / qty", "filled", number=True),
    Column("LTP", "ltp", number=True),
    Column("Price", "price", number=True),
    Column("Status", "status", wraps=True),
    Column("Broker says", "broker"),
)
EXECUTED = OPEN
GTTS = (
    Column("Instrument", "instrument"),
    Column("Account", "account"),
    Column("GTT", "gtt"),
    Column("Qty", "qty", number=True),
    Column("Stop", "stop", number=True),
    Column("Target", "target", number=True),
    Column("Status", "status"),
    Column("Proof", "age"),
)
PLANS = (
    Column("Opened", "opened"),
    Column("Account", "account"),
    Column("Side", "side"),
    Column("Instrument", "instrument"),
    Column("Qty", "qty", number=True),
    Column("SL", "stop", number=True),
    Column("TP", "target", number=True),
    Column("Time exit", "until"),
    Column("Status", "status", wraps=True),
)
