import pytest

from core.domain.event import EventType
from core.domain.signal import Regime
from core.models.barriers import BARRIERS
from core.signals.playbook import PLAYBOOKS, choose
from tests.signals.made import tag


@pytest.mark.parametrize(
    ("regime", "size"),
    [
        (Regime.BULL, 1.0),
        (Regime.SIDEWAYS, 1.0),
        (Regime.BEAR, 0.5),
        (Regime.VOLATILE, 0.5),
    ],
)
def test_news_that_drifts_is_played_in_every_market_and_half_size_in_a_rough_one(regime, size):
    playbook = choose(tag(), regime)
    assert playbook is not None and playbook.size_multiple == size
    assert playbook.name.startswith("event drift")


@pytest.mark.parametrize("regime", [Regime.BULL, Regime.SIDEWAYS])
def test_a_scan_plays_momentum_while_the_market_is_calm(regime):
    playbook = choose(None, regime)
    assert playbook is not None and playbook.name == "momentum"


@pytest.mark.parametrize("regime", [Regime.BEAR, Regime.VOLATILE])
def test_no_playbook_covers_a_scan_in_a_falling_or_wild_market(regime):
    assert choose(None, regime) is None


@pytest.mark.parametrize("kind", [EventType.ROUTINE, EventType.LITIGATION, EventType.MACRO])
def test_news_that_is_no_reason_to_buy_has_no_playbook(kind):
    assert choose(tag(event_type=kind), Regime.BULL) is None


def test_every_playbook_has_the_brackets_that_the_labels_were_measured_with():
    for playbook in PLAYBOOKS:
        assert (
            playbook.stop_atr,
            playbook.target_atr,
            playbook.horizon_sessions,
        ) == BARRIERS
        assert 0 < playbook.size_multiple <= 1 and playbook.card_minutes > 0


def test_names_are_unique_so_that_a_card_can_find_its_playbook():
    assert len({playbook.name for playbook in PLAYBOOKS}) == len(PLAYBOOKS)


@pytest.mark.parametrize(
    ("regime", "size"),
    [(Regime.BEAR, 0.5), (Regime.SIDEWAYS, 0.5), (Regime.BULL, 0.25), (Regime.VOLATILE, 0.25)],
)
def test_bad_news_is_sold_short_small_and_smaller_against_a_rising_or_wild_market(regime, size):
    playbook = choose(tag(stance=-1), regime, direction=-1)
    assert playbook is not None and (playbook.direction, playbook.size_multiple) == (-1, size)
    assert playbook.name.startswith("bad news, sold short")


def test_a_weak_share_is_sold_short_while_the_market_does_not_rise():
    for regime in (Regime.BEAR, Regime.SIDEWAYS):
        found = choose(None, regime, direction=-1)
        assert found is not None and found.name == "weakness, sold short"
    assert choose(None, Regime.BULL, direction=-1) is None
    assert choose(None, Regime.VOLATILE, direction=-1) is None


def test_a_lawsuit_is_a_reason_to_sell_and_none_to_buy_and_an_insolvency_is_neither():
    assert choose(tag(event_type=EventType.LITIGATION), Regime.BULL) is None
    assert choose(tag(event_type=EventType.LITIGATION), Regime.BULL, direction=-1) is not None
    assert choose(tag(event_type=EventType.INSOLVENCY), Regime.BULL, direction=-1) is None
