"""Columns of the Today page."""

from __future__ import annotations

from ui.parts import Column

WAITING = (
    Column("Side", "side"),
    Column("Instrument", "instrument"),
    Column("Account", "account"),
    Column("Qty", "qty", number=True, spare=True),
    Column("Entry band", "band", number=True, spare=True),
    Column("Value", "value", number=True),
    Column("At risk", "at_risk", number=True, optional=True),
    Column("Target first", "odds", number=True, spare=True),
    Column("n", "n", number=True, optional=True),
    Column("Time left", "left", number=True),
)
CHANGES = (
    Column("Known at", "known"),
    Column("Source", "source", optional=True),
    Column("Instrument", "instrument"),
    Column("What", "what", wraps=True),
    Column("Tag", "kind", spare=True),
    Column("Tilt", "tilt"),
    Column("Yours", "yours", spare=True),
    Column("Led to", "led_to", wraps=True),
)
NEAREST = (
    Column("Instrument", "instrument"),
    Column("Account", "account"),
    Column("LTP", "ltp", number=True),
    Column("Line", "line", number=True),
    Column("Away", "away", number=True),
    Column("R", "r", number=True, spare=True),
    Column("Protected", "protected"),
)
READY = (
    Column("Account", "account"),
    Column("Login", "login"),
    Column("Stops alive", "stops"),
    Column("Funds T+0", "funds", number=True),
    Column("Kill level", "level"),
)
MARKET = (
    Column("Share", "name"),
    Column("Last", "last", number=True),
    Column("Chg %", "change", number=True),
)
