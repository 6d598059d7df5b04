"""The month's report says what the P&L page says, to the paisa."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from core.desk.month_report import make_month, month_facts
from core.desk.pnl import stretch_pnl, whose
from core.domain.money import total
from core.domain.words import rupees
from core.errors import BadInput
from core.store import audit, reports
from core.treasury.pnl import sum_pnl
from tests.made.books import TODAY, Bookkeeper, random_books


def test_accounts_days_and_owners_each_sum_to_the_month(tmp_path: Path):
    made = random_books(tmp_path, 4)
    with made.desk.store.read() as tx:
        facts = month_facts(made.desk, tx, TODAY)
        whole = stretch_pnl(made.desk, tx, whose(tx), date(2026, 11, 1), TODAY)
    assert (facts.first, facts.last, facts.is_over) == (date(2026, 11, 1), TODAY, False)
    assert facts.whole.earned == whole == sum_pnl(one.earned for one in facts.accounts)
    assert total(one.net for one in facts.days) == whole.net
    assert [head for head, _ in facts.owners] == ["Strategy", "Event", "Sector"]
    for _, rows in facts.owners:
        assert sum_pnl(one for _, one in rows) == whole
    assert facts.days[-1].worth == facts.whole.worth == total(one.worth for one in facts.accounts)
    assert facts.whole.ahead is not None and facts.index_name == "Simulated index"


def test_it_is_kept_under_its_month_and_written_again(tmp_path: Path):
    made = random_books(tmp_path, 4)
    one = make_month(made.desk, date(2026, 10, 9), by="me")
    two = make_month(made.desk, TODAY, by="me")
    assert make_month(made.desk, TODAY, by="me") == two
    with made.desk.store.read() as tx:
        assert reports.all_reports(tx) == [two, one]
        assert audit.entries(tx)[-1].subject == "month:2026-11"
        net = month_facts(made.desk, tx, date(2026, 10, 9)).whole.earned.net
    assert one.markdown.startswith("# October 2026\n") and rupees(net, signed=True) in one.markdown
    assert two.markdown.startswith("# November 2026, so far\n")


def test_a_month_without_books_is_refused_with_both_days(tmp_path: Path):
    made = Bookkeeper(tmp_path, sessions=3)
    made.account("Alpha")
    with pytest.raises(BadInput, match="no report of November 2026: the books are empty"):
        make_month(made.desk, TODAY, by="me")
    full = random_books(tmp_path / "full", 4)
    for on in (date(2026, 1, 5), date(2026, 12, 1)):
        with pytest.raises(BadInput, match=r"the books begin on 2026-10-.*today is 2026-11-20"):
            make_month(full.desk, on, by="me")
