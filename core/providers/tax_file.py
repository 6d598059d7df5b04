"""Reads the committed tax rules, a JSON file of dated rates with the law that set them."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from core.domain.money import Money
from core.domain.tax import AdvancePart, CarryYears, Exemption, Head, TaxLaw, TaxRate
from core.errors import BadInput


def load_tax(path: Path) -> TaxLaw:
    """The rules in a file; raises BadInput naming the file and what is wrong with it."""
    try:
        return parse(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInput(f"the tax rules in {path.name} cannot be read: {error.strerror}") from None
    except KeyError as error:
        raise BadInput(f"the tax rules in {path.name} have a row without {error}; add it") from None
    except (ValueError, TypeError, ArithmeticError, BadInput) as error:
        raise BadInput(f"the tax rules in {path.name} cannot be understood: {error}") from None


def parse(text: str) -> TaxLaw:
    """Rules from JSON text; rates are strings, so that none passes through a float."""
    tables: dict[str, Any] = json.loads(text, parse_float=Decimal)
    return TaxLaw(
        rates=tuple(
            TaxRate(
                head=Head(row["head"]),
                valid_from=date.fromisoformat(row["valid_from"]),
                fraction=Decimal(row["rate"]),
                source=row["source"],
            )
            for row in tables["rates"]
        ),
        exemptions=tuple(
            Exemption(int(row["first_year"]), Money.rupees(row["amount"]), row["source"])
            for row in tables["exemptions"]
        ),
        carries=tuple(
            CarryYears(Head(row["head"]), int(row["years"]), row["source"])
            for row in tables["carries"]
        ),
        cess=Decimal(tables["cess"]["rate"]),
        cess_source=tables["cess"]["source"],
        surcharge_max=Decimal(tables["surcharge"]["max"]),
        surcharge_source=tables["surcharge"]["source"],
        sections=tuple(
            (date.fromisoformat(row["valid_from"]), row["words"]) for row in tables["sections"]
        ),
        advance=tuple(_part(row) for row in tables["advance"]["parts"]),
        advance_from=Money.rupees(tables["advance"]["threshold"]),
        advance_source=tables["advance"]["source"],
    )


def _part(row: dict[str, Any]) -> AdvancePart:
    month, day = row["by"].split("-")
    return AdvancePart(int(month), int(day), Decimal(row["part"]))
