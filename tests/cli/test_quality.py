"""The quality of prices from the terminal: one share, all, a person's yes, and wrong words."""

from __future__ import annotations

from core.desk.desk import Desk
from core.domain.quality import Finding, FlawKind, Severity
from core.store import quality
from tests.cli.terminal import Terminal
from tests.made import RELIANCE as SHARE
from tests.views.history import with_bars
from tests.views.shelf import NOW


def flawed(desk: Desk) -> None:
    with_bars(desk)
    words = f"RELIANCE {NOW.date()}: closed at 500.00 on a volume of 0; fetch it again"
    one = Finding(SHARE.isin, NOW.date(), FlawKind.ZERO_VOLUME, Severity.SERIOUS, words)
    with desk.store.write() as tx:
        quality.put(tx, [one], first=None, until=NOW.date())


def test_a_share_says_its_score_and_what_is_wrong(desk: Desk, munim: Terminal):
    flawed(desk)
    said = munim("data", "quality", "RELIANCE")
    assert said.code == 0
    assert "prices score 50 of 100, the floor is 60" in said.out
    assert f"munim data fetch RELIANCE --start {NOW.date()} --again" in said.out
    assert "munim data quality RELIANCE --accept --reason WHY" in said.out
    document = munim("data", "quality", "reliance", "--json").document
    assert (document["score"], document["blocked"]) == (50.0, True)
    assert document["findings"][0]["kind"] == "ZERO_VOLUME"


def test_an_accepted_finding_lifts_the_block(desk: Desk, munim: Terminal):
    flawed(desk)
    refused = munim("data", "quality", "RELIANCE", "--accept")
    assert refused.code == 2 and "--reason" in refused.sentence
    done = munim("data", "quality", "RELIANCE", "--accept", "--reason", "it was halted")
    assert done.code == 0 and done.out.startswith("accepted: RELIANCE")
    assert munim("data", "quality", "RELIANCE", "--json").document["blocked"] is False
    again = munim("data", "quality", "RELIANCE", "--accept", "--reason", "again")
    assert again.code == 2 and "no finding to accept" in again.sentence


def test_all_shares_are_checked_again(desk: Desk, munim: Terminal):
    with_bars(desk)
    said = munim("data", "quality", "--all", "--json")
    assert said.code == 0 and isinstance(said.document, list)


def test_a_share_and_all_at_once_is_refused(desk: Desk, munim: Terminal):
    for words in (("--all", "RELIANCE"), ()):
        said = munim("data", "quality", *words)
        assert said.code == 2 and "name one share or say --all" in said.sentence


def test_a_drill_of_too_few_sessions_says_how_many_it_needs(desk: Desk, munim: Terminal):
    with_bars(desk, count=80)
    said = munim("data", "drill-quality", "--seed", "2", "--rounds", "1")
    assert said.code == 1 and "needs 300 sessions" in said.sentence
    assert munim("data", "drill-quality", "--rounds", "0").code == 2
