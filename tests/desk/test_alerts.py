"""Price lines: asked, reached from either side, dropped, seen."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.desk.alerts import ask_alert, drop_alert, fire_alerts, see_alert
from core.domain.money import Money
from core.domain.watch import AlertKind
from core.errors import BadInput, NotFound
from core.store import alerts, audit, quotes
from tests.views.shelf import RELIANCE, filled_desk, quote


def test_the_side_it_waits_on_follows_from_the_price_now(tmp_path: Path):
    desk = filled_desk(tmp_path)  # RELIANCE trades at 2845.30
    assert ask_alert(desk, "RELIANCE", Money.rupees("2900"), by="t").kind is AlertKind.PRICE_ABOVE
    below = ask_alert(desk, "reliance", Money.rupees("2800"), by="t")
    assert (below.kind, below.sentence) == (
        AlertKind.PRICE_BELOW, "RELIANCE price below 2,800.00",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("level", "words"),
    [("0", "can never be reached"), ("2845.30", "trades at ₹2845.30 already")],
)
def test_a_level_that_tells_nothing_is_refused(tmp_path: Path, level: str, words: str):
    with pytest.raises(BadInput, match=words):
        ask_alert(filled_desk(tmp_path), "RELIANCE", Money.rupees(level), by="t")


def test_an_unknown_symbol_is_refused(tmp_path: Path):
    with pytest.raises(NotFound, match="near ones are"):
        ask_alert(filled_desk(tmp_path), "RELIENCE", Money.rupees("1"), by="t")


def test_it_goes_off_once_when_the_price_gets_there(tmp_path: Path):
    desk = filled_desk(tmp_path)
    up = ask_alert(desk, "RELIANCE", Money.rupees("2850"), by="t")
    down = ask_alert(desk, "RELIANCE", Money.rupees("2840"), by="t")
    assert fire_alerts(desk) == 0
    with desk.store.write() as tx:
        quotes.put(tx, [quote(RELIANCE, "2850.00", "2813.80")])
    assert (fire_alerts(desk), fire_alerts(desk)) == (1, 0)
    with desk.store.read() as tx:
        assert [one.id for one in alerts.waiting(tx)] == [down.id]
        assert alerts.recent(tx)[0].id == up.id
        assert audit.newest(tx, 1)[0].verb == "alert fired"


def test_a_dropped_alert_never_goes_off_and_a_seen_one_is_kept(tmp_path: Path):
    desk = filled_desk(tmp_path)
    alert = ask_alert(desk, "RELIANCE", Money.rupees("2850"), by="t")
    drop_alert(desk, alert.id, by="t")
    with desk.store.read() as tx:
        assert alerts.waiting(tx) == []
        assert alerts.by_id(tx, alert.id).dropped
    other = ask_alert(desk, "RELIANCE", Money.rupees("2900"), by="t")
    see_alert(desk, other.id)
    with desk.store.read() as tx:
        assert alerts.by_id(tx, other.id).seen_at == desk.clock.now()
