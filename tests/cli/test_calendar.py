from core.desk.desk import Desk
from core.domain.clock import ist_day
from tests.cli.terminal import Terminal


def test_a_day_is_shown_with_its_phases_and_settlement(munim: Terminal, desk: Desk):
    said = munim("calendar", "show", "2026-11-23")
    assert said.code == 0
    assert "Mon 2026-11-23 at NSE is a session." in said.out
    assert "15:15-15:20 closing auction (reference price)" in said.out
    assert "Block deals 08:45-09:00, 14:05-14:20, from ₹25 crore, within 3%." in said.out
    assert "Trades settle on 2026-11-25." in said.out
    muhurat = munim("calendar", "show", "2026-11-08").out
    assert "Its hours are not loaded" in muhurat and "does not settle" in muhurat
    assert munim("calendar", "show", "2026-02-19", "--json").document["settles"] is False


def test_a_person_sets_a_day_sees_it_and_takes_it_back(munim: Terminal, desk: Desk):
    today = str(ist_day(desk.clock.now()))
    said = munim("calendar", "override", today, "closed", "--reason", "CMTR/7")
    assert said.out.strip() == f"{today} is closed, set by terminal: CMTR/7"
    assert f"A person set it: {today} is closed" in munim("calendar", "show").out
    assert "CMTR/7" in munim("doctor").out
    later = munim(
        "calendar", "override", "2026-11-27", "hours", "--hours", "09:15-12:30", "--reason", "x"
    )
    assert later.code == 0
    assert "Ahead: 2026-11-27 is open 09:15-12:30" in munim("calendar", "show").out
    assert munim("calendar", "revoke", today).out.startswith("taken back")
    again = munim("calendar", "revoke", today)
    assert again.code == 2 and "nothing to take back" in again.sentence


def test_a_day_that_is_not_loaded_and_a_wrong_word_are_refused(munim: Terminal, desk: Desk):
    outside = munim("calendar", "show", "2027-01-04")
    assert outside.code == 2
    assert "2027-01-04 is outside the loaded calendar, 2012-01-01 to 2026-12-31" in outside.sentence
    wrong = munim("calendar", "override", "2026-11-27", "half", "--reason", "x")
    assert wrong.code == 2 and "'half' is none of open, closed, hours" in wrong.sentence
