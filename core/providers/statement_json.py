"""A contract note as JSON: the desk's own, as `munim note generate --json` writes it."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from core.domain.charges import Charges
from core.domain.money import ZERO, Money
from core.domain.statement import StatedTrade, Statement, StatementKind, digest_of
from core.errors import BadInput
from core.providers.statement_checks import sound_trades

ITEMS = ("brokerage", "stt", "exchange", "sebi", "stamp", "gst")


def parse_json(name: str, content: bytes) -> Statement:
    """A note of one day; raises BadInput naming what is missing."""
    try:
        given = json.loads(content)
        on = date.fromisoformat(given["date"])
        charges = given["charges"]
        trades = tuple(_trade(line, one, on) for line, one in enumerate(given["trades"], start=1))
        sound_trades(name, trades)
        return Statement(
            name=name,
            kind=StatementKind.NOTE,
            layout="Munim's own note",
            trades=trades,
            digest=digest_of(content),
            charges=Charges(**{item: Money(int(charges[f"{item}_paise"])) for item in ITEMS}),
            obligation=Money(int(given["obligation_paise"])),
            net=Money(int(given["net_paise"])),
            on=on,
        )
    except KeyError as missing:
        raise BadInput(
            f"{name}: a note as JSON needs {missing}; munim note generate --json shows its shape"
        ) from None
    except (ValueError, TypeError) as wrong:
        raise BadInput(f"{name}: this JSON is no contract note, {wrong}") from None


def _trade(line: int, one: dict[str, Any], on: date) -> StatedTrade:
    qty, price = int(one["qty"]), Money(int(one["price_paise"]))
    if not qty or price <= ZERO:
        raise ValueError(f"trade {line} is of {qty} shares at {price}")
    return StatedTrade(
        line=line,
        on=on,
        symbol=str(one["symbol"]),
        isin=str(one.get("isin", "")),
        exchange=str(one.get("exchange", "NSE")),
        qty=qty,
        price=price,
        trade_id=str(one.get("trade_id", "")),
        order_id=str(one.get("order_id", "")),
    )
