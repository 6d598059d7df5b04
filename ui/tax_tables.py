"""The columns of the Tax page's tables."""

from __future__ import annotations

from dataclasses import fields

from core.views.tax_files import HEADINGS, ScheduleLine
from ui.parts import Column

SCHEDULE = dict(zip((one.name for one in fields(ScheduleLine)), HEADINGS, strict=True))

STEPS = (Column("Of", "of"), Column("What", "what", wraps=True),
         Column("Stood", "before", number=True, optional=True),
         Column("Change", "change", number=True),
         Column("Stands", "after", number=True))  # fmt: skip
LINES = (Column("Head", "head"), Column("Worked", "worked", wraps=True),
         Column("Tax", "tax", number=True))  # fmt: skip
ADVANCE = (Column("By", "by"), Column("Part", "part", number=True),
           Column("Tax on gains until then", "tax", number=True, optional=True),
           Column("Paid by then", "in_all", number=True),
           Column("With this one", "now", number=True))  # fmt: skip
SOLD = (Column("Share", "share"), Column("Shares", "shares", number=True),
        Column("Acquired", "acquired"), Column("Sold", "sold"),
        Column("Term", "term", optional=True),
        Column("Got", "proceeds", number=True, optional=True),
        Column("Cost", "cost", number=True, optional=True),
        Column("Charges", "charges", number=True, optional=True),
        Column("Gain", "gain", number=True))  # fmt: skip
LOTS = (Column("Share", "share"), Column("Shares", "shares", number=True),
        Column("Acquired", "acquired"), Column("Cost", "cost", number=True, optional=True),
        Column("Mark", "mark", number=True, optional=True), Column("Gain", "gain", number=True),
        Column("Term", "term", optional=True), Column("Long in", "days", number=True))  # fmt: skip
BUCKETS = (Column("Account", "name", wraps=True), Column("Intraday", "intraday", number=True),
           Column("Short", "short", number=True), Column("Long", "long", number=True))  # fmt: skip
PAID = (Column("Dividend", "what", wraps=True), Column("Account", "account", optional=True),
        Column("Ex", "on"), Column("Before tax", "gross", number=True),
        Column("Deducted", "deducted", number=True))  # fmt: skip
