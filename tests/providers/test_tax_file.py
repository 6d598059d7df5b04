import json
from pathlib import Path

import pytest

from core.domain.tax import Head
from core.errors import BadInput
from core.providers.tax_file import load_tax

COMMITTED = Path(__file__).resolve().parents[2] / "data" / "tax.json"


def test_every_committed_rule_names_its_law():
    law = load_tax(COMMITTED)
    assert all(row.source for row in (*law.rates, *law.exemptions, *law.carries))
    assert {row.head for row in law.rates} == {Head.SHORT, Head.LONG}
    assert {row.head for row in law.carries} == set(Head)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda tables: tables.pop("cess"), "without 'cess'"),
        (lambda tables: tables["rates"][0].update(head="medium"), "'medium' is not a valid Head"),
        (lambda tables: tables["exemptions"][0].update(amount="much"), "'much' is not an amount"),
    ],
)
def test_malformed_rules_are_refused_by_name(tmp_path: Path, change, words: str):
    tables = json.loads(COMMITTED.read_text(encoding="utf-8"))
    change(tables)
    path = tmp_path / "wrong.json"
    path.write_text(json.dumps(tables), encoding="utf-8")
    with pytest.raises(BadInput, match=words) as refusal:
        load_tax(path)
    assert "wrong.json" in str(refusal.value)


def test_missing_rules_are_refused_by_name(tmp_path: Path):
    with pytest.raises(BadInput, match=r"none\.json cannot be read"):
        load_tax(tmp_path / "none.json")
