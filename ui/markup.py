"""The one way text gets into HTML: escaped, always, unless this package wrote it.

A template is ours, its parts are anybody's. `fill` escapes every part that is not markup
already, so that a headline or a model's prose can only ever be read.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

# Streamlit reads labels as Markdown with LaTeX and :colour[] directives.
MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:^=&])")


class Markup(str):
    """HTML written by this package; anything else is text."""

    __slots__ = ()


def escape(value: object) -> Markup:
    """Markup as it is, anything else as text that only reads."""
    return value if isinstance(value, Markup) else Markup(html.escape(str(value), quote=True))


def fill(template: str, **parts: object) -> Markup:
    """Our template with everybody's parts; every part is escaped unless it is markup."""
    return Markup(template.format(**{name: escape(part) for name, part in parts.items()}))


def join(parts: Iterable[object], between: str = "") -> Markup:
    """Parts one after the other, each escaped unless it is markup."""
    return Markup(between.join(escape(part) for part in parts))


def plain(text: str) -> str:
    """Text for a label that Streamlit would read as Markdown: no link, image or formula left."""
    return MARKDOWN.sub(r"\\\1", " ".join(text.split()))
