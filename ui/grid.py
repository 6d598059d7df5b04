"""Sortable, filterable grids in AgGrid's balham theme, in the desk's colours and numbers.

The grid changes the frame it is given and shows zoned times in UTC: it gets a copy, and times
come as words. Numbers stay numbers, so that sorting is right, and are grouped the Indian way.

`st_aggrid` is imported where a grid is drawn: Streamlit serves a component's files only when the
component is declared while a page's script runs, and this module is imported before any does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import pandas as pd

from ui.palette import DARK, FONT, Palette, palette

if TYPE_CHECKING:
    from st_aggrid import JsCode

ROW_HEIGHT = 28
HEAD_HEIGHT = 30
ROWS_MAX = 16
SCROLLBAR = 8  # pixels, also kept free under the last row
Kind = Literal["text", "tagged", "right", "price", "number", "whole", "percent", "pnl", "change"]
DIGITS: dict[Kind, int] = {
    "price": 2,
    "number": 2,
    "whole": 0,
    "percent": 2,
    "pnl": 2,
    "change": 2,
}


@dataclass(frozen=True, slots=True)
class GridColumn:
    """One column: `kind` says how a number reads; `width` is the least it gets, in pixels.

    percent and change take fractions; pnl and change carry a sign and a colour; right is text
    made of numbers; tagged is text with the row's `mark` and `tags` as small words behind it.
    `grow` columns share the width that is left; where any are named the others keep theirs.
    `optional` ones go when not all fit.
    """

    field: str
    head: str
    kind: Kind = "text"
    width: int = 110
    pinned: bool = False
    grow: int = 0
    optional: bool = False


def grid(
    frame: pd.DataFrame,
    columns: Sequence[GridColumn],
    *,
    key: str,
    rows_max: int = ROWS_MAX,
    choose: bool = True,
    id_field: str = "",
) -> str:
    """Draw a grid and return the chosen row's `id_field`, empty when none is chosen."""
    from st_aggrid import AgGrid

    colours = palette()
    answer = AgGrid(
        frame.copy(),
        gridOptions=_options(columns, colours, choose=choose, id_field=id_field),
        theme="balham",
        height=HEAD_HEIGHT + 2 + SCROLLBAR + ROW_HEIGHT * max(2, min(len(frame), rows_max)),
        allow_unsafe_jscode=True,
        update_on=["selectionChanged"] if choose else [],
        custom_css=_css(colours),
        key=f"{key}_{'dark' if colours is DARK else 'light'}",
        show_toolbar=False,
        show_search=False,
        show_download_button=False,
    )
    chosen = answer.selected_rows
    if not choose or chosen is None or len(chosen) == 0:
        return ""
    return str(chosen.iloc[0][id_field or columns[0].field])


def _options(
    columns: Sequence[GridColumn], colours: Palette, *, choose: bool, id_field: str
) -> dict[str, object]:
    some_grow = any(column.grow for column in columns)
    options: dict[str, object] = {
        "columnDefs": [_column(column, colours, some_grow=some_grow) for column in columns],
        "defaultColDef": {"sortable": True, "resizable": True, "filter": True},
        "rowHeight": ROW_HEIGHT,
        "headerHeight": HEAD_HEIGHT,
        "suppressCellFocus": True,
        "enableCellTextSelection": True,
        "suppressDragLeaveHidesColumns": True,
        "animateRows": False,
        "enableBrowserTooltips": True,
        "scrollbarWidth": SCROLLBAR,
        "onGridSizeChanged": _js(_fitting(columns)),
    }
    if choose:
        options["rowSelection"] = {
            "mode": "singleRow",
            "checkboxes": False,
            "enableClickSelection": True,
        }
    if id_field:
        options["getRowId"] = _js(f"function(p){{return String(p.data[{id_field!r}])}}")
    return options


def _js(code: str) -> JsCode:
    from st_aggrid import JsCode

    return JsCode(code)


def _fitting(columns: Sequence[GridColumn]) -> str:
    """Leave the optional columns out while not all columns fit."""
    optional = [column.field for column in columns if column.optional]
    need = sum(column.width for column in columns) + SCROLLBAR
    return f"function(e){{e.api.setColumnsVisible({optional!r}, e.clientWidth >= {need})}}"


def _column(column: GridColumn, colours: Palette, *, some_grow: bool) -> dict[str, object]:
    made: dict[str, object] = {
        "field": column.field,
        "headerName": column.head,
        "minWidth": column.width,
        "width": column.width,
        "flex": column.grow if some_grow else 1,
        "pinned": "left" if column.pinned else None,
    }
    if column.kind == "tagged":
        return made | {"cellRenderer": _js(_tagged(colours)), "tooltipField": "tags"}
    if column.kind == "text":
        return made | {"tooltipField": column.field}
    made |= {"type": "rightAligned", "filter": False}
    if column.kind == "right":
        return made
    made["valueFormatter"] = _js(_formatter(column.kind))
    if column.kind in ("pnl", "change"):
        made["cellStyle"] = _js(
            f"function(p){{return {{color: p.value>0?'{colours.gain}':"
            f"p.value<0?'{colours.loss}':'{colours.mute}'}}}}"
        )
    return made


def _tagged(colours: Palette) -> str:
    """The symbol, then the row's words; built as text nodes, so that a word is never markup."""
    style = (
        f"font-size:10.5px;padding:0 4px;margin-left:5px;border-radius:3px;"
        f"background:{colours.hair};color:"
    )
    return (
        "class{init(p){this.e=document.createElement('span');"
        "this.e.appendChild(document.createTextNode(p.value));"
        "var add=(t,c)=>{if(!t)return;t.split(' · ').forEach(w=>{"
        "var s=document.createElement('span');s.textContent=w;"
        f"s.style.cssText='{style}'+c;this.e.appendChild(s)}})}};"
        f"add((p.data.mark||'').replace(/held [\\d,]+/,'held'),'{colours.mute}');"
        f"add(p.data.tags,'{colours.warn}')}}getGui(){{return this.e}}}}"
    )


def _formatter(kind: Kind) -> str:
    """Grouped en-IN, a real minus sign; percent from a fraction."""
    digits = DIGITS[kind]
    percent = kind in ("percent", "change")
    signed = "true" if kind in ("pnl", "change") else "false"
    scale, unit = ("100", " %") if percent else ("1", "")
    return (
        "function(p){if(p.value===null||p.value===undefined||isNaN(p.value))return '–';"
        f"var v=p.value*{scale};"
        f"var t=Math.abs(v).toLocaleString('en-IN',{{minimumFractionDigits:{digits},"
        f"maximumFractionDigits:{digits}}});"
        f"return (v<0?'\\u2212':({signed}&&v>0?'+':''))+t+'{unit}'}}"
    )


def _css(colours: Palette) -> dict[str, dict[str, str]]:
    """The grid lives in an iframe: it needs the font and the colours told again."""
    return {
        "@font-face": {
            "font-family": "IBM Plex Sans",
            "src": "url('/app/static/plex-latin.woff2') format('woff2')",
            "font-weight": "100 700",
        },
        "body, .ag-body": {"background-color": f"{colours.bg} !important"},
        ".ag-body-horizontal-scroll, .ag-body-horizontal-scroll-viewport": {
            "background-color": f"{colours.bg} !important",
            "color-scheme": "dark" if colours is DARK else "light",
        },
        "::-webkit-scrollbar": {"width": f"{SCROLLBAR}px", "height": f"{SCROLLBAR}px"},
        "::-webkit-scrollbar-thumb": {"background": colours.line, "border-radius": "4px"},
        ".ag-icon": {"color": colours.mute},
        ".ag-root-wrapper": {
            "font-family": FONT,
            "font-size": "13px",
            "border": f"1px solid {colours.line} !important",
            "border-radius": "4px",
            "background-color": f"{colours.bg} !important",
        },
        ".ag-header": {
            "background-color": f"{colours.sunk} !important",
            "border-bottom": f"1px solid {colours.line} !important",
        },
        ".ag-header-cell-text": {"color": colours.mute, "font-weight": "500", "font-size": "11px"},
        ".ag-row": {
            "background-color": f"{colours.bg} !important",
            "color": f"{colours.ink} !important",
            "border-bottom": f"1px solid {colours.hair} !important",
            "font-size": "13px",
        },
        ".ag-row-hover": {"background-color": f"{colours.sunk} !important"},
        ".ag-row-selected": {"background-color": f"{colours.sunk} !important"},
        ".ag-header-cell": {"padding": "0 8px !important"},
        ".ag-cell": {
            "line-height": "26px",
            "border": "0 !important",
            "padding": "0 8px !important",
        },
    }
