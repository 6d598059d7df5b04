"""What a grid is told: widths, alignment, and which columns go when not all fit."""

from __future__ import annotations

from typing import Any

from ui.grid import GridColumn, _options
from ui.palette import LIGHT

COLUMNS = (
    GridColumn("symbol", "Symbol", width=100),
    GridColumn("headline", "Headline", width=200, grow=3),
    GridColumn("interval", "90 % interval", "right", width=104),
    GridColumn("ltp", "LTP ₹", "price", width=84),
    GridColumn("source", "Source", width=90, optional=True),
)


def told(columns: tuple[GridColumn, ...] = COLUMNS) -> tuple[dict[str, Any], dict[str, Any]]:
    options: dict[str, Any] = _options(columns, LIGHT, choose=False, id_field="")
    return options, {column["field"]: column for column in options["columnDefs"]}


def test_numbers_stand_at_the_right_and_cut_words_can_be_read() -> None:
    _, made = told()
    assert made["ltp"]["type"] == made["interval"]["type"] == "rightAligned"
    assert "valueFormatter" not in made["interval"]  # it is worded already
    assert made["headline"]["tooltipField"] == "headline"


def test_the_width_that_is_left_goes_to_the_columns_that_grow() -> None:
    _, made = told()
    assert (made["headline"]["flex"], made["symbol"]["flex"], made["symbol"]["width"]) == (
        3,
        0,
        100,
    )
    _, even = told(COLUMNS[2:4])
    assert {column["flex"] for column in even.values()} == {1}


def test_optional_columns_go_when_not_all_fit() -> None:
    options, _ = told()
    # 100 + 200 + 104 + 84 + 90, and 8 for the scrollbar
    assert (
        "setColumnsVisible(['source'], e.clientWidth >= 586)"
        in options["onGridSizeChanged"].js_code
    )
