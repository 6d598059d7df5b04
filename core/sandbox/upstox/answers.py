"""How Upstox answers: one envelope for what was done, another with UDAPI codes for what was not."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from starlette.responses import Response

from core.domain.clock import IST
from core.domain.money import Money
from core.errors import MunimError

STATUS: Final = {
    "UDAPI100050": 401,
    "UDAPI100016": 401,
    "UDAPI100069": 401,
    "UDAPI1154": 403,
    "UDAPI10005": 429,
    "UDAPI10000": 404,
    "UDAPI100010": 404,
    "UDAPI100500": 500,
}
INVALID: Final = "UDAPI100036"
NOT_FOUND: Final = "UDAPI100010"
BAD_TOKEN: Final = "UDAPI100050"
BAD_INSTRUMENT: Final = "UDAPI100011"
TURNED_DOWN: Final = "UDAPI100040"
FAILED: Final = "UDAPI100500"


class UpstoxError(MunimError):
    """A no in Upstox's words: its code, its HTTP status and a sentence."""

    def __init__(self, code: str, sentence: str, *, status: int | None = None) -> None:
        super().__init__(sentence)
        self.code = code
        self.status = status or STATUS.get(code, 400)


def done(value: Any, *, timed: bool = False) -> Response:
    """What was asked for; the newer calls tell how long they took."""
    more = {"metadata": {"latency": 1}} if timed else {}
    return answered(200, {"status": "success", "data": value, **more})


def refused(error: UpstoxError) -> Response:
    """Why it was not done; Upstox writes each word of a problem in two ways."""
    problem = {
        "errorCode": error.code,
        "message": str(error),
        "propertyPath": None,
        "invalidValue": None,
        "error_code": error.code,
        "property_path": None,
        "invalid_value": None,
    }
    return answered(error.status, {"status": "error", "errors": [problem]})


def answered(status: int, body: Any) -> Response:
    """A JSON answer."""
    return Response(
        json.dumps(body, separators=(",", ":"), ensure_ascii=False),
        status_code=status,
        media_type="application/json",
    )


def number(value: Money | Decimal | float | int | None) -> float:
    """Rupees as Upstox writes them, nothing as 0."""
    if value is None:
        return 0.0
    return float(value.in_rupees if isinstance(value, Money) else value)


def stamp(at: datetime) -> str:
    """A moment of the books: India's clock without a zone."""
    return f"{at.astimezone(IST):%Y-%m-%d %H:%M:%S}"


def millis(at: datetime) -> int:
    """A moment of the feeds: milliseconds of the epoch."""
    return round(at.timestamp() * 1000)


def money(value: object, *, name: str) -> Money:
    """Rupees of a field; raises UpstoxError."""
    try:
        return Money.rupees(Decimal(str(value)))
    except (MunimError, ArithmeticError):
        raise UpstoxError(INVALID, f"The '{name}' is invalid: {value!r}") from None


def price(value: object, *, name: str) -> Money | None:
    """A price above zero of a field, or None where it is left out or 0."""
    if value is None or value == "":
        return None
    found = money(value, name=name)
    if found.paise < 0:
        raise UpstoxError(INVALID, f"The '{name}' cannot be negative: {value!r}")
    return found or None


def whole(value: object, *, name: str) -> int:
    """A whole number of a field; raises UpstoxError."""
    try:
        return int(str(value))
    except ValueError:
        raise UpstoxError(INVALID, f"The '{name}' is invalid: {value!r}") from None
