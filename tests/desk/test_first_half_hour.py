"""A newcomer's first half hour on seeds that nobody tuned: there is something to approve.

A seed whose model earned no vote still has a desk: the plain rule decides, the card says that
the edge is not measured, and no percentage is shown.
"""

from __future__ import annotations

from datetime import UTC, timedelta
from pathlib import Path

import pytest

from core.config import Settings
from core.desk import intake
from core.desk.desk import Desk, calendar_now, desk_over
from core.desk.known import Known, know
from core.desk.open_market import open_market, sim_market
from core.desk.predict_now import predict_now
from core.desk.research import Research
from core.desk.scan import scan
from core.desk.train import train
from core.desk.vote_lost import settle
from core.domain.account import Market
from core.domain.card import CardStatus
from core.domain.clock import SteppedClock
from core.domain.verdict import Opinion
from core.models.drift import CalibrationDrift, Drift
from core.providers.sim.market import SIM_STARTS_ON
from core.store import cards, quotes
from core.store.engine import open_store

HALF_HOUR = (0, 2, 10, 30)  # minutes at which the newswire is read


def opened(home: Path, *, seed: int) -> tuple[Desk, SteppedClock]:
    settings = Settings(home=home, database_url=f"sqlite:///{home / 'munim.db'}", seed=seed)
    store = open_store(settings.database_url, Market.SIM, seed=seed, scratch=True)
    clock = SteppedClock(calendar_now().session(SIM_STARTS_ON).opens_at.astimezone(UTC))
    desk = desk_over(settings, store, clock)
    open_market(desk)
    return desk, clock


def first_half_hour(desk: Desk, clock: SteppedClock) -> None:
    """What the worker does: a scan at the open, then the news as it comes."""
    market, names, opens_at = sim_market(desk), intake.name_index(desk), clock.now()
    seen: Research | None = None

    def known() -> Known:
        nonlocal seen
        found = know(desk, cached=seen)
        seen = found.research
        return found

    for minute in HALF_HOUR:
        clock.move_to(opens_at + timedelta(minutes=minute))
        with desk.store.write() as tx:
            quotes.put(tx, market.quotes_at(clock.now()))
        intake.pull(desk, market, names=names)
        if minute == 0:
            scan(desk, known())
        intake.decide_waiting(desk, known)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 7])
def test_within_half_an_hour_every_account_has_a_card_to_approve(tmp_path: Path, seed: int):
    desk, clock = opened(tmp_path, seed=seed)
    voted = train(desk).has_vote
    first_half_hour(desk, clock)
    with desk.store.read() as tx:
        waiting = cards.with_status(tx, CardStatus.OPEN)
    assert {card.account_id for card in waiting} == {"event", "sip", "lump"}
    assert {card.trigger == "scan" for card in waiting} == {True, False}
    for card in waiting:
        assert card.verdict.opinion is Opinion.AGREES and card.verdict.evidence
        assert card.expires_at > clock.now()
        assert card.signal.has_vote == voted
        assert ("the edge is not measured" in " ".join(card.verdict.risks)) == (not voted)
    if seed == 1:  # a share asked for alone is told what a scan of this moment would keep of it
        every = know(desk).predictions
        isin = waiting[0].isin
        assert predict_now(desk, [isin]) == {isin: every[isin]}
    if voted:  # and once its odds are found not to come, it goes on predicting without a say
        loses_its_vote(desk, know(desk))


def loses_its_vote(desk: Desk, before: Known) -> None:
    assert any(one.has_vote for one in before.predictions.values())
    said = CalibrationDrift(
        n=400, blocks=6, said=0.3, came=0.2, gap=-0.1, low=-0.15, high=-0.05, ece=0.1, bins=()
    )
    version = before.research.version.version
    on = before.research.session
    assert settle(desk, Drift(version, desk.clock.now(), on, 60, (), said, waiting=0))
    after = know(desk, cached=before.research)
    assert not any(one.has_vote for one in after.predictions.values())
    assert {isin: one.target_first.p for isin, one in after.predictions.items()} == {
        isin: one.target_first.p for isin, one in before.predictions.items()
    }
