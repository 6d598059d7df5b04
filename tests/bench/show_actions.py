"""Prints how well corporate actions are read, applied and inferred on the real market files.

`python -m tests.bench.show_actions [FOLDER]`; the folder is shared/data beside the repository
unless another is named. The tests marked `realdata` hold the same figures to their bounds.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow.parquet

from core.domain.action import Factor
from core.domain.instrument import CapClass, Instrument
from core.market.infer import Guess, infer
from core.panel import Panel, factor_grid
from core.providers.action_subject import Reading, read_subject
from core.providers.bar_panel import to_panel
from core.providers.factors import read_factors, resolved
from core.providers.files import read_bars
from core.providers.renames import current_symbol

REAL = Path(__file__).resolve().parents[3] / "shared" / "data"
RAW = (
    "prices/nse_cm_bhavcopy_unadjusted_2016_2017.parquet",
    "prices/nse_sec_bhavdata_full_unadjusted_2019_2026.parquet",
)
ADJUSTED = "prices/nse_adjusted_daily_1994_2024.parquet"
FACTORS = "corporate_actions/implied_adjustment_factors_DERIVED.csv"
LAST_WHOLE = date(2024, 4, 1)  # the adjusted set's last bar is a half-finished one
TOLERANCE, PAISE = 0.002, 0.06  # 0.2 %, or the tick that the vendor rounds to
SAME_STEP, RUN = 0.003, 10  # closes off by one ratio, and how many of them make a step
SESSIONS_A_YEAR = 247
# events that the list lacks and the companies announced: it covers 62 names, few after 2024-03
ANNOUNCED = {
    ("MINDTREE", date(2016, 3, 9)),  # bonus 1:1
    ("MOTHERSON", date(2017, 7, 5)),  # bonus 1:2
    ("M&M", date(2017, 12, 21)),  # bonus 1:1
    ("BANKBEES", date(2019, 12, 19)),  # units split 10:1
    ("NIFTYBEES", date(2019, 12, 19)),  # units split 10:1
    ("GOLDBEES", date(2019, 12, 19)),  # units split 100:1
    ("SETFGOLD", date(2022, 1, 6)),  # units split 100:1
    ("PERSISTENT", date(2024, 3, 28)),  # split 10 to 5
    ("CANBK", date(2024, 5, 15)),  # split 10 to 2
    ("SIEMENS", date(2025, 4, 7)),  # demerger of the energy business
    ("COFORGE", date(2025, 6, 4)),  # split 10 to 2
    ("MOTHERSON", date(2025, 7, 18)),  # bonus 1:2
    ("PIDILITIND", date(2025, 9, 23)),  # bonus 1:1
    ("TMPV", date(2025, 10, 14)),  # demerger of commercial vehicles
}
SAMPLE = 150
LABELS = Path(__file__).with_name("subjects_read_by_hand.csv")
LETTERS = {
    "SPLIT": "S",
    "BONUS": "B",
    "RIGHTS": "R",
    "DEMERGER": "X",
    "DIVIDEND": "D",
    "CONSOLIDATION": "C",
    "OTHER": "O",
}


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """Closes where raw and adjusted both exist; `off` are those beyond the tolerance.

    `lacking` names a share, the last session of a run that is off by one constant ratio, and
    that ratio: a step the factor list has not.
    """

    closes: int
    symbols: int
    off: tuple[tuple[str, date, float], ...]
    lacking: tuple[tuple[str, date, float], ...]

    @property
    def explained(self) -> set[tuple[str, date]]:
        """Cells that a lacking step of their share explains."""
        last = {symbol: max(day for s, day, _ in self.lacking if s == symbol)
                for symbol, _, _ in self.lacking}  # fmt: skip
        return {(s, day) for s, day, _ in self.off if s in last and day <= last[s]}


def panels(folder: Path) -> list[tuple[Panel, dict[str, str]]]:
    """Both raw panels with every symbol of theirs, and the symbol of each made-up ISIN."""
    found = []
    for name in RAW:
        read = read_bars(folder / name)
        symbols = sorted({current_symbol(one) for one in set(read.rows.symbol.tolist())})
        shares = [_share(symbol) for symbol in symbols]
        panel, _ = to_panel(read, shares)
        found.append((panel, {one.isin: one.symbol for one in shares}))
    return found


def listed(folder: Path, symbols: Iterable[str], *, exact: bool = False) -> list[Factor]:
    """The factor list, or those of it with an exact ex-date, for made-up ISINs."""
    rows = read_factors(folder / FACTORS)
    if exact:
        with (folder / FACTORS).open(newline="") as text:
            sure = [row["ex_date_exact"] == "yes" for row in csv.DictReader(text)]
        rows = [row for row, keep in zip(rows, sure, strict=True) if keep]
    return resolved(rows, [_share(symbol) for symbol in symbols], source="list")[0]


def rebuilt(folder: Path, raw: Sequence[tuple[Panel, dict[str, str]]]) -> Rebuilt:
    """Adjusted closes made from raw ones and the list, held against the adjusted set."""
    theirs = _adjusted(folder)
    closes, symbols, off = 0, set(), []
    for panel, names in raw:
        known = listed(folder, names.values())
        columns = {isin: place for place, isin in enumerate(panel.isins)}
        factor = factor_grid(panel.sessions, columns, known, as_of=LAST_WHOLE)
        ours = panel.close / factor
        for row, column in np.argwhere(np.isfinite(ours)):
            day, symbol = panel.sessions[row], names[panel.isins[column]]
            close = theirs.get((symbol, day))
            if close is None or day > LAST_WHOLE:
                continue
            closes += 1
            symbols.add(symbol)
            ratio = float(ours[row, column]) / close
            if abs(ratio - 1) > TOLERANCE and abs(ours[row, column] - close) > PAISE:
                off.append((symbol, day, ratio))
    off.sort()
    return Rebuilt(closes, len(symbols), tuple(off), _steps(off))


def _steps(off: Sequence[tuple[str, date, float]]) -> tuple[tuple[str, date, float], ...]:
    """Ratios that ten and more closes of a share are off by, each with the last such day."""
    found = []
    for symbol in sorted({one[0] for one in off}):
        rows = [(day, ratio) for name, day, ratio in off if name == symbol]
        while rows:
            last, ratio = rows[-1]
            same = [day for day, other in rows if abs(other / ratio - 1) < SAME_STEP]
            if len(same) >= RUN:
                found.append((symbol, last, ratio))
            rows = [one for one in rows if one[0] not in same]
    return tuple(sorted(found))


@dataclass(frozen=True, slots=True)
class Inferred:
    """What raw prices alone suggest, beside the list's events with an exact ex-date."""

    symbol_years: float
    found: tuple[tuple[str, Guess], ...]
    hit: tuple[tuple[str, Factor, Guess], ...]
    missed: tuple[tuple[str, Factor], ...]
    outside: tuple[tuple[str, Guess], ...]


def inferred(folder: Path, raw: Sequence[tuple[Panel, dict[str, str]]]) -> Inferred:
    """Every guess over both panels, against the list."""
    years, found, hit, missed, outside = 0.0, [], [], [], []
    for panel, names in raw:
        years += float(np.isfinite(panel.close).sum()) / SESSIONS_A_YEAR
        guesses = {(one.isin, one.ex_date): one for one in infer(panel)}
        found += [(names[one.isin], one) for one in guesses.values()]
        events = {
            (one.isin, one.ex_date): one
            for one in listed(folder, names.values(), exact=True)
            if one.isin in panel.isins
            and panel.sessions[0] < one.ex_date <= panel.sessions[-1]
            and one.ex_date in panel.sessions
        }
        for key, event in events.items():
            if key in guesses:
                hit.append((names[event.isin], event, guesses[key]))
            else:
                missed.append((names[event.isin], event))
        outside += [(names[one.isin], one) for key, one in guesses.items() if key not in events]
    return Inferred(years, tuple(found), tuple(hit), tuple(missed), tuple(outside))


def sample(folder: Path) -> list[tuple[str, str, Decimal | None]]:
    """150 subjects: key, text, face value. One of each wording first, then the next of each.

    Within a wording (numbers aside) the order is that of the SHA-256 of text and face value, so
    the sample is the same everywhere and nobody chose it.
    """
    subjects: dict[str, tuple[str, str]] = {}
    for text, face in _subjects(folder / "corporate_actions"):
        said = " ".join(text.split())
        subjects[hashlib.sha256(f"{said}|{face}".encode()).hexdigest()] = (said, face)
    wordings: dict[str, list[str]] = {}
    for key in sorted(subjects):
        wordings.setdefault(re.sub(r"[\d.,]+", "#", subjects[key][0].lower()), []).append(key)
    chosen: list[str] = []
    for turn in range(max(map(len, wordings.values()))):
        chosen += [keys[turn] for keys in sorted(wordings.values()) if len(keys) > turn]
    return [
        (key[:12], subjects[key][0], Decimal(subjects[key][1]) if subjects[key][1] else None)
        for key in sorted(chosen[:SAMPLE])
    ]


def labels() -> dict[str, str]:
    """What a person read in each subject of the sample, by the subject's key."""
    with LABELS.open(newline="") as text:
        return {row["key"]: row["read"] for row in csv.DictReader(text)}


def written(readings: Iterable[Reading]) -> str:
    """Readings in the short form of the labels: `S5:1`, `B1:2`, `R1:5@75`, `D2+D1.5`, `O`."""
    parts = []
    for one in readings:
        ratio = f"{one.new}:{one.old}" if one.new else ""
        at = "@" if one.kind.value == "RIGHTS" and one.amount is not None else ""
        amount = "" if one.amount is None else f"{one.amount.paise / 100:g}"
        parts.append(LETTERS[one.kind.value] + ratio + at + amount)
    return "+".join(parts)


def scores(folder: Path) -> dict[str, tuple[int, int, int]]:
    """For each kind: actions read rightly (ratio and amount too), read, and labelled."""
    expected = labels()
    right, read, there = Counter[str](), Counter[str](), Counter[str]()
    for key, text, face in sample(folder):
        ours = Counter(written(read_subject(text, face_value=face)).split("+"))
        theirs = Counter(expected[key].split("+"))
        for counter, parts in ((right, ours & theirs), (read, ours), (there, theirs)):
            for part, number in parts.items():
                counter[part[0]] += number
    return {kind: (right[letter], read[letter], there[letter]) for kind, letter in LETTERS.items()}


def _subjects(folder: Path) -> Iterable[tuple[str, str]]:
    for name in ("nse_ca_2016-01.json", "nse_ca_2023-07.json"):
        for row in json.loads((folder / name).read_text()):
            yield row["subject"], row["faceVal"].strip()
    for name, text, face in (
        ("nse_corporate_actions_2026-08.csv", "PURPOSE", "FACE_VALUE"),
        ("bse_ca_2016-01.csv", "Purpose", ""),
        ("bse_ca_2023-07.csv", "Purpose", ""),
    ):
        with (folder / name).open(newline="") as lines:
            for row in csv.DictReader(lines):
                yield row[text], row[face].strip() if face else ""


def _adjusted(folder: Path) -> dict[tuple[str, date], float]:
    table = pyarrow.parquet.read_table(
        folder / ADJUSTED, columns=["datetime", "symbol", "close"],
        filters=[("datetime", ">=", np.datetime64("2016-01-01", "us"))],
    )  # fmt: skip
    days = table["datetime"].to_numpy().astype("datetime64[D]").tolist()
    symbols = [current_symbol(one) for one in table["symbol"].to_pylist()]
    return dict(zip(zip(symbols, days, strict=True), table["close"].to_pylist(), strict=True))


def _share(symbol: str) -> Instrument:
    number = hashlib.sha256(symbol.encode()).hexdigest()[:9].upper()
    return Instrument(f"INE{number}", symbol, symbol, "Any", CapClass.LARGE)


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else REAL
    raw = panels(folder)
    made = rebuilt(folder, raw)
    left = [one for one in made.off if one[:2] not in made.explained]
    print(f"Rebuilt: {made.closes} closes of {made.symbols} symbols, tolerance {TOLERANCE:.1%}")
    print(f"  within it: {1 - len(made.off) / made.closes:.3%}")
    for symbol, day, ratio in made.lacking:
        print(f"  the list lacks a step of {symbol} after {day}: rebuilt is {ratio:.4f} of theirs")
    days = Counter(day for _, day, _ in left)
    print(f"  {len(left)} other closes are off, on " + ", ".join(
        f"{day} ({number})" for day, number in days.most_common()))  # fmt: skip
    guessed = inferred(folder, raw)
    print(f"\nInferred: {len(guessed.found)} breaks over {guessed.symbol_years:.0f} symbol-years")
    total = len(guessed.hit) + len(guessed.missed)
    print(f"  of {total} listed events with an exact ex-date found {len(guessed.hit)}")
    for symbol, event in guessed.missed:
        print(f"  missed {symbol} {event.ex_date} {event.divisor}")
    for symbol, event, guess in guessed.hit:
        if abs(guess.divisor / event.divisor - 1) > 0.001:
            print(f"  other ratio {symbol} {event.ex_date}: {guess.divisor:.4f}, {event.divisor}")
    unknown = [one for one in guessed.outside if (one[0], one[1].ex_date) not in ANNOUNCED]
    print(f"  {len(guessed.outside)} are not on the list, {len(unknown)} nowhere known:")
    for symbol, guess in unknown:
        print(f"  not known {symbol} {guess.ex_date} {guess.kind} {guess.divisor:.4f}")
    rate = len(unknown) / guessed.symbol_years
    print(f"  false alarms at most {rate:.4f} a symbol-year")
    print(f"\nRead: {SAMPLE} subjects, labelled by hand; right means kind, ratio and amount")
    for kind, (right, read, there) in scores(folder).items():
        precision = f"{right / read:.1%}" if read else "none read"
        recall = f"{right / there:.1%}" if there else "none there"
        print(f"  {kind:<13} precision {precision:>9}  recall {recall:>10}  of {there}")


if __name__ == "__main__":
    main()
