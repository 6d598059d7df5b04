from datetime import date
from itertools import product

from core.domain.event import EventType, Stance
from core.providers.sim.items import Item
from core.providers.sim.wording import WORDINGS, headline, indian, short_name


def item(kind: EventType, stance: Stance, *, strong: bool = True, words: int = 7) -> Item:
    return Item(0, 0, 40_000, kind, stance, strong, 0.0, 0.0, words)


def test_numbers_are_grouped_the_indian_way():
    assert [indian(n) for n in (7, 999, 1_240, 123_456, 12_345_678)] == [
        "7",
        "999",
        "1,240",
        "1,23,456",
        "1,23,45,678",
    ]


def test_a_company_is_called_as_headlines_call_it():
    assert short_name("Larsen & Toubro Ltd.") == "Larsen & Toubro"
    assert short_name("Power Grid Corporation of India Limited") == (
        "Power Grid Corporation of India"
    )
    assert short_name("Eternal Ltd.") == "Eternal Ltd"


def test_the_same_item_always_reads_the_same_and_fills_every_blank():
    for (kind, stance), strong in product(WORDINGS, (True, False)):
        for words in range(12):
            one = item(kind, stance, strong=strong, words=words)
            text = headline(one, name="Larsen & Toubro Ltd.", on=date(2026, 4, 6))
            assert text == headline(one, name="Larsen & Toubro Ltd.", on=date(2026, 4, 6))
            assert "Larsen & Toubro" in text and "{" not in text and text[0].isupper()


def test_results_name_the_quarter_before_they_come_out():
    # April to June tells of January to March, the fourth quarter of the Indian year.
    for month, quarter in ((4, "Q4"), (5, "Q4"), (7, "Q1"), (11, "Q2"), (1, "Q3")):
        texts = {
            headline(
                item(EventType.RESULTS, Stance.NEGATIVE, words=words),
                name="A B Ltd.",
                on=date(2026, month, 20),
            )
            for words in range(20)
        }
        assert any(quarter in text for text in texts)
        assert not any(
            f"Q{n} " in text for text in texts for n in range(1, 5) if f"Q{n}" != quarter
        )
