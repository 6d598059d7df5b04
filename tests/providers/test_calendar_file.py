import csv
import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from core.errors import BadInput
from core.providers.calendar_file import load_calendar, load_halts

REPOSITORY = Path(__file__).resolve().parents[2]
COMMITTED = REPOSITORY / "data" / "calendar.json"
REAL = REPOSITORY.parent / "shared" / "data" / "reference"


def test_the_committed_calendar_covers_fifteen_years_without_a_weekend_holiday():
    calendar = load_calendar(COMMITTED)
    assert (calendar.first, calendar.last) == (date(2012, 1, 1), date(2026, 12, 31))
    assert all(day.weekday() < 5 for day in calendar.holidays)
    assert len(calendar.tables) == 4
    # 261 weekdays of 2026 less 16 holidays, plus the Budget and Muhurat Sundays
    assert calendar.count(date(2026, 1, 1), date(2026, 12, 31)) == 247


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda fields: fields.pop("holidays"), "has no 'holidays'"),
        (lambda fields: fields.update(first="01-01-2012"), "cannot be understood"),
        (lambda fields: fields["phases"][0].update(plain=[["lunch", "1", "2", "any"]]), "lunch"),
        (lambda fields: fields.update(holidays=3), "cannot be understood"),
    ],
)
def test_a_malformed_calendar_is_refused_by_name(tmp_path: Path, change, words: str):
    fields = json.loads(COMMITTED.read_text(encoding="utf-8"))
    change(fields)
    path = tmp_path / "wrong.json"
    path.write_text(json.dumps(fields), encoding="utf-8")
    with pytest.raises(BadInput, match=words) as refusal:
        load_calendar(path)
    assert "wrong.json" in str(refusal.value)


def test_a_missing_calendar_is_refused_by_name(tmp_path: Path):
    with pytest.raises(BadInput, match=r"none\.json cannot be read"):
        load_calendar(tmp_path / "none.json")


@pytest.mark.realdata
def test_every_session_that_traded_is_in_the_calendar_and_no_other():
    path = REAL / "nse_trading_days_2012_2026_DERIVED.csv"
    if not path.exists():
        pytest.skip("the shared reference data is not beside this checkout")
    with path.open(encoding="utf-8") as lines:
        traded = [date.fromisoformat(row["date"]) for row in csv.DictReader(lines)]
    calendar = load_calendar(COMMITTED)
    ours = set(calendar.sessions(calendar.first, traded[-1]))
    missing, extra = sorted(set(traded) - ours), sorted(ours - set(traded))
    weekend = [day for day in traded if day.weekday() > 4]
    muhurat = [day for day, special in calendar.specials.items() if special.name == "Muhurat"]
    print(
        f"{len(traded)} sessions {traded[0]} to {traded[-1]}: {len(missing)} missing {missing}, "
        f"{len(extra)} extra {extra}; {len(weekend)} of them on a weekend, "
        f"{len([day for day in muhurat if day <= traded[-1]])} Muhurat"
    )
    assert (missing, extra) == ([], [])
    assert (len(traded), len(weekend)) == (3_629, 18)


@pytest.mark.realdata
def test_days_that_trade_without_settling_are_the_clearing_houses_own():
    path = REAL / "nse_holidays_2026.json"
    if not path.exists():
        pytest.skip("the shared reference data is not beside this checkout")
    lists = json.loads(path.read_text(encoding="utf-8"))

    def days(segment: str) -> set[date]:
        rows = [row["tradingDate"] for row in lists[segment]]
        return {datetime.strptime(row, "%d-%b-%Y").replace(tzinfo=UTC).date() for row in rows}

    calendar = load_calendar(COMMITTED)
    # the currency segment closes when the banks do; shares trade on those days and wait
    assert days("CD") - days("CM") == {
        day for day in calendar.settlement_holidays if day.year == 2026
    }


def test_the_halts_of_2026_are_loaded_and_a_malformed_file_is_refused(tmp_path: Path):
    [table] = load_halts(COMMITTED)
    assert len(table.steps) == 6
    path = tmp_path / "wrong.json"
    path.write_text('{"market_halts": [{"from": "soon"}]}', encoding="utf-8")
    with pytest.raises(BadInput, match=r"halts in wrong\.json"):
        load_halts(path)
    with pytest.raises(BadInput, match=r"none\.json cannot be read"):
        load_halts(tmp_path / "none.json")


@pytest.mark.realdata
def test_the_weekday_holidays_of_2026_are_the_published_ones():
    path = REAL / "nse_holidays_2026.json"
    if not path.exists():
        pytest.skip("the shared reference data is not beside this checkout")
    months = {"Jan": 1, "Mar": 3, "Apr": 4, "May": 5, "Jun": 6, "Feb": 2}
    months |= {"Aug": 8, "Sep": 9, "Oct": 10, "Nov": 11, "Dec": 12}
    published = set()
    for row in json.loads(path.read_text(encoding="utf-8"))["CM"]:
        day, month, year = row["tradingDate"].split("-")
        published.add(date(int(year), months[month], int(day)))
    calendar = load_calendar(COMMITTED)
    assert {day for day in calendar.holidays if day.year == 2026} == {
        day for day in published if day.weekday() < 5
    }
