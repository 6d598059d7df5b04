"""A report as PDF: its Markdown read line by line and set by Typst.

It knows what our reports are made of, headings, sentences, lists and tables, and sets all text as
Typst strings, so that nothing in it can be a command.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib.util import find_spec
from itertools import groupby

from core.errors import NotBuilt

STYLE = """#set page(paper: "a4", flipped: true, margin: 1.5cm, numbering: "1 / 1")
#set text(size: 8.5pt, font: ("IBM Plex Sans", "Libertinus Serif", "DejaVu Sans Mono"))
#set table(stroke: (x: none, y: 0.4pt + luma(200)), inset: 4pt)
#show table.cell.where(y: 0): strong
"""
HEADING = re.compile(r"(#{1,3}) (.*)")
ITEM = "- "


def pdf(markdown: str) -> bytes:
    """The bytes of the PDF; NotBuilt while the package that sets it is not installed."""
    if not can_set():
        raise NotBuilt(
            "a report as PDF needs the package typst, which is not installed yet; wait until the "
            "desk has installed it, or take the Markdown"
        )
    import typst

    return typst.compile(typeset(markdown).encode())


def can_set() -> bool:
    """Whether the package is installed, which comes in beside the running desk."""
    return find_spec("typst") is not None


def typeset(markdown: str) -> str:
    """The report in Typst's words."""
    parts = []
    for kind, lines in groupby(markdown.splitlines(), key=_kind):
        if kind == "table":
            parts.append(_table([_cells(line) for line in lines]))
        elif kind:
            parts += [_line(line) for line in lines]
    return STYLE + "\n\n".join(parts) + "\n"


def _kind(line: str) -> str:
    if line.startswith("|"):
        return "table"
    return "line" if line.strip() else ""


def _line(line: str) -> str:
    found = HEADING.fullmatch(line)
    if found:
        return f"#heading(level: {len(found[1])}, {_text(found[2])})"
    if line.startswith(ITEM):
        return f"#list({_text(line.removeprefix(ITEM))})"
    return f"#text({_text(line)})"


def _table(rows: Sequence[Sequence[str]]) -> str:
    """A table out of its heads, the line of dashes and its rows."""
    heads, marks, *body = rows
    sides = ", ".join("right" if mark.endswith(":") else "left" for mark in marks)
    cells = ", ".join(_text(cell) for row in [heads, *body] for cell in row)
    return f"#table(columns: {len(heads)}, align: ({sides},), {cells})"


def _cells(line: str) -> list[str]:
    inside = line.strip().removeprefix("|").removesuffix("|")
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", inside)]


def _text(words: str) -> str:
    """A Typst string; bold and code marks are left out."""
    plain = words.replace("**", "").replace("`", "").replace("\\|", "|").replace("&lt;", "<")
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'
