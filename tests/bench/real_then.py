"""The real panel with the shares that left, and who took part on each session as known then."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np

from core.desk.studied_then import LEFT
from core.domain.action import Factor, known_by_ex_date
from core.domain.instrument import NOT_KNOWN, CapClass, Instrument, is_fund
from core.domain.succession import ISSUER
from core.market.infer import infer
from core.models.calibrate import Bools
from core.models.taking_part import RULE, SESSIONS, taking_part
from core.panel import Panel, factor_grid
from core.providers.bar_file import BarFile
from core.providers.bar_panel import to_panel, unknown_keys
from core.providers.factors import read_factors, resolved
from core.providers.files import read_bars
from core.providers.renames import Kind, changes_now, current_isin, current_symbol
from core.providers.universe_file import load_universe
from tests.bench.show_actions import FACTORS, RAW
from tests.bench.sim_against_real import FILES, FIRST_WHOLE

LISTED = "reference/EQUITY_L.csv"
INDEX = "reference/ind_nifty500list_2020-05.csv"


def real_then(folder: Path) -> tuple[Panel, Bools]:
    """Every share of the raw file from October 2019 on, and where each takes part.

    Shares outside the committed universe get their ISIN from the facts of who left, or from the
    exchange's list; funds are left out. Splits are taken out as `sim_against_real.real` does.
    """
    file = read_bars(folder / RAW[1])
    shares = [*load_universe(FILES / "universe.csv")]
    shares += _others(file, shares, folder)
    panel, _ = to_panel(file, shares)
    panel = panel.since(FIRST_WHOLE)
    known, _ = resolved(read_factors(folder / FACTORS), shares, source="list")
    listed = _divided(panel, known)
    known += [
        Factor(one.isin, one.ex_date, one.divisor, one.kind, "prices",
               known_by_ex_date(one.ex_date))
        for one in infer(listed)
    ]  # fmt: skip
    whole = _divided(panel, known)
    members = taking_part(whole)
    some = members.any(axis=0)
    isins = [isin for isin, is_in in zip(whole.isins, some, strict=True) if is_in]
    return whole.only(isins), members[:, some]


def _others(file: BarFile, shares: Sequence[Instrument], folder: Path) -> list[Instrument]:
    """Shares of a file that the committed universe lacks."""
    isins = {row["SYMBOL"]: row["ISIN NUMBER"] for row in _rows(folder / LISTED)}
    isins |= {one.old_symbol: one.old_isin for one in changes_now()
              if one.kind in (Kind.END, Kind.MERGER)}  # fmt: skip
    found = {isins[symbol]: symbol for _, symbol in unknown_keys(file, shares) if symbol in isins}
    return [
        Instrument(isin, symbol, symbol, NOT_KNOWN, CapClass.SMALL)
        for isin, symbol in sorted(found.items())
        if not is_fund(isin)
    ]


def _divided(panel: Panel, known: Sequence[Factor]) -> Panel:
    columns = {isin: place for place, isin in enumerate(panel.isins)}
    last: date = panel.sessions[-1]
    return replace(panel, factor=factor_grid(panel.sessions, columns, known, as_of=last))


def selected(panel: Panel, folder: Path) -> str:
    """What chose the shares, how many took part and left, and what no rule of ours can mend."""
    a_session = taking_part(panel).sum(axis=1)[SESSIONS:]
    gone = int(np.isnan(panel.close[-LEFT:]).all(axis=0).sum())
    index, lost = left_the_index(folder)
    here = {isin[:ISSUER] for isin in panel.isins}
    kept = sum(isin[:ISSUER] in here for isin in lost)
    return (
        f"A share takes part on a session where, as known at its close, it {RULE}: "
        f"{a_session.min()} to {a_session.max()} of {len(panel.isins)}, {gone} of which have no "
        f"bar at the end. Which shares the file has at all was chosen in hindsight: of {index} in "
        f"the Nifty 500 of May 2020 {len(lost)} were listed no more in July 2026, and the file has "
        f"{kept} of them. What is missing flatters every model."
    )


def left_the_index(folder: Path) -> tuple[int, list[str]]:
    """How many shares the Nifty 500 of May 2020 had, and the ISINs of those listed no more."""
    listed = _rows(folder / LISTED)
    symbols = {row["SYMBOL"] for row in listed}
    issuers = {row["ISIN NUMBER"][:ISSUER] for row in listed}
    ended = {one.old_isin for one in changes_now() if one.kind in (Kind.END, Kind.MERGER)}
    old = {row["ISIN Code"]: row["Symbol"] for row in _rows(folder / INDEX)}
    lost = [
        isin
        for isin, symbol in old.items()
        if isin in ended
        or (current_isin(isin)[:ISSUER] not in issuers and current_symbol(symbol) not in symbols)
    ]
    return len(old), lost


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return [
            {name.strip(): value.strip() for name, value in row.items()}
            for row in csv.DictReader(lines)
        ]
