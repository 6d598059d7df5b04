"""Which calls were seen with a real answer: none. Upstox publishes examples and no recordings.

What the examples show is read field by field in tests; that they were typed and not recorded is
why each call stays unverified until an answer of a person's own account has been kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from core.brokers.verified import Verified

EXAMPLE: Final = "only an example of Upstox's documents is read, transcribed and not recorded"
MODELS: Final = "no answer is known; the fields are those of Upstox's own client"

VERIFIED: Final[Mapping[str, Verified]] = {
    **dict.fromkeys(("orders", "place", "modify"), Verified(False, EXAMPLE)),
    **dict.fromkeys(
        (
            "cancel",
            "trades",
            "positions",
            "holdings",
            "funds",
            "quotes",
            "candles",
            "margin",
            "charges",
            "profile",
            "login",
            "logout",
            "gtt",
            "gtts",
            "place_gtt",
            "modify_gtt",
            "cancel_gtt",
            "feed",
            "updates",
        ),
        Verified(False, MODELS),
    ),
}
