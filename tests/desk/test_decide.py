"""`decide()` and `Decision` tell one pipeline, and each stage's no is kept with its reason."""

from __future__ import annotations

import ast
import inspect
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from core.desk import decide as walk
from core.desk.decide import Draft, decide, decision_id
from core.desk.intake import (
    first_reason,
    pull,
    refusal_of,
    running_accounts,
    sells_short,
    take_in,
)
from core.desk.record import record
from core.desk.stages import Case, Stopped, allocate
from core.domain.account import LoginMode
from core.domain.candidate import Book, Held
from core.domain.decision import STAGES, Decision
from core.domain.event import Event, Stance, TaggedEvent
from core.domain.mandate import Holding, Mandate
from core.domain.money import ZERO
from core.domain.risk import KillLevel
from core.domain.signal import Regime
from core.errors import NoData, NotFound
from core.store import cards, decisions, events, hypotheses, mandates
from core.tagging.names import NameIndex
from tests.desk.morning import ACCOUNT, OPENING, Morning, a_card
from tests.made import MIDCO, RELIANCE, T0, a_mandate, a_tag, an_event

# The pipeline, told once


def assigned_in_decide() -> list[str]:
    """Attributes of `d` that `decide()` fills, in the order of its lines."""
    [function] = ast.parse(inspect.getsource(walk.decide)).body
    targets = [
        target
        for node in ast.walk(function)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Attribute)
        and isinstance(target.value, ast.Name)
        and target.value.id == "d"
    ]
    return [target.attr for target in sorted(targets, key=lambda one: one.lineno)]


def test_decide_fills_the_stages_in_their_order():
    assert tuple(assigned_in_decide()) == STAGES


def test_decision_and_draft_have_the_stages_as_fields_in_their_order():
    for record_type in (Decision, Draft):
        names = [field.name for field in fields(record_type)]
        assert tuple(name for name in names if name in STAGES) == STAGES
        assert {"refused_by", "reason"} <= set(names)


# A stage says no


@dataclass
class KnowsLittle:
    """What a decision may look at, of which most is missing."""

    at: datetime = T0
    regime: Regime = Regime.BULL
    missing: Exception | None = None

    def feature_row(self, isin: str) -> object:
        if self.missing:
            raise self.missing
        return SimpleNamespace(isin=isin)

    def mandate(self, account_id: str) -> Mandate:
        return a_mandate()

    def prediction(self, isin: str) -> object:
        raise NotFound(f"{isin} has no prediction as of 2026-11-20")


NO_BARS = KnowsLittle(missing=NoData("20 of 252 sessions"))
CASE = Case(instrument=MIDCO, account=ACCOUNT, mode=LoginMode.PAPER)


def of_event(tag: TaggedEvent | None) -> Case:
    return replace(CASE, event=an_event(), tag=tag)


@pytest.mark.parametrize(
    ("known", "case", "stage", "words"),
    [
        (
            KnowsLittle(),
            of_event(None),
            "tag",
            "MIDCO: 'Midco wins an order' was not read as naming it",
        ),
        (KnowsLittle(), of_event(a_tag(stance=Stance.NEUTRAL)), "tag", "leans neither way"),
        (KnowsLittle(missing=NoData("20 of 252 sessions")), CASE, "features", "20 of 252"),
        (KnowsLittle(missing=NotFound("not listed")), CASE, "features", "not listed"),
        (KnowsLittle(missing=NoData(f"{MIDCO.isin} is new")), CASE, "features", "MIDCO is new"),
        (KnowsLittle(), CASE, "signal", "has no prediction"),
    ],
)
def test_the_first_no_ends_the_walk_and_keeps_what_was_reached(
    known: KnowsLittle, case: Case, stage: str, words: str
):
    decision = decide(known, case)  # type: ignore[arg-type]
    assert decision.refused_by == stage
    assert words in decision.reason
    reached = STAGES.index(stage)
    assert all(getattr(decision, later) is None for later in STAGES[reached:])
    assert decision.card is None


def test_a_share_already_held_is_not_bought_again():
    held = Held(MIDCO.isin, MIDCO.sector, 10, OPENING, OPENING, ZERO)
    book = Book("event", OPENING, OPENING, (held,), ZERO, ZERO, KillLevel.NORMAL, 0.1)
    known = SimpleNamespace(
        mandate=lambda _: None, book=lambda _: book, has_open_card=lambda *_: False, waiting=()
    )
    with pytest.raises(
        Stopped,
        match="Event tactical: it already holds or is entering 100",
    ):
        allocate(known, CASE, None, SimpleNamespace(symbol="MIDCO"), None, None)  # type: ignore[arg-type]


def test_a_second_card_for_one_share_waits_for_the_first():
    book = Book("event", OPENING, OPENING, (), ZERO, ZERO, KillLevel.NORMAL, 0.0)
    known = SimpleNamespace(
        mandate=lambda _: None, book=lambda _: book, has_open_card=lambda *_: True
    )
    with pytest.raises(Stopped, match="Event tactical: a card already waits for a yes"):
        allocate(known, CASE, None, SimpleNamespace(symbol="MIDCO"), None, None)  # type: ignore[arg-type]


def test_an_event_and_a_scan_are_different_strategies():
    assert (CASE.strategy, of_event(a_tag()).strategy) == ("momentum", "event drift")


def test_one_question_asked_twice_is_one_decision():
    assert decision_id(CASE, at=T0, event=None) == decision_id(CASE, at=T0, event=None)
    other = {
        decision_id(CASE, at=T0, event=None),
        decision_id(CASE, at=T0, event=an_event()),
        decision_id(CASE, at=T0 + timedelta(seconds=1), event=None),
        decision_id(replace(CASE, instrument=RELIANCE), at=T0, event=None),
    }
    assert len(other) == 4


def test_a_card_is_recorded_with_its_decision_and_its_belief(morning: Morning):
    card = a_card(morning.clock)
    decision = replace(decide(NO_BARS, CASE), card=card, refused_by="", reason="")  # type: ignore[arg-type]
    record(morning.desk, decision)
    with morning.desk.store.read() as tx:
        assert cards.by_id(tx, card.id) == card
        assert decisions.by_card(tx, card.id).id == decision.id
        belief = hypotheses.by_card(tx, card.id)
    assert belief is not None and (belief.taken, belief.entry) == (False, card.bracket.entry_high)
    morning.books_are_clean()


def test_a_refusal_is_recorded_without_a_card(morning: Morning):
    record(morning.desk, decide(NO_BARS, CASE))  # type: ignore[arg-type]
    with morning.desk.store.read() as tx:
        [kept] = decisions.recent(tx)
        assert (kept.refused_by, cards.recent(tx)) == ("features", [])


# News comes in


class Wire:
    """A newswire that keeps its items and remembers what it was asked for."""

    def __init__(self, *items: Event) -> None:
        self.items = items
        self.asked: list[tuple[datetime, datetime]] = []

    def events(self, since: datetime, until: datetime) -> list[Event]:
        self.asked.append((since, until))
        return [item for item in self.items if since < item.known_at <= until]


NAMES = NameIndex.build([MIDCO, RELIANCE])


def test_the_first_pull_starts_listening_and_reads_nothing_of_the_past(morning: Morning):
    wire = Wire(an_event(known_at=datetime(2026, 11, 20, tzinfo=UTC)))
    assert pull(morning.desk, wire, names=NAMES) == 0
    assert wire.asked == []


def test_what_became_known_since_is_read_once(morning: Morning):
    wire = Wire()
    pull(morning.desk, wire, names=NAMES)
    morning.clock.pass_seconds(10)
    now = morning.clock.now()
    wire.items = (an_event(known_at=now), an_event("Rain in the hills", known_at=now))
    assert pull(morning.desk, wire, names=NAMES) == 2
    morning.clock.pass_seconds(10)
    assert pull(morning.desk, wire, names=NAMES) == 0
    assert wire.asked[-1] == (now, now + timedelta(seconds=10))
    with morning.desk.store.read() as tx:
        stored = {event.headline: outcome for event, _, outcome in events.recent(tx)}
    assert stored["Rain in the hills"] == "names no share of the universe"


def test_the_same_headline_from_two_sources_counts_once(morning: Morning):
    one = an_event()
    other = replace(one, id="other", source="BSE", headline="MIDCO  wins an order!")
    assert take_in(morning.desk, [one, one, other], names=NAMES) == 1


@pytest.mark.parametrize(
    ("tags", "outcome"),
    [
        ([], "names no share of the universe"),
        ([a_tag(stance=Stance.NEUTRAL)], "order win, leans neither way"),
        ([a_tag(stance=Stance.NEGATIVE)], "order win, negative; delivery only buys"),
        ([a_tag(stance=Stance.NEGATIVE), a_tag()], ""),
    ],
)
def test_an_event_that_cannot_become_a_purchase_says_why(tags: list[TaggedEvent], outcome: str):
    assert refusal_of(tags) == outcome


def test_bad_news_goes_on_once_a_mandate_of_an_open_account_sells_short(morning: Morning):
    with morning.desk.store.write() as tx:
        assert not sells_short(tx)
        rules = mandates.current(tx, ACCOUNT.id)
        mandates.put(tx, replace(rules, version=2, holding=Holding.DAY, shorts=True))
    fallen = an_event("Midco loses an order and warns on profit")
    take_in(morning.desk, [fallen], names=NAMES)
    with morning.desk.store.read() as tx:
        assert sells_short(tx)
        assert [event.id for event in events.undecided(tx)] == [fallen.id]
        assert events.tags_of_event(tx, fallen.id)[0].stance is Stance.NEGATIVE


def test_bad_news_is_refused_for_the_account_that_does_not_sell_short_in_the_usual_words():
    decision = decide(KnowsLittle(), of_event(a_tag(stance=Stance.NEGATIVE)))  # type: ignore[arg-type]
    assert decision.refused_by == "tag"
    assert decision.reason == "MIDCO: order win, negative; delivery only buys"


def test_an_event_nobody_was_asked_about_says_so():
    assert first_reason([]) == "names no share of the universe"


def test_closed_accounts_do_not_run(morning: Morning):
    assert [account.id for account in running_accounts(morning.desk)] == ["event"]
