"""Lists are believed, prices only suggest, and a person has the last word; all of it on record."""

import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from core.config import settings_now
from core.desk.actions import accept_action, import_actions, refuse_action, waiting
from core.desk.desk import Desk, open_desk
from core.desk.imports import import_files
from core.desk.suggest_actions import infer_actions
from core.domain.action import ActionKind, ActionStatus
from core.errors import BadInput, IllegalTransition, NoData
from core.store import actions, audit, bars, factors, instruments, successions

EX_ROW = 20
K, S = ActionKind, ActionStatus


@pytest.fixture
def desk(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """An empty store stamped replay."""
    monkeypatch.setenv("MUNIM_MARKET", "replay")
    settings_now.cache_clear()
    return open_desk()


@pytest.fixture
def days(desk: Desk) -> tuple[date, ...]:
    return desk.calendar.sessions(date(2026, 1, 1), date(2026, 6, 30))[:30]


def bars_of_tcs(desk: Desk, folder: Path, days: tuple[date, ...], *, divisor: float) -> str:
    """TCS between 3000 and 3009, divided from the session EX_ROW on; the import's ISIN."""
    file = folder / "TCS.csv"
    lines = ["date,open,high,low,close,volume"]
    for row, day in enumerate(days):
        by = divisor if row >= EX_ROW else 1.0
        price, shares = (3000 + row % 10) / by, round(1000 * by)
        lines.append(
            f"{day},{price:.2f},{price * 1.01:.2f},{price * 0.99:.2f},{price:.2f},{shares}"
        )
    file.write_text("\n".join(lines) + "\n")
    import_files(desk, [file], fmt="auto", factors=None, by="me")
    with desk.store.read() as tx:
        return instruments.by_symbol(tx, "TCS").isin


def nse(folder: Path, subject: str, day: date, *, symbol: str = "TCS", face: str = "1") -> Path:
    path = folder / f"{symbol}-{len(list(folder.iterdir()))}.csv"
    path.write_text(
        f"SYMBOL,PURPOSE,EX_DATE,FACE_VALUE\n{symbol},{subject},{day:%d-%b-%Y},{face}\n"
    )
    return path


def bse(folder: Path, purpose: str, day: date) -> Path:
    path = folder / f"bse-{len(list(folder.iterdir()))}.csv"
    path.write_text(
        "Security Code,Security Name,Company Name,Ex Date,Purpose\n"
        f"532540,TCS,TCS Ltd,{day:%d %b %Y},{purpose}\n"
    )
    return path


def read(desk: Desk, isin: str, **asked: date):
    with desk.store.read() as tx:
        return bars.read_panel(tx, [isin], **asked)


def stored(desk: Desk) -> list[tuple[ActionKind, float, ActionStatus]]:
    with desk.store.read() as tx:
        return [(one.kind, one.divisor, one.status) for one in factors.all_factors(tx)]


def test_a_break_in_imported_prices_waits_and_hides_what_lies_before(desk, days, tmp_path):
    isin = bars_of_tcs(desk, tmp_path, days, divisor=2.0)
    (suggested,) = waiting(desk)
    assert (suggested.symbol, suggested.kind, suggested.ex_date) == ("TCS", K.BONUS, days[EX_ROW])
    assert suggested.known_at == desk.calendar.session(days[EX_ROW + 1]).closes_at
    found = read(desk, isin)
    assert np.isnan(found.close[:EX_ROW]).all() and np.isfinite(found.close[EX_ROW:]).all()


def test_accepting_brings_the_prices_back_in_the_new_terms(desk, days, tmp_path):
    isin = bars_of_tcs(desk, tmp_path, days, divisor=2.0)
    (suggested,) = waiting(desk)
    done = accept_action(desk, suggested.id, by="Huf")
    assert done.status is S.CONFIRMED and waiting(desk) == []
    assert stored(desk) == [(K.BONUS, 2.0, S.CONFIRMED)]
    found = read(desk, isin)
    assert found.adjusted().close[0, 0] == 1500 and found.close[0, 0] == 3000
    assert (read(desk, isin, as_of=days[EX_ROW - 1]).factor == 1).all()
    with desk.store.read() as tx:
        entry = audit.entries(tx)[-1]
    assert (entry.actor, entry.subject) == ("Huf", suggested.id)
    body = json.loads(entry.body)
    assert (body["decided"], body["divisor"], body["symbol"]) == ("accepted", 2.0, "TCS")
    with pytest.raises(IllegalTransition, match="is CONFIRMED and cannot become REFUSED"):
        refuse_action(desk, suggested.id, reason="late", by="Huf")


def test_refusing_needs_a_reason_and_nobody_is_asked_again(desk, days, tmp_path):
    isin = bars_of_tcs(desk, tmp_path, days, divisor=2.0)
    (suggested,) = waiting(desk)
    with pytest.raises(BadInput, match="say in a few words why"):
        refuse_action(desk, suggested.id, reason=" ", by="Huf")
    refuse_action(desk, suggested.id, reason="it crashed", by="Huf")
    found = read(desk, isin)
    assert np.isfinite(found.close).all() and (found.factor == 1).all()
    assert infer_actions(desk, by="Huf") == [] and waiting(desk) == []


def test_a_list_explains_a_suggestion_and_takes_it_back(desk, days, tmp_path):
    isin = bars_of_tcs(desk, tmp_path, days, divisor=2.0)
    listed = nse(tmp_path, "Face Value Split From Rs 2 To Re 1", days[EX_ROW])
    done = import_actions(desk, [listed], by="me")
    assert (done.actions, done.factors, done.told_before) == (1, 1, 0)
    assert waiting(desk) == [] and stored(desk) == [(K.SPLIT, 2.0, S.CONFIRMED)]
    assert np.isfinite(read(desk, isin).close).all()
    again = import_actions(desk, [listed], by="me")
    assert (again.actions, again.factors, again.told_before) == (0, 0, 1)


def test_two_lists_of_one_event_count_once_and_a_contradiction_waits(desk, days, tmp_path):
    isin = bars_of_tcs(desk, tmp_path, days, divisor=2.0)
    ex = days[EX_ROW]
    import_actions(desk, [nse(tmp_path, "Bonus 1:1", ex)], by="me")
    same = import_actions(desk, [bse(tmp_path, "Bonus issue 1:1", ex)], by="me")
    assert (same.actions, same.told_before) == (1, 1)
    other = import_actions(desk, [bse(tmp_path, "Bonus issue 2:1", ex)], by="me")
    assert "BSE says 3.0000 and NSE said 2.0000" in other.contradicting[0]
    assert read(desk, isin).factor[0, 0] == 2.0
    (claim,) = waiting(desk)
    accept_action(desk, claim.id, by="me")
    assert stored(desk) == [(K.BONUS, 3.0, S.CONFIRMED)]


def test_rights_and_demergers_take_the_prices_round_their_ex_date(desk, days, tmp_path):
    bars_of_tcs(desk, tmp_path, days, divisor=1.2)
    ex = days[EX_ROW]
    done = import_actions(desk, [nse(tmp_path, "Demerger", ex)], by="me")
    # 3009 before, 3000 / 1.2 = 2500 in the pre-open: 3009 / 2500
    assert done.factors == 1 and stored(desk)[0][1] == pytest.approx(3009 / 2500)
    later = days[EX_ROW + 8]
    done = import_actions(desk, [nse(tmp_path, "Rights 1:4 @ Premium Rs 999/-", later)], by="me")
    # 3007 / 1.2 = 2505.83 before; benefit (2505.83 - 1000) / 5 = 301.17
    assert stored(desk)[1][1] == pytest.approx(2505.83 / (2505.83 - 301.166), rel=1e-5)


def test_what_says_too_little_is_named_and_accepted_only_with_more(desk, days, tmp_path):
    done = import_actions(
        desk,
        [nse(tmp_path, "Rights 1:4 @ Premium Rs 9/-", days[3]), bse(tmp_path, "Spin Off", days[5])],
        by="me",
    )
    assert done.factors == 0 and len(done.lacking) == 2
    assert done.lacking[0].startswith("TCS RIGHTS of ")
    assert "2 lack a ratio or price" in done.sentence


def test_dividends_and_meetings_are_kept_and_move_no_price(desk, days, tmp_path):
    isin = bars_of_tcs(desk, tmp_path, days, divisor=1.0)
    subject = "Annual General Meeting/Dividend - Rs 30 Per Share"
    done = import_actions(desk, [nse(tmp_path, subject, days[5])], by="me")
    assert (done.actions, done.factors) == (1, 0)
    assert (read(desk, isin).factor == 1).all()
    with desk.store.read() as tx:
        (kept,) = actions.of_isins(tx, [isin])
    assert str(kept.amount.in_rupees) in ("30", "30.00")


def test_a_list_of_divisors_is_imported_too_and_names_outside_are_said(desk, days, tmp_path):
    isin = bars_of_tcs(desk, tmp_path, days, divisor=2.0)
    path = tmp_path / "divisors.csv"
    path.write_text(f"symbol,ex_date,divisor\nTCS,{days[EX_ROW]},2\nNOBODY,{days[3]},2\n")
    done = import_actions(desk, [path, nse(tmp_path, "Bonus 1:1", days[3], symbol="WHO")], by="me")
    assert (done.factors, done.unmatched) == (1, ("NOBODY", "WHO"))
    assert read(desk, isin).factor[0, 0] == 2.0 and waiting(desk) == []


def test_old_isins_of_the_universe_are_known_after_an_import(desk, days, tmp_path):
    import_actions(desk, [nse(tmp_path, "Bonus 1:1", days[3])], by="me")
    with desk.store.read() as tx:
        assert successions.links(tx)["INE849A01012"] == "INE849A01020"  # TRENT, split in 2016


def test_nothing_is_inferred_without_bars_and_nothing_imported_into_a_simulation(
    desk, tmp_path, monkeypatch
):
    with pytest.raises(NoData, match="no bars are stored; munim data import FILE"):
        infer_actions(desk, by="me")
    with pytest.raises(BadInput, match="no file was named"):
        import_actions(desk, [], by="me")
    monkeypatch.setenv("MUNIM_MARKET", "sim")
    monkeypatch.setenv("MUNIM_HOME", str(tmp_path / "sim"))
    settings_now.cache_clear()
    with pytest.raises(BadInput, match="stamped sim, which makes its own corporate actions"):
        import_actions(open_desk(), [tmp_path / "x.csv"], by="me")
