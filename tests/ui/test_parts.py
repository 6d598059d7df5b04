from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from core.views.shown import Band, Cells, Figure, Ladder, Meter, RowMark, Rung, Tag, Text
from ui.ladder import LADDER_PX, apart, ladder
from ui.parts import (
    Column,
    cell,
    cells,
    figures,
    key_values,
    meter,
    note,
    panel,
    rule,
    strip,
    table,
)

BAD = "<img src=x onerror=alert(1)>"


@dataclass(frozen=True)
class Row:
    name: Cells
    value: Cells
    mark: RowMark = ""


COLUMNS = (Column("Name", "name"), Column("Value", "value", number=True, optional=True))


def test_a_tall_table_scrolls_and_a_phone_leaves_spare_columns_out() -> None:
    made = table((Column("Name", "name", spare=True),), [Row("BEL", "")], tall=True)
    assert '<div class="m-scroll m-tall">' in made and '<td class="spare">BEL</td>' in made


def test_a_table_aligns_numbers_and_colours_rows() -> None:
    made = table(COLUMNS, [Row(Text("BEL", bold=True), "1,027.50", mark="red")])
    assert '<tr class="red">' in made
    assert '<td class="n opt">1,027.50</td>' in made


def test_an_empty_table_is_one_sentence() -> None:
    assert table(COLUMNS, [], empty="No cards.") == '<p class="m-note m-mute">No cards.</p>'
    assert note("") == ""


def test_a_table_without_names_has_no_head() -> None:
    assert "<thead>" not in table((Column("", "name"),), [Row("a", "b")])


def test_every_part_escapes_what_it_shows() -> None:
    parts = (
        table((Column(BAD, "name"),), [Row((Tag(BAD), Text(BAD, note=BAD), BAD), "")]),
        panel(BAD, note(BAD), note=BAD),
        rule(BAD, lead=BAD),
        key_values([(BAD, BAD)]),
        strip([(BAD, Tag(BAD))]),
        cells([Figure(BAD, BAD, BAD)]),
        figures([Figure(BAD, BAD)]),
        ladder(Ladder((Rung(0.5, BAD, BAD, BAD),), ())),
    )
    assert not [part for part in parts if "<img" in part]


def test_a_meter_turns_amber_at_80_percent_and_red_above_its_limit() -> None:
    assert 'class="" style="width:79.0%"' in meter(Meter(0.79))
    assert 'class="hot" style="width:80.0%"' in meter(Meter(0.8))
    # a bar never leaves its box
    assert 'class="over" style="width:100.0%"' in meter(Meter(1.3))
    assert "left:83.3%" in meter(Meter(0.2, limit_at=0.833))
    assert "width:86.0%;background:var(--buy)" in meter(Meter(0.5, after=0.86))


def test_a_band_stands_where_its_numbers_are() -> None:
    made = cell(Band(0.51, 0.65, 0.58, base=0.41))
    assert "left:51.0%;width:14.0%" in made
    assert "left:58.0%" in made and "left:41.0%" in made


def test_ladder_labels_never_touch() -> None:
    # three prices on one spot, one at the very top
    placed = apart([100, 100, 101, LADDER_PX])
    assert placed == [100, 118, 136, LADDER_PX]
    crowded = sorted(apart([LADDER_PX - 2, LADDER_PX - 1, LADDER_PX]))
    assert crowded[-1] <= LADDER_PX
    assert all(after - before >= 18 for before, after in pairwise(crowded))


def test_a_ladder_draws_the_band_as_a_zone_and_the_rest_as_lines() -> None:
    made = ladder(
        Ladder(
            (Rung(0.0, "90", "Stop", tone="loss"), Rung(0.5, "100", "Band top", tone="buy")),
            ((0.0, 0.5, "loss"), (0.5, 0.6, "buy")),
        )
    )
    assert made.count("width:52px") == 1
    assert "background:var(--buy);opacity:.45" in made
