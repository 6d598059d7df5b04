"""A series whose bars stand a session early or late: it moves with yesterday's market.

What a share does in a session is foretold by what the shares most like it do in the same one.
Where the same bars are foretold far better by the session beside it, the dates are off. The
evidence of each session is added up until it is enough (Page's cumulative sum).

Source: E. S. Page, Continuous inspection schemes, Biometrika 41 (1954).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from core.domain.quality import FlawKind, Severity
from core.market.spots import Spot
from core.market.usual import MAD, Flags, Usual, usual
from core.panel import Floats

PEERS = 8  # shares that foretell one
ENOUGH = 20.0  # log likelihood ratio; calibrated on the real panel, see tests/bench
ONE_SESSION = 2.5  # what a single session can add
FORETOLD_MIN = 0.15  # correlation with its peers below which a channel says nothing
CLIP = 4.0  # usual distances; beyond, a move is news
SESSIONS_MIN = 60  # fewer cannot say which shares are alike
LAGS = (-1, 1)  # the peers' session beside which a bar stands


@dataclass(frozen=True, slots=True)
class _Peers:
    """What the peers foretell in each channel at lags -1, 0, 1, and how well at the best."""

    seen: Floats
    foretold: Floats
    strength: Floats


def shifted(usual_: Usual) -> Iterator[Spot]:
    """Runs of bars that fit the peers' session before or after better than their own."""
    if len(usual_.sessions) < SESSIONS_MIN or len(usual_.isins) <= PEERS:
        return
    peers = _peers(usual_)
    for lag in LAGS:
        total, start = _evidence(peers, lag, usual_.here)
        for row, column in np.argwhere(_rising(total)):
            since = usual_.sessions[int(start[row, column])]
            beside = "before" if lag < 0 else "after"
            yield Spot(
                int(row), int(column), FlawKind.SHIFTED, Severity.BROKEN,
                f"moves with the session {beside} since {since}, evidence "
                f"{total[row, column]:.0f} where {ENOUGH:.0f} is enough; its dates are a session "
                "off, import it again with its time zone",
            )  # fmt: skip


def _peers(usual_: Usual) -> _Peers:
    channels = [_standard(one) for one in (usual_.gap, usual_.move - usual_.gap, usual_.span)]
    seen = np.stack(channels)
    alike = {lag: np.sum([_alike(one, lag) for one in channels], axis=0) for lag in (-1, 0, 1)}
    best = np.stack([_top(alike[lag]).sum(axis=1) for lag in (-1, 0, 1)])
    lag_of = np.where(best.max(axis=0) > 1.5 * best[1], best.argmax(axis=0) - 1, 0)
    weights = np.stack([_top(alike[lag]) for lag in (-1, 0, 1)])[lag_of + 1, np.arange(len(lag_of))]
    sums = np.stack([_standardised(one @ weights.T) for one in channels])
    foretold = np.stack([_at_lag(sums, lag) for lag in (-1, 0, 1)])
    columns = np.arange(sums.shape[2])
    fitted = np.stack([_correlation(seen[c], foretold[:, c]) for c in range(len(channels))])
    strength = fitted[:, lag_of + 1, columns]
    return _Peers(seen, foretold, np.where(strength > FORETOLD_MIN, np.minimum(strength, 0.95), 0))


def _evidence(peers: _Peers, lag: int, here: Flags) -> tuple[Floats, Floats]:
    """Page's sum of what speaks for a lag against none, and the row where each sum began."""
    b = peers.strength[:, None, :]
    own = (peers.seen - b * peers.foretold[1]) ** 2
    beside = (peers.seen - b * peers.foretold[lag + 1]) ** 2
    gain = ((own - beside) / (2 * (1 - b**2)) * (b > 0)).sum(axis=0)
    gain = np.where(here, np.clip(gain, -ONE_SESSION, ONE_SESSION), 0.0)
    total, start = np.zeros(gain.shape), np.zeros(gain.shape)
    running, since = np.zeros(gain.shape[1]), np.zeros(gain.shape[1])
    for row in range(len(gain)):
        since = np.where(running <= 0, row, since)
        running = np.maximum(0.0, running + gain[row])
        total[row], start[row] = running, since
    return total, start


def _rising(total: Floats) -> Flags:
    """Cells with enough evidence that still grows; the fall after a shift ends is left."""
    before = np.vstack([np.zeros((1, total.shape[1])), total[:-1]])
    found: Flags = (total > ENOUGH) & (total >= before)
    return found


def _standard(values: Floats) -> Floats:
    """Values over their usual size, clipped; 0 where nothing is known."""
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled = np.clip(values / (MAD * usual(np.abs(values))), -CLIP, CLIP)
    return _standardised(np.nan_to_num(scaled))


def _standardised(values: Floats) -> Floats:
    spread = values.std(axis=0)
    return np.where(spread > 0, (values - values.mean(axis=0)) / np.where(spread > 0, spread, 1), 0)


def _at_lag(sums: Floats, lag: int) -> Floats:
    """Each session's foretelling taken from `lag` sessions on; 0 past the ends."""
    moved = np.zeros(sums.shape)
    if lag == 0:
        moved[:] = sums
    elif lag > 0:
        moved[:, :-lag] = sums[:, lag:]
    else:
        moved[:, -lag:] = sums[:, :lag]
    return moved


def _alike(values: Floats, lag: int) -> Floats:
    """Correlation of each share (down) with each other one `lag` sessions on (across)."""
    n = len(values)
    mine = values[max(0, -lag) : n - max(0, lag)]
    theirs = values[max(0, lag) : n + min(0, lag)]
    found = mine.T @ theirs / len(mine)
    np.fill_diagonal(found, 0.0)
    return found


def _top(alike: Floats) -> Floats:
    """Only the PEERS largest of each row, and none below zero."""
    least = np.partition(alike, -PEERS, axis=1)[:, -PEERS][:, None]
    return np.where((alike >= least) & (alike > 0), alike, 0.0)


def _correlation(seen: Floats, foretold: Floats) -> Floats:
    """Of each share, with what is foretold at each lag; shape (3, n shares)."""
    found: Floats = (seen[None] * foretold).mean(axis=1)
    return found
