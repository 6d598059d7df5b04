import json
from pathlib import Path

import pytest

from core.domain.charges import Item
from core.errors import BadInput
from core.providers.charges_file import load_charges

COMMITTED = Path(__file__).resolve().parents[2] / "data" / "charges.json"


def test_every_committed_row_says_where_it_comes_from():
    schedule = load_charges(COMMITTED)
    rows = (*schedule.rates, *schedule.brokerages, *schedule.depository_fees)
    assert all(row.source for row in rows)
    assert {row.item for row in schedule.rates} == set(Item)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda tables: tables.pop("dp"), "without 'dp'"),
        (lambda tables: tables["rates"][0].pop("rate"), "without 'rate'"),
        (lambda tables: tables["rates"][0].update(item="cess"), "'cess' is not a valid Item"),
        (lambda tables: tables["rates"][0].update(rate="a tenth"), "cannot be understood"),
        (lambda tables: tables["brokerage"][0].update(cap="much"), "'much' is not an amount"),
    ],
)
def test_a_malformed_schedule_is_refused_by_name(tmp_path: Path, change, words: str):
    tables = json.loads(COMMITTED.read_text(encoding="utf-8"))
    change(tables)
    path = tmp_path / "wrong.json"
    path.write_text(json.dumps(tables), encoding="utf-8")
    with pytest.raises(BadInput, match=words) as refusal:
        load_charges(path)
    assert "wrong.json" in str(refusal.value)


def test_a_missing_schedule_is_refused_by_name(tmp_path: Path):
    with pytest.raises(BadInput, match=r"none\.json cannot be read"):
        load_charges(tmp_path / "none.json")
