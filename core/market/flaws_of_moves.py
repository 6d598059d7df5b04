"""Flaws that show as a move: jumps beside corporate actions, bad ticks, prices in another unit.

A real crash is made in the session, on a crowd; exchange bands keep an overnight move under
20 %, and under about 23 % as a log with the market's own. What opens farther away than that, or
far away on ordinary turnover, or comes back overnight, is not a price.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from core.domain.quality import FlawKind, Severity
from core.market.infer import infer
from core.market.spots import TICK, Spot
from core.market.usual import RECENT, Flags, Usual, across, ahead, at_rows
from core.panel import Floats, Panel

JUMP = 0.26  # log open over last close; the largest real one in seven years of 115 shares is 0.23
JUMP_KEPT = 0.20  # of which the close keeps this much
FAR = 0.22  # log close over last close, on a turnover that tells no story
QUIET = 0.07  # log fall from the last close to the open, kept, on a quiet day: news is loud
QUIET_TURNOVER = 0.75  # log over the usual
QUIET_SPAN = 0.5  # log range over the usual
LARGE = 0.13  # a fall this large is louder still when it is real
LARGE_TURNOVER = 1.25
QUIET_SCALES = 2.5  # over the largest gap of the share's last RECENT sessions
QUIET_MARKET = 0.025  # on a day when the median share moved more, a small gap says nothing
LARGE_MARKET = 0.06
QUIET_LOCKED = -2.5  # a range of nearly nothing is a share at its price band
FAR_SCALES = 6.0
ORDINARY = 0.5  # log of turnover over the usual one
BACK_MIN = 0.06  # log of a close so far off that the next open takes back; 4 % happens
BACK_SCALES = 2.5  # in usual moves of the share or, where larger, of the session
BACK_NET = 0.6  # what may be left of it
BACK_TICKS = 5  # a cheap share moves by whole ticks
STEP = 0.05  # log divisor below which an action cannot be told from a night's move
STEP_SCALES = 4.0
UNITS = (10.0, 100.0, 1000.0)
UNIT_NEAR = 0.3  # log distance from a unit
TOLD_NEAR = 7  # days around a break that a person has looked at


def moves(
    panel: Panel,
    usual: Usual,
    *,
    dividends: Collection[tuple[str, date]],
    settled: Collection[tuple[str, date]],
) -> Iterator[Spot]:
    """Everything wrong with a move, at most one flaw a cell; a unit before a jump before a tick.

    Args:
        dividends: ISINs and ex-dates, which explain a small fall.
        settled: ISINs and days of breaks that a person has called real.
    """
    seen: set[tuple[int, int]] = set()
    for found in (
        wrong_units(panel, usual),
        unmoved(panel, usual),
        jumps(panel, usual, dividends=dividends),
        bad_ticks(panel, usual),
    ):
        for one in found:
            if (one.row, one.column) not in seen and not _told(panel, one, settled):
                seen.add((one.row, one.column))
                yield one


def jumps(
    panel: Panel, usual: Usual, *, dividends: Collection[tuple[str, date]] = ()
) -> Iterator[Spot]:
    """Opens too far from the last close for a price band, and breaks that look like an action.

    Over a hole in the bars nothing is said: the hole itself is found.
    """
    far = _open_jumps(usual) | (_quiet_jumps(usual) & ~_paid(panel, dividends))
    for row, column in np.argwhere(far):
        yield Spot(int(row), int(column), FlawKind.JUMP, Severity.SERIOUS,
                   _jump_words(panel, usual, int(row), int(column)))  # fmt: skip
    rows = {session: row for row, session in enumerate(panel.sessions)}
    for guess in infer(panel, market=across(usual.gap), dividends=dividends):
        row, column = rows[guess.ex_date], panel.column(guess.isin)
        if not far[row, column] and not usual.hole[row, column]:
            yield Spot(row, column, FlawKind.JUMP, Severity.SERIOUS,
                       _jump_words(panel, usual, row, column))  # fmt: skip


def unmoved(panel: Panel, usual: Usual) -> Iterator[Spot]:
    """A corporate action whose ex-date shows no jump in the raw prices.

    The raw move must be nearer to none than to the divisor, and the divisor large beside what
    the share moves anyway.
    """
    step = -np.log(panel.factor / at_rows(panel.factor, usual.before))
    with np.errstate(invalid="ignore"):
        raw = usual.odd_gap - step
        told = (np.abs(step) > STEP) & (np.abs(step) > STEP_SCALES * usual.scale) & ~usual.hole
        still = told & (np.abs(raw) < 0.35 * np.abs(step)) & (np.abs(usual.odd_gap) > np.abs(raw))
    for row, column in np.argwhere(still):
        divisor = float(np.exp(step[row, column]))
        yield Spot(
            int(row), int(column), FlawKind.NO_JUMP, Severity.SERIOUS,
            f"an action divides its price by {divisor:.3f} and the open moved by "
            f"{np.expm1(raw[row, column]):+.1%}; correct the ex-date or the ratio",
        )  # fmt: skip


def wrong_units(panel: Panel, usual: Usual) -> Iterator[Spot]:
    """Prices 10, 100 or 1000 times what they were while as many shares changed hands as before.

    A split of that ratio moves the volume the other way and leaves the turnover.
    """
    size = np.abs(usual.odd_move)
    unit = np.min([np.abs(size - np.log(one)) for one in UNITS], axis=0) < UNIT_NEAR
    with np.errstate(invalid="ignore"):
        with_price = np.abs(usual.turnover - usual.odd_move) < np.abs(usual.turnover)
    for row, column in np.argwhere(unit & with_price & ~usual.hole):
        times = float(np.exp(usual.move[row, column]))
        yield Spot(
            int(row), int(column), FlawKind.UNIT, Severity.BROKEN,
            f"closed at {_times(times)} the close before on "
            f"{np.exp(usual.volume[row, column]):.1f} times its usual volume; "
            "rupees and paise are mixed, import it in rupees",
        )  # fmt: skip


def bad_ticks(panel: Panel, usual: Usual) -> Iterator[Spot]:
    """A close far off that the next open takes back, or far off on ordinary turnover.

    The first needs the session after; the second blocks at once and is kept for moves beyond
    any price band.
    """
    off, back = np.where(usual.hole, np.nan, usual.odd_move), _next_gap(usual)
    with np.errstate(invalid="ignore"):
        smaller = np.minimum(np.abs(off), np.abs(back))
        scale = np.maximum(usual.scale, _after(usual))
        ticks = np.abs(np.expm1(off)) * panel.close >= BACK_TICKS * TICK
        returned = (off * back < 0) & (smaller > BACK_MIN) & (smaller > BACK_SCALES * scale)
        returned &= (np.abs(off + back) <= BACK_NET * smaller) & ticks
        alone = (np.abs(off) > np.maximum(FAR, FAR_SCALES * scale)) & ~_open_jumps(usual)
        alone &= usual.turnover < ORDINARY
        alone &= np.abs(usual.odd_gap) < 0.5 * np.abs(off)
    for row, column in np.argwhere(returned | alone):
        change = np.expm1(usual.move[row, column])
        then = (
            f"opened {np.expm1(back[row, column]):+.1%} away the session after"
            if returned[row, column]
            else f"traded {np.exp(usual.turnover[row, column]):.1f} times its usual turnover"
        )
        yield Spot(
            int(row), int(column), FlawKind.BAD_TICK, Severity.SERIOUS,
            f"closed {change:+.1%} away and {then}; fetch it again or accept it",
        )  # fmt: skip


def _open_jumps(usual: Usual) -> Flags:
    with np.errstate(invalid="ignore"):
        far = (np.abs(usual.odd_gap) > JUMP) & (np.abs(usual.odd_move) > JUMP_KEPT)
        found: Flags = far & (usual.odd_gap * usual.odd_move > 0) & ~usual.hole
    return found


def _quiet_jumps(usual: Usual) -> Flags:
    """Falls at the open that the day keeps and the next open leaves, with no crowd behind them."""
    size, kept, back = -usual.odd_gap, -usual.odd_move, _next_gap(usual)
    market = np.abs(usual.market)[:, None]
    with np.errstate(invalid="ignore"):
        small = (usual.turnover < QUIET_TURNOVER) & (usual.span < QUIET_SPAN)
        small &= (size > QUIET) & (market < QUIET_MARKET)
        large = (size > LARGE) & (usual.turnover < LARGE_TURNOVER) & (market < LARGE_MARKET)
        found: Flags = (small | large) & (kept > 0.6 * size) & ~usual.hole
        found &= size > QUIET_SCALES * _largest(np.where(usual.hole, 0.0, np.abs(size)))
        found &= (usual.span > QUIET_LOCKED) & (np.abs(back) < 0.4 * size)
    return found


def _paid(panel: Panel, dividends: Collection[tuple[str, date]]) -> Flags:
    rows = {session: row for row, session in enumerate(panel.sessions)}
    columns = {isin: column for column, isin in enumerate(panel.isins)}
    found = np.zeros(panel.close.shape, dtype=bool)
    for isin, day in dividends:
        if isin in columns and day in rows:
            found[rows[day], columns[isin]] = True
    return found


def _largest(sizes: Floats) -> Floats:
    """The largest of each share's RECENT sessions before a session; inf where none is known."""
    padded = np.vstack([np.full((RECENT, sizes.shape[1]), np.nan), sizes])[:-1]
    windows = sliding_window_view(padded, RECENT, axis=0)
    known = np.isfinite(windows).any(axis=-1)
    return np.where(known, np.nan_to_num(windows).max(axis=-1), np.inf)


def _jump_words(panel: Panel, usual: Usual, row: int, column: int) -> str:
    opened = float(panel.open[row, column])
    last = float(panel.close[usual.before[row, column], column])
    return (
        f"opened at {opened:.2f} after a close of {last:.2f} and no corporate action says why; "
        "import the action, accept it, or fetch the session again"
    )


def _next_gap(usual: Usual) -> Floats:
    """The next session's open over this close, the market's move off; NaN over a hole."""
    return ahead(np.where(usual.hole, np.nan, usual.odd_gap))


def _after(usual: Usual) -> Floats:
    return np.nan_to_num(ahead(usual.scale))


def _told(panel: Panel, spot: Spot, settled: Collection[tuple[str, date]]) -> bool:
    isin, day = panel.isins[spot.column], panel.sessions[spot.row]
    return any(name == isin and abs((day - at).days) <= TOLD_NEAR for name, at in settled)


def _times(ratio: float) -> str:
    return f"{ratio:.0f} times" if ratio >= 1 else f"1/{1 / ratio:.0f} of"
