"""Ordered sources: the first good answer, the youngest old one, or every reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from core.errors import MunimError, NoData, NotFound, SessionDead, SourceFailed
from core.providers.failover import first_good
from core.providers.net.gate import Answer

AT = datetime(2026, 8, 22, tzinfo=UTC)


@dataclass
class Source:
    name: str
    says: Answer[int] | MunimError
    asked: int = 0

    def give(self) -> Answer[int]:
        self.asked += 1
        if isinstance(self.says, MunimError):
            raise self.says
        return self.says


def good(value: int) -> Answer[int]:
    return Answer(value, AT, 0.0)


def old(value: int, *, age: float) -> Answer[int]:
    return Answer(value, AT, age, "it is silent")


def test_the_first_good_source_answers_and_the_rest_are_not_asked():
    one, two = Source("kite", good(1)), Source("yfinance", good(2))
    found = first_good([one, two], Source.give)
    assert (found.answer.value, found.source, found.tried, two.asked) == (1, "kite", (), 0)


@pytest.mark.parametrize("error", [SourceFailed, SessionDead, NotFound, NoData])
def test_the_next_source_is_asked_once_when_one_has_nothing(error: type[MunimError]):
    one, two = Source("kite", error("no")), Source("yfinance", good(2))
    found = first_good([one, two], Source.give)
    assert found.source == "yfinance" and one.asked == two.asked == 1
    assert [(tried.source, tried.sentence) for tried in found.tried] == [("kite", "no")]


def test_a_fresh_answer_of_a_later_source_beats_an_old_one():
    found = first_good([Source("kite", old(1, age=60)), Source("upstox", good(2))], Source.give)
    assert found.answer.value == 2 and found.tried[0].sentence == "it is silent"


def test_the_youngest_old_answer_serves_when_nobody_answers():
    sources = [
        Source("kite", old(1, age=7_200)),
        Source("upstox", SourceFailed("dead")),
        Source("yfinance", old(3, age=60)),
    ]
    found = first_good(sources, Source.give)
    assert (found.answer.value, found.source, found.answer.age_seconds) == (3, "yfinance", 60)
    assert [source.asked for source in sources] == [1, 1, 1]


def test_all_failures_are_said_together():
    with pytest.raises(SourceFailed, match=r"kite: dead; yfinance: gone"):
        first_good(
            [Source("kite", SourceFailed("dead")), Source("yfinance", NotFound("gone"))],
            Source.give,
        )


def test_a_single_failure_keeps_its_own_kind_and_words():
    with pytest.raises(SessionDead, match=r"^log in$"):
        first_good([Source("kite", SessionDead("log in"))], Source.give)


def test_when_each_answers_that_there_is_nothing_that_is_no_failure():
    with pytest.raises(NoData, match="kite: none; yfinance: none"):
        first_good(
            [Source("kite", NoData("none")), Source("yfinance", NoData("none"))], Source.give
        )


def test_without_any_source_the_sentence_says_so():
    with pytest.raises(SourceFailed, match="none is set up"):
        first_good([], Source.give)
