"""The exchange's names of indices, and what files and brokers call them."""

from __future__ import annotations

from typing import Final

VIX: Final = "INDIA VIX"
CALLED: Final = {
    "NIFTY": "NIFTY 50",
    "NIFTY50": "NIFTY 50",
    "NIFTY100": "NIFTY 100",
    "NIFTY200": "NIFTY 200",
    "NIFTY500": "NIFTY 500",
    "BANKNIFTY": "NIFTY BANK",
    "BANK": "NIFTY BANK",
    "IT": "NIFTY IT",
    "AUTO": "NIFTY AUTO",
    "ENERGY": "NIFTY ENERGY",
    "FMCG": "NIFTY FMCG",
    "PHARMA": "NIFTY PHARMA",
    "FINNIFTY": "NIFTY FIN SERVICE",
    "MIDCPNIFTY": "NIFTY MID SELECT",
    "INDIAVIX": VIX,
    "VIX": VIX,
}


def index_name(called: str) -> str:
    """The exchange's name, in capitals; what is not known stays as it is called."""
    plain = " ".join(called.upper().split())
    return CALLED.get(plain, plain)


def is_index(called: str) -> bool:
    """Whether a name is one of the indices known here."""
    plain = " ".join(called.upper().split())
    return plain in CALLED or plain in CALLED.values()
