"""One amount typed into a box or behind a command: "8,00,000", "5L", "5 lakh", "1.5 cr"."""

from __future__ import annotations

import re

from core.domain.money import Money
from core.errors import BadInput
from core.mandates.amounts import amounts_in
from core.mandates.doubtful import COMMA, GROUPED
from core.mandates.spoken import in_digits

SHOWN_MAX = 40
EXAMPLES = "50,000, 5 lakh or 1.5 cr"


def typed_rupees(text: str, *, name: str = "amount") -> Money:
    """The rupees of a text that is one amount and nothing else; zero and more.

    Raises:
        BadInput: nothing was typed, or it is no single amount of rupees.
    """
    words = text.strip()
    if not words:
        raise BadInput(f"{name}: nothing is typed; write rupees, such as {EXAMPLES}")
    low = in_digits(words).strip()
    found = amounts_in(low)
    whole = len(found) == 1 and not low[: found[0].at[0]].strip() and _is_end(low, found[0].at[1])
    commas = [hit[0] for hit in COMMA.finditer(low) if not GROUPED.fullmatch(hit[0])]
    if not whole or commas or found[0].monthly or found[0].money.paise < 0:
        shown = words if len(words) <= SHOWN_MAX else f"{words[:SHOWN_MAX]}…"
        raise BadInput(f"{name}: {shown!r} is no amount of rupees; write {EXAMPLES}")
    return found[0].money


def _is_end(low: str, at: int) -> bool:
    return re.fullmatch(r"\s*(?:only|/-)?\W*", low[at:]) is not None
