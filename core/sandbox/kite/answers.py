"""How Kite answers: one envelope for what was done, another for what was not."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

from starlette.responses import Response

from core.domain.clock import IST
from core.domain.money import Money
from core.errors import MunimError

STATUS = {
    "TokenException": 403,
    "PermissionException": 403,
    "InputException": 400,
    "OrderException": 400,
    "MarginException": 400,
    "HoldingException": 400,
    "NetworkException": 503,
    "DataException": 502,
    "GeneralException": 500,
}


class KiteError(MunimError):
    """A no in Kite's words: its kind, its HTTP status and a sentence."""

    def __init__(self, kind: str, sentence: str, *, status: int | None = None) -> None:
        super().__init__(sentence)
        self.kind = kind
        self.status = status or STATUS[kind]


def done(value: Any) -> Response:
    """What was asked for."""
    return _json(200, {"status": "success", "data": value})


def refused(error: KiteError, *, retry_after: float = 0.0) -> Response:
    """Why it was not done."""
    headers = {"Retry-After": f"{retry_after:g}"} if retry_after else {}
    body = {"status": "error", "message": str(error), "data": None, "error_type": error.kind}
    return _json(error.status, body, headers)


def _json(status: int, body: Any, headers: dict[str, str] | None = None) -> Response:
    return Response(
        json.dumps(body, separators=(",", ":"), ensure_ascii=False),
        status_code=status,
        media_type="application/json",
        headers=headers,
    )


def number(value: Money | Decimal | float | int | None) -> float | int:
    """Rupees as Kite writes them: whole ones without a point, nothing as 0."""
    if value is None:
        return 0
    plain = float(value.in_rupees if isinstance(value, Money) else value)
    return int(plain) if plain.is_integer() else plain


def stamp(at: datetime) -> str:
    """A moment as Kite writes it: India's clock without a zone."""
    return f"{at.astimezone(IST):%Y-%m-%d %H:%M:%S}"


def money(text: object, *, name: str) -> Money:
    """Rupees of a field; raises InputException."""
    try:
        return Money.rupees(Decimal(str(text)))
    except (MunimError, ArithmeticError):
        raise KiteError("InputException", f"Invalid `{name}`: {text!r}.") from None


def whole(text: object, *, name: str) -> int:
    """A whole number of a field; raises InputException."""
    try:
        return int(str(text))
    except ValueError:
        raise KiteError("InputException", f"Invalid `{name}`: {text!r}.") from None
