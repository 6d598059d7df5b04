"""What a newcomer types wrongly: one clear sentence, exit 2, nothing stored."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.config import settings_now
from core.desk.desk import Desk
from core.store import audit, bars, mandates, orders
from tests.cli.terminal import Terminal
from tests.views.shelf import EVENT_CARD

DAYS = ("--from", "2026-10-01", "--to", "2026-10-30")
BUY = ("charges", "--broker", "zerodha", "--product", "CNC", "--buy")
WRONG: tuple[tuple[tuple[str, ...], str], ...] = (
    (("moon",), "no such command 'moon'"),
    (("orders", "--moon"), "no such option: --moon"),
    (("orders", "--limit", "many"), "--limit"),
    (("orders", "--limit", "-3"), "--limit -3 shows nothing"),
    (("charges", "--qty", "3"), "missing option '--broker'"),
    (("cards", "show"), "missing argument"),
    (("predict", "RELIANC"), "RELIANCE"),
    (("regime", "NOPE"), "NOPE"),
    (("data", "quality", "NOPE"), "NOPE"),
    (("accounts", "show", "Tactical"), "Event tactical"),
    (("halt", "--account", "nobody"), "nobody"),
    (("exit", "NOPE"), "no NOPE is held; munim positions lists what is"),
    (("exit", "BEL", "--account", "nobody"), "no account is named nobody"),
    (("intake", "--account", "nobody"), "nobody"),
    (("cards", "show", "cd0"), "cd0"),
    (("cards", "approve", "cd0"), "cd0"),
    (("cards", "approve", EVENT_CARD, "--hash", "ff"), "changed since it was drawn"),
    (("cards", "reject", EVENT_CARD, "--reason", " "), "needs a reason"),
    (("audit", "explain", "cd0"), "cd0"),
    (("models", "show", "m-0"), "no model m-0; near ones are m-31"),
    (("models", "compare", "m-0"), "no model m-0; near ones are m-31"),
    (("models", "compare", "m-31", "m-0"), "no model m-0"),
    (("models", "promote", "m-0"), "no model m-0"),
    (("models", "promote", "m-31"), "m-31 is in use already"),
    (("models", "rollback"), "nothing to roll back to: m-31 is the first in use"),
    (("models", "drift", "--top", "0"), "--top 0 lists nothing"),
    (("models", "proposal", "--accept"), "no training is proposed"),
    (("models", "proposal", "--accept", "--dismiss"), "two answers"),
    (("flatten",), "--confirm FLATTEN"),
    ((*BUY, "100", "--qty", "-5"), "--qty -5 trades nothing"),
    ((*BUY, "ten", "--qty", "5"), "'ten' is no price"),
    ((*BUY, "-1", "--qty", "5"), "'-1' is no price"),
    ((*BUY, "²", "--qty", "5"), "is no price"),
    ((*BUY, "NaN", "--qty", "5"), "is no price"),
    ((*BUY, "100", "--qty", "5", "--date", "2031-01-01"), "outside the loaded calendar"),
    ((*BUY, "100", "--qty", "5", "--date", "1 Jan"), "is no date"),
    ((*BUY, "100", "--qty", "5", "--exchange", "MOON"), "MOON"),
    (("charges", "--broker", "zerodha", "--product", "X", "--qty", "5", "--buy", "1"), "'X'"),
    (("charges", "--broker", "zerodha", "--product", "CNC", "--qty", "5"), "--buy, --sell"),
    (("backtest", "--strategy", "luck", *DAYS), "'luck' is no strategy"),
    (("backtest", "--strategy", "both", "--from", "2026-10-30", "--to", "2026-10-01"), "swap"),
    (("backtest", "--strategy", "both", "--from", "2031-01-01", "--to", "2031-02-01"), "calendar"),
    (("backtest", "--strategy", "both", *DAYS), "no bars"),
    (("replay", *DAYS), "stamped sim"),
    (("data", "import", "prices.csv"), "stamped sim, which makes its own prices"),
    (("ingest", "filings.csv"), "stamped sim, which makes its own news"),
    (("tag", "nowhere.txt"), "nowhere.txt is no file"),
    (("indicators", "nowhere.csv"), "no such file"),
    (("optimize", "nowhere.csv", "--method", "equal"), "no such file"),
    (("bench", "--only", "moon"), "'moon'"),
    (("bench", "--minutes", "0"), "--minutes"),
)


@pytest.mark.parametrize(("words", "says"), WRONG, ids=lambda part: str(part)[:60])
def test_it_says_what_is_wrong_and_changes_nothing(
    munim: Terminal, desk: Desk, words: tuple[str, ...], says: str
):
    before = recorded(desk)
    said = munim(*words, "--json") if words != ("moon",) else munim(*words)
    assert said.code == 2
    assert said.out == ""
    assert says in said.err
    assert len(said.err.strip().splitlines()) == 1
    assert recorded(desk) == before


def recorded(desk: Desk) -> tuple[int, int]:
    with desk.store.read() as tx:
        return audit.head(tx).seq, len(orders.recent(tx, 100))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("date,open,high,low,close\n2026-01-01,1,1,1,1\n", "volume"),
        ("date,open,high,low,close,volume\n2026-01-01,1,x,1,1,5\n", "'x'"),
        ("date,open,high,low,close,volume\nyesterday,1,1,1,1,5\n", "'yesterday'"),
        ("date,open,high,low,close,volume\n2031-01-01,1,1,1,1,5\n", "outside the calendar"),
        ("date,open,high,low,close,volume\n2026-01-26,1,1,1,1,5\n", "not a trading day"),
        ("date,open,high,low,close,volume\n2026-01-27,-1,1,1,1,5\n", "zero or negative"),
        ("", "empty"),
        ("hello", ""),
    ],
    ids=["column", "number", "date", "far", "holiday", "price", "empty", "prose"],
)
def test_a_malformed_file_is_named_and_no_bar_is_stored(
    munim: Terminal, replay_desk: Desk, tmp_path: Path, text: str, says: str
):
    file = tmp_path / "TCS.csv"
    file.write_text(text)
    said = munim("data", "import", str(file), "--json")
    assert (said.code, said.out) == (2, "")
    assert "TCS.csv" in said.sentence
    assert says in said.sentence
    with replay_desk.store.read() as tx:
        assert bars.sessions(tx) == ()
        assert audit.head(tx).seq == 0


def test_a_missing_file_is_named(munim: Terminal, replay_desk: Desk, tmp_path: Path):
    for verb in (("data", "import"), ("ingest",)):
        said = munim(*verb, str(tmp_path / "none.csv"))
        assert said.code == 2
        assert "none.csv: there is no such file" in said.sentence


def test_a_replay_outside_the_calendar_or_without_bars(munim: Terminal, replay_desk: Desk):
    far = munim("replay", "--from", "2031-01-01", "--to", "2031-02-01")
    assert far.code == 2
    assert "2031-01-01 is outside the loaded calendar" in far.sentence
    bare = munim("replay", *DAYS)
    assert bare.code == 1
    assert "no bars are imported" in bare.sentence


def test_no_market_is_called_moon(munim: Terminal, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MUNIM_MARKET", "moon")
    settings_now.cache_clear()
    said = munim("orders", "--json")
    assert (said.code, said.out) == (2, "")
    assert said.sentence.startswith("MUNIM_MARKET is 'moon'; it must be sim, replay or live")


def test_a_sim_store_is_not_opened_for_replay(
    munim: Terminal, desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("MUNIM_MARKET", "replay")
    settings_now.cache_clear()
    said = munim("orders")
    assert said.code == 2
    assert "is stamped sim and cannot be opened for replay" in said.sentence


def test_a_mandate_that_contradicts_itself_is_not_signed(munim: Terminal, desk: Desk):
    said = munim("intake", "--account", "event", "--json", typed="\n".join(CONTRADICTION))
    assert (said.code, said.out) == (2, "")
    assert "one trade may lose 5.00% but the day only 1.00%" in said.sentence
    with desk.store.read() as tx:
        assert mandates.current(tx, "event").version == 1


# in the order of the questions; the risk of one trade is above the loss of a day
CONTRADICTION = (
    "balanced", "two years", "20 lakh including what is there", "10%, 1% a day, 5% a trade", "10",
    "none", "large and mid", "both", "sign",
)  # fmt: skip
