"""Indices and flows of the market screen, as rows of what was imported."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sqlmodel import Session

from core.domain.words import decimal, eod, pct
from core.store import flows, index_bars
from core.views.shown import Text, Tone

ROWS = 8
FLOW_DAYS = 5
VIX = "INDIA VIX"
FIRST_INDICES = ("NIFTY 50", "NIFTY BANK", "NIFTY 500", VIX)


@dataclass(frozen=True, slots=True)
class IndexRow:
    """One index's last close."""

    name: str
    level: str
    change: Text
    at: str


@dataclass(frozen=True, slots=True)
class FlowRow:
    """One session's net buying in crores."""

    day: str
    fii: Text
    dii: Text


def index_rows(tx: Session) -> tuple[IndexRow, ...]:
    """The newest close of each stored index, NIFTY 50 first."""
    stored = index_bars.names(tx)
    first = [name for name in FIRST_INDICES if name in stored]
    rows = []
    for name in [*first, *(one for one in stored if one not in first)][:ROWS]:
        found = index_bars.last_two(tx, name)
        level, before = found.close[-1], found.close[0] / found.factor[0]
        change = level / before - 1.0 if len(found.close) > 1 else float("nan")
        grey = name == VIX  # fear is nobody's gain or loss
        rows.append(
            IndexRow(
                name=name.title().replace("Nifty", "NIFTY").replace("Vix", "VIX"),
                level=decimal(float(level)),
                change=Text(pct(change, signed=True), "mute" if grey else change_tone(change)),
                at=eod(found.sessions[-1]),
            )
        )
    return tuple(rows)


def flow_rows(tx: Session) -> tuple[FlowRow, ...]:
    """Net buying of the last sessions, the newest first."""
    fii, dii = flows.read(tx, "FII"), flows.read(tx, "DII")
    of_dii = dict(zip(dii.sessions, dii.net.tolist(), strict=True))
    newest = list(zip(fii.sessions, fii.net.tolist(), strict=True))[-FLOW_DAYS:]
    return tuple(
        FlowRow(f"{on.day} {on:%b %Y}", _crores(net), _crores(of_dii.get(on, float("nan"))))
        for on, net in reversed(newest)
    )


def _crores(amount: float) -> Text:
    if not np.isfinite(amount):
        return Text("–", "mute")
    return Text(decimal(amount, signed=True), "mute")


def change_tone(change: float) -> Tone:
    """Green above zero, red below."""
    return "gain" if change > 0 else "loss" if change < 0 else "mute"
