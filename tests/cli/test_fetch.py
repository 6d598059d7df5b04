"""`munim data fetch` and `munim data providers` over a local server."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.desk import fetch_job
from core.desk.desk import Desk
from core.domain.clock import SteppedClock
from core.store import bars
from tests.cli.terminal import Terminal
from tests.providers.contract import NOW
from tests.providers.vendor_servers import VendorServer, serving

FETCH = ("data", "fetch", "RELIANCE", "--start", "2026-08-19", "--end", "2026-08-21")


@pytest.fixture
def fyers(monkeypatch: pytest.MonkeyPatch):
    """Fyers on loopback, with its keys set and a Saturday's clock."""
    monkeypatch.setenv("MUNIM_FYERS_APP_ID", "app")
    monkeypatch.setenv("MUNIM_FYERS_ACCESS_TOKEN", "token")
    open_sources, run_fetch = fetch_job.open_sources, fetch_job.run_fetch
    clock = SteppedClock(NOW)
    with serving("fyers") as server:
        monkeypatch.setattr(
            fetch_job,
            "open_sources",
            lambda home, names: open_sources(home, names, clock=clock, root=server.root),
        )
        monkeypatch.setattr(
            fetch_job,
            "run_fetch",
            lambda *arguments, **more: run_fetch(*arguments, **more, clock=clock),
        )
        yield server


def test_fetch_writes_what_is_missing_and_says_how_many(
    munim: Terminal, replay_desk: Desk, fyers: VendorServer
):
    said = munim(*FETCH, "--provider", "fyers")
    assert said.code == 0
    assert said.out == ("3 bars of 1 shares from 2026-08-19 to 2026-08-21; fyers 3 of 1 share\n")
    assert said.err == (
        "  0%  asking fyers for 1 share\n100%  1 of 1 · RELIANCE: 3 bars from fyers\n"
    )
    again = munim(*FETCH, "--provider", "fyers", "--json").document
    assert (again["bars"], again["shares"][0]["asked"]) == (0, 0)
    assert len(fyers.asked) == 1
    with replay_desk.store.read() as tx:
        assert bars.read_raw(tx).close[:, 0].tolist() == [1410.0, 1404.5, 1388.2]


def test_a_dead_provider_is_one_sentence_and_the_doctor_knows(
    munim: Terminal, replay_desk: Desk, fyers: VendorServer
):
    fyers.stop()
    said = munim(*FETCH, "--provider", "fyers")
    assert said.code == 1
    assert said.sentence == "Fyers cannot be reached (ConnectionError); check the network"
    rows = {one["provider"]: one for one in munim("data", "providers", "--json").document}
    assert not rows["Fyers"]["breaker"].startswith("closed")  # open, or due for its trial by now
    assert "cannot be reached" in rows["Fyers"]["what_to_do"]
    doctor = {one["name"]: one for one in munim("doctor", "--json").document["rows"]}
    assert doctor["provider fyers"]["ok"] is False
    assert doctor["provider kite"]["ok"] is True


def test_a_simulated_store_and_a_missing_key_are_refused(
    munim: Terminal, own_home: Path, replay_desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    said = munim(*FETCH, "--provider", "kite")
    assert said.code == 2 and "MUNIM_KITE_API_KEY" in said.sentence


def test_under_sim_no_provider_is_opened(munim: Terminal, desk: Desk):
    said = munim(*FETCH, "--provider", "kite")
    assert said.code == 2 and "makes its own prices" in said.sentence


def test_a_watchlists_shares_are_fetched_and_two_scopes_are_refused(
    munim: Terminal, replay_desk: Desk, fyers: VendorServer
):
    span = FETCH[3:]
    said = munim("data", "fetch", *span, "--universe", "munim", "--watchlist", "mine")
    assert said.code == 2 and "one of them" in said.sentence
    assert munim("data", "fetch", *span, "--watchlist", "mine").code == 2
    assert munim("data", "fetch", *span).sentence.startswith("no symbol was given")
    assert fyers.asked == []
