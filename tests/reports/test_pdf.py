"""A report's Markdown in Typst's words, and that no text of it is a command."""

from __future__ import annotations

import pytest

from core.errors import NotBuilt
from core.reports import pdf as of_pdf
from core.reports.markdown import cell
from core.reports.pdf import pdf, typeset

HOSTILE = 'x"); #read("/etc/passwd") | \\ <b>'


def test_headings_sentences_lists_and_tables_are_set_as_strings():
    text = typeset("# A\n\n**bold** and `code`\n\n- one\n\n| a | b |\n| --- | ---: |\n| x | ₹1 |\n")
    for words in (
        '#heading(level: 1, "A")', '#text("bold and code")', '#list("one")',
        '#table(columns: 2, align: (left, right,), "a", "b", "x", "₹1")',
    ):  # fmt: skip
        assert words in text


def test_no_text_is_a_command():
    escaped = '"x\\"); #read(\\"/etc/passwd\\") | \\\\ <b>"'
    assert f"#text({escaped})" in typeset(HOSTILE)
    assert escaped in typeset(f"| a |\n| --- |\n| {cell(HOSTILE)} |")


def test_it_becomes_a_pdf_or_says_what_is_missing(monkeypatch: pytest.MonkeyPatch):
    pytest.importorskip("typst", reason="typst comes in beside the running desk")
    assert pdf(f"# A\n\n{HOSTILE}\n\n| a |\n| --- |\n| {cell(HOSTILE)} |\n").startswith(b"%PDF-")
    monkeypatch.setattr(of_pdf, "find_spec", lambda name: None)
    with pytest.raises(NotBuilt, match="needs the package typst"):
        pdf("# A")
