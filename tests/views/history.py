"""Bars, predictions and more shares for the filled desk of `shelf`, worked by hand.

`with_bars` stores 420 sessions up to Thu 19 Nov 2026 for six shares; share k closes at
100 + k on the first session and gains one rupee a session, so the last close is 519 + k.
"""

from __future__ import annotations

from datetime import date

import numpy as np

from core.desk.desk import Desk
from core.panel import Panel
from core.store import bars, instruments, predictions, quotes
from tests.made import a_prediction
from tests.views.shelf import BEL, RELIANCE, TATAPOWER, ago, probability, quote, share

SESSIONS = 420
MORE = (
    ("INE467B01029", "TCS", "Tata Consultancy Services Ltd.", "Information Technology"),
    ("INE009A01021", "INFY", "Infosys Ltd.", "Information Technology"),
    ("INE062A01020", "SBIN", "State Bank of India", "Financial Services"),
)
ISINS = tuple(sorted((RELIANCE, BEL, TATAPOWER, *(isin for isin, *_ in MORE))))


def days(desk: Desk, count: int = SESSIONS) -> tuple[date, ...]:
    return desk.calendar.sessions(date(2024, 1, 1), date(2026, 11, 19))[-count:]


def panel(sessions: tuple[date, ...]) -> Panel:
    step = np.arange(len(sessions), dtype=float)[:, None]
    close = 100.0 + step + np.arange(len(ISINS))
    wave = np.sin(step * (1.0 + np.arange(len(ISINS)) / 7.0))
    return Panel(
        sessions=sessions,
        isins=ISINS,
        open=close - 0.5,
        high=close + 1.0,
        low=close - 1.0,
        close=close + wave * 0.4,
        volume=np.full_like(close, 1e6),
        factor=np.ones_like(close),
    )


def with_bars(desk: Desk, *, count: int = SESSIONS) -> Desk:
    """Three more shares, bars for all six and a quote for each."""
    more = [share(*words) for words in MORE]
    with desk.store.write() as tx:
        instruments.put(tx, more)
        bars.put_panel(tx, panel(days(desk, count)), source="SIM")
        quotes.put(tx, [quote(isin, "500.00", "490.00") for isin, *_ in MORE])
    return desk


def predict(desk: Desk, *, has_vote: bool = True, n: int = 142, version: str = "m-31") -> None:
    """RELIANCE above the base rate; BEL below it."""
    odds = (
        (RELIANCE, "RELIANCE", probability(0.58, 0.51, 0.65, n), 0.012),
        (BEL, "BEL", probability(0.30, 0.24, 0.36, n), -0.004),
    )
    made = [
        a_prediction(
            isin=isin, symbol=symbol, as_of=ago(minutes=2), model_version=version, edge=edge,
            target_first=target, stop_first=probability(0.25, 0.20, 0.30, n),
            time_exit=probability(0.17, 0.12, 0.22, n), base_rate=0.41, has_vote=has_vote,
            words=("volume 2.3 times normal",),
        )
        for isin, symbol, target, edge in odds
    ]  # fmt: skip
    with desk.store.write() as tx:
        predictions.put(tx, made)
