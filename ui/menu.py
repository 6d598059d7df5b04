"""Which pages there are, in the order of the top bar; a page without its file is not listed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FIRST = "today"  # the page at "/"


@dataclass(frozen=True, slots=True)
class Entry:
    """One page: file name under pages/, title, and the menu it stands in ("" is the bar)."""

    name: str
    title: str
    section: str = ""

    @property
    def path(self) -> str:
        return f"pages/{self.name}.py"


MENU = (
    Entry("today", "Today"),
    Entry("cards", "Cards"),
    Entry("positions", "Positions"),
    Entry("markets", "Markets"),
    Entry("risk", "Risk"),
    Entry("events", "Events", "Research"),
    Entry("predictions", "Predictions", "Research"),
    Entry("models", "Models", "Research"),
    Entry("allocation", "Allocation", "Research"),
    Entry("backtests", "Backtests", "Research"),
    Entry("optimizer", "Optimizer", "Research"),
    Entry("audit", "Audit", "Records"),
    Entry("pnl", "P&L", "Records"),
    Entry("reports", "Reports", "Records"),
    Entry("tax", "Tax", "Records"),
    Entry("notes", "Contract notes", "Records"),
    Entry("charges", "Charges", "Records"),
    Entry("accounts", "Accounts & mandates", "Accounts"),
    Entry("account", "One account", "Accounts"),
    Entry("treasury", "Treasury", "Accounts"),
    Entry("intake", "Intake", "Accounts"),
    Entry("broker", "Broker", "Accounts"),
    Entry("settings", "Settings & health", "Accounts"),
)


def exists(entry: Entry) -> bool:
    """Whether the page's file is there."""
    return (ROOT / entry.path).is_file()


def sections() -> dict[str, list[Entry]]:
    """The pages that exist, by section, in menu order."""
    found: dict[str, list[Entry]] = {}
    for entry in MENU:
        if exists(entry):
            found.setdefault(entry.section, []).append(entry)
    return found
