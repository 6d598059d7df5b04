"""Every vendor the desk can ask: what it is, which keys it takes, how often it may be asked.

One row a vendor; importing this loads no vendor's client. `wire_verified` is true only where a
recorded real answer of that vendor passes through its file in a test, and is shown as it stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from core.errors import BadInput
from core.providers.net.policy import Policy


class Rank(IntEnum):
    """Whose price stands when two differ; the lower wins."""

    EXCHANGE = 0  # the exchange's own file, or one a person imported
    BROKER = 1
    VENDOR = 2


@dataclass(frozen=True, slots=True)
class Vendor:
    """One provider of prices; `keys` are the settings it needs, `wire` what was verified how."""

    name: str
    rank: Rank
    policy: Policy
    keys: tuple[str, ...]
    wire_verified: bool
    wire: str
    gives: str
    intraday_minutes: tuple[int, ...]
    figures_verified: bool = False  # `wire_verified` of companies' figures

    @property
    def label(self) -> str:
        """Its name for a person."""
        return self.policy.label


# Limits as the vendors publish them: Kite Connect historical 3/s; Upstox 50/s, 500/min;
# Fyers 10/s, 200/min; Alpha Vantage free 25/day and one a second; Finnhub free 60/min.
# Yahoo publishes none, so we are slow on purpose and keep to a day's number of our own.
VENDORS: Final[dict[str, Vendor]] = {
    one.name: one
    for one in (
        Vendor(
            name="kite",
            rank=Rank.BROKER,
            policy=Policy("kite", "Kite", rates=("3/second",)),
            keys=("MUNIM_KITE_API_KEY", "MUNIM_KITE_ACCESS_TOKEN"),
            wire_verified=True,
            wire="Zerodha's published answers: minute candles, instruments, quote",
            gives="daily, intraday, last price",
            intraday_minutes=(1, 3, 5, 15, 30, 60),
        ),
        Vendor(
            name="upstox",
            rank=Rank.BROKER,
            policy=Policy("upstox", "Upstox", rates=("10/second", "400/minute")),
            keys=("MUNIM_UPSTOX_ACCESS_TOKEN",),
            wire_verified=False,
            wire="no recorded answer of its candles yet",
            gives="daily, intraday",
            intraday_minutes=(1, 3, 5, 15, 30, 60),
        ),
        Vendor(
            name="fyers",
            rank=Rank.BROKER,
            policy=Policy("fyers", "Fyers", rates=("8/second", "180/minute")),
            keys=("MUNIM_FYERS_APP_ID", "MUNIM_FYERS_ACCESS_TOKEN"),
            wire_verified=False,
            wire="no recorded answer of its history yet",
            gives="daily, intraday",
            intraday_minutes=(1, 3, 5, 15, 30, 60),
        ),
        Vendor(
            name="yfinance",
            rank=Rank.VENDOR,
            policy=Policy(
                name="yfinance",
                label="Yahoo",
                rates=("2/second", "60/minute", "2000/day"),
                way_in="it turns some clients away for a while; use another source",
            ),
            keys=(),
            wire_verified=True,
            wire="recorded daily answers of RELIANCE and KOTHARIPRO; fundamentals are not verified",
            gives="daily, intraday, fundamentals",
            intraday_minutes=(1, 5, 15, 30, 60),
        ),
        Vendor(
            name="alphavantage",
            rank=Rank.VENDOR,
            policy=Policy("alphavantage", "Alpha Vantage", rates=("1/second", "25/day")),
            keys=("MUNIM_ALPHAVANTAGE_KEY",),
            wire_verified=False,
            wire="no recorded answer yet",
            gives="daily, at BSE",
            intraday_minutes=(),
        ),
        Vendor(
            name="finnhub",
            rank=Rank.VENDOR,
            policy=Policy("finnhub", "Finnhub", rates=("60/minute",)),
            keys=("MUNIM_FINNHUB_KEY",),
            wire_verified=False,
            wire="no recorded answer yet",
            gives="daily, intraday, last price",
            intraday_minutes=(1, 5, 15, 30, 60),
        ),
    )
}


def vendor(name: str) -> Vendor:
    """The vendor by its name; raises BadInput naming all."""
    found = VENDORS.get(name.strip().lower())
    if found is None:
        raise BadInput(f"no provider is called {name!r}; there are {', '.join(VENDORS)}")
    return found


def rank_of(source: str) -> Rank:
    """The rank of a bar's source; what is no vendor's name is a file a person imported."""
    found = VENDORS.get(source)
    return Rank.EXCHANGE if found is None else found.rank
