"""Reads the committed charge schedule, a JSON file of dated rates with their circulars."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from core.domain.account import Broker
from core.domain.charges import Brokerage, DepositoryFee, Item, Rate, Schedule, Security
from core.domain.money import Money
from core.domain.order import Product, Side
from core.errors import BadInput


def load_charges(path: Path) -> Schedule:
    """The schedule in a file; raises BadInput naming the file and what is wrong with it."""
    try:
        return parse(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInput(f"the charges in {path.name} cannot be read: {error.strerror}") from None
    except KeyError as error:
        raise BadInput(f"the charges in {path.name} have a row without {error}; add it") from None
    except (ValueError, TypeError, ArithmeticError, BadInput) as error:
        raise BadInput(f"the charges in {path.name} cannot be understood: {error}") from None


def parse(text: str) -> Schedule:
    """A schedule from JSON text; rates are strings, so that none passes through a float."""
    tables: dict[str, Any] = json.loads(text, parse_float=Decimal)
    return Schedule(
        rates=tuple(_rate(row) for row in tables["rates"]),
        brokerages=tuple(_brokerage(row) for row in tables["brokerage"]),
        depository_fees=tuple(_depository_fee(row) for row in tables["dp"]),
        untaxed_funds=tuple(tables["untaxed_funds"]["words"]),
    )


def _rate(row: dict[str, Any]) -> Rate:
    return Rate(
        item=Item(row["item"]),
        valid_from=date.fromisoformat(row["valid_from"]),
        fraction=Decimal(row["rate"]),
        exchange=row.get("exchange", ""),
        product=Product(row["product"]) if "product" in row else None,
        side=Side(row["side"]) if "side" in row else None,
        source=row["source"],
        groups=tuple(row.get("groups", ())),
        security=Security(row["security"]) if "security" in row else None,
    )


def _brokerage(row: dict[str, Any]) -> Brokerage:
    return Brokerage(
        broker=Broker(row["broker"]),
        product=Product(row["product"]),
        valid_from=date.fromisoformat(row["valid_from"]),
        fraction=Decimal(row["rate"]) if "rate" in row else None,
        cap=Money.rupees(row["cap"]),
        source=row["source"],
    )


def _depository_fee(row: dict[str, Any]) -> DepositoryFee:
    return DepositoryFee(
        broker=Broker(row["broker"]),
        valid_from=date.fromisoformat(row["valid_from"]),
        amount=Money.rupees(row["amount"]),
        source=row["source"],
    )
