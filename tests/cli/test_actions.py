"""`munim data actions`: import, infer, list, accept, refuse."""

from datetime import date
from pathlib import Path

from core.desk.desk import Desk
from tests.cli.terminal import Terminal
from tests.desk.test_actions import EX_ROW, bars_of_tcs, nse


def test_a_break_is_listed_and_accepted_in_the_terminal(
    munim: Terminal, replay_desk: Desk, tmp_path: Path
):
    days = replay_desk.calendar.sessions(date(2026, 1, 1), date(2026, 6, 30))[:30]
    assert munim("data", "actions", "list").out.strip() == "No corporate action waits for you."
    bars_of_tcs(replay_desk, tmp_path, days, divisor=2.0)
    (row,) = munim("data", "actions", "list", "--json").document
    assert (row["symbol"], row["kind"], row["ratio"]) == ("TCS", "BONUS", "1:1")
    assert munim("data", "actions", "infer").out.strip() == "Every break is explained."
    said = munim("data", "actions", "accept", row["id"])
    assert said.out.strip() == f"accepted: TCS BONUS 1:1 ex {days[EX_ROW]}"
    again = munim("data", "actions", "refuse", row["id"], "--reason", "no")
    assert again.code == 2 and "is CONFIRMED and cannot become REFUSED" in again.sentence
    assert munim("data", "actions", "accept", "nope").code == 2
    assert "no corporate action has the id nope" in munim("data", "actions", "accept", "nope").err


def test_a_list_is_imported_and_a_shares_actions_are_shown(
    munim: Terminal, replay_desk: Desk, tmp_path: Path
):
    file = nse(tmp_path, "Bonus 1:1/Dividend - Rs 2 Per Share", date(2026, 3, 2))
    done = munim("data", "actions", "import", str(file), "--json").document
    assert (done["actions"], done["factors"]) == (2, 1)
    rows = munim("data", "actions", "list", "--symbol", "TCS", "--json").document
    assert sorted(row["kind"] for row in rows) == ["BONUS", "DIVIDEND"]
    none = munim("data", "actions", "list", "--symbol", "INFY").out
    assert none.strip() == "No corporate action of INFY is stored."
