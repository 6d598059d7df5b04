"""The colours of `desk.css` for what cannot read CSS: Plotly and the grid's iframe."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

FONT = "IBM Plex Sans, Source Sans, sans-serif"


@dataclass(frozen=True, slots=True)
class Palette:
    """One theme's colours, as in §1 of the desk's look."""

    ink: str
    mute: str
    bg: str
    sunk: str
    line: str
    hair: str
    buy: str
    sell: str
    gain: str
    loss: str
    warn: str
    sim: str
    teal: str

    @property
    def series(self) -> tuple[str, ...]:
        """Colours for lines that mean nothing by colour, in order."""
        return (self.buy, self.sim, self.teal, self.warn, self.sell, self.mute)


LIGHT = Palette(
    ink="#1F2733",
    mute="#5C6675",
    bg="#FFFFFF",
    sunk="#F6F7F9",
    line="#E1E5EA",
    hair="#EEF0F3",
    buy="#1F5FBF",
    sell="#B2400A",
    gain="#166F43",
    loss="#C4243A",
    warn="#8F6400",
    sim="#6D3FD1",
    teal="#0E7C86",
)
DARK = Palette(
    ink="#E2E7ED",
    mute="#9AA5B3",
    bg="#11151A",
    sunk="#191F26",
    line="#2A323C",
    hair="#20272F",
    buy="#7FB2FF",
    sell="#FF9A66",
    gain="#4CC38A",
    loss="#FF7A85",
    warn="#E3B64A",
    sim="#B79BFF",
    teal="#4FC0C9",
)


def palette() -> Palette:
    """The colours of the theme the browser shows now."""
    return DARK if st.context.theme.type == "dark" else LIGHT
