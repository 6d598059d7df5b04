"""Every value a mandate talk can fill: what kind it is, which words mean it, and its bounds.

A cue is what a person calls the value ("a trade", "har din"). A weak cue counts only where no
other one stands in the same clause.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from core.domain.money import Money

Kind = Literal[
    "aim", "months", "money", "percent", "count", "atr", "names", "sizes", "strategies",
    "holding", "shorts", "sessions", "day", "tranches", "cash",
]  # fmt: skip
CRORE: Final = 10_000_000
MONEY_MAX: Final = Money.rupees(1_000 * CRORE)


@dataclass(frozen=True, slots=True)
class Field:
    """One value; `low` and `high` bound it in the draft's own terms (fractions, paise, counts)."""

    key: str
    label: str
    kind: Kind
    cue: str = ""
    weak: str = ""
    low: float = 0.0
    high: float = 0.0

    def named_in(self, text: str) -> bool:
        """Whether a text calls this value by a name."""
        return any(re.search(words, text) for words in (self.cue, self.weak) if words)


FIELDS: Final[tuple[Field, ...]] = (
    Field("objective", "Aim", "aim", r"\b(?:aim|goal|objective|purpose|lakshya)\b"),
    Field("horizon_months", "Horizon", "months",
          r"\b(?:horizon|how long|need (?:it|the money)|money back|lock(?:ed)? in)\b",
          low=1, high=600),
    Field("lump_sum", "Money now", "money",
          r"\b(?:lump ?sum|capital|at once|upfront|one[- ]time|right away|ek saath|abhi)\b",
          r"\bnow\b", low=0, high=MONEY_MAX.paise),
    Field("counts_cash", "Cash in the account", "cash"),
    Field("instalment", "Each month", "money", r"\b(?:sip|instal?ments?|monthly)\b",
          low=0, high=MONEY_MAX.paise),
    Field("day_of_month", "Instalment day", "day",
          r"\bday of (?:the |each |every )?month\b|\binstal?ment day\b|\btarikh\b", low=1, high=31),
    Field("instalment_months", "Instalments for", "months", r"\bsip for\b|\binstal?ments? for\b",
          low=1, high=600),
    Field("tranches", "Lump sum comes in", "tranches",
          r"\btranches?\b|\bparts\b|\bkisht\w*|\bhisson?\b|\bstagger\w*"),
    Field("buffer", "Emergency buffer", "money",
          r"\bemergenc\w*|\bbuffer\b|\brainy\b|\bcontingenc\w*", low=0, high=MONEY_MAX.paise),
    Field("drawdown_max", "Fall under the peak", "percent",
          r"\bdraw ?down\b|\bpeak\b|\b(?:may |can |should |it )?falls?\b|\bdips?\b|\btotal loss\b"
          r"|\boverall\b|\bin all\b|\bin total\b|\bgir(?:e|ey|na|ta|ti|ne|ega|jaye)\b|\bkul\b",
          r"\blos(?:s|ses|e|ing)\b|\bnuksa+n\b|\bghata\b|\bpain\b|\bdown\b|\bdoob\w*",
          low=0.02, high=0.50),
    Field("daily_loss_max", "Day's loss", "percent",
          r"\b(?:an?|per|each|one|any|in a|single|ek|har|1)\s+(?:day|din)\b|\bdaily\b|\bday'?s\b"
          r"|\broz(?:ana)?\b|\bdin (?:mein|me|ka)\b"
          r"|\bday loss\b", r"\bday\b|\bdin\b",
          low=0.002, high=0.10),
    Field("risk_per_trade_max", "Risk per trade", "percent",
          r"\b(?:(?:an?|per|each|one|any|ek|har|1)\s+)?(?:trades?|saud[ae])\b|\brisk per trade\b",
          r"\brisk\b", low=0.0005, high=0.05),
    Field("positions_max", "Positions", "count",
          r"\bpositions\b|\bhow many\b|\bat (?:once|a time)\b|\bholdings\b|\bek saath\b",
          r"\b(?:stocks|shares|names|companies|scrips)\b", low=1, high=100),
    Field("position_weight_max", "One share", "percent",
          r"\b(?:single|one|any|an?|per|each|ek|har|kisi|1)\s+(?:hi\s+)?(?:share|stock|name|company"
          r"|scrip|position)\b|\bposition (?:size|weight)\b|\bsingle[- ]name\b|\bconcentration\b"
          r"|\b(?:share|stock) (?:mein|me)\b",
          r"\b(?:each|apiece)\b|\bin (?:any )?(?:one|1|ek)\b(?! sector)|\bek (?:mein|me)\b",
          low=0.01, high=1.0),
    Field("sector_weight_max", "One sector", "percent",
          r"\b(?:(?:an?|per|each|one|any|single|ek|har|1)\s+)?(?:sectors?|industry)\b(?: weight)?",
          low=0.02, high=1.0),
    Field("gross_exposure_max", "All positions", "percent", r"\bgross\b|\bexposure\b|\binvested\b",
          low=0.05, high=1.0),
    Field("vol_target", "Volatility target", "percent", r"\bvolatil\w*", low=0.02, high=0.60),
    Field("banned", "Excluded", "names", r"\b(?:exclu\w*|bans?|banned|never own|avoid)\b"),
    Field("preferred", "Preferred", "names", r"\bprefer\w*"),
    Field("cap_classes", "Company size", "sizes",
          r"\b(?:large|mid|small)[ -]?caps?\b|\bcompany size\b|\bblue ?chips?\b"),
    Field("turnover_min", "Median turnover a day", "money",
          r"\bturn ?over\b|\btraded value\b|\bliquid(?:ity)?\b|\bvolumes?\b",
          low=0, high=MONEY_MAX.paise),
    Field("cash_floor", "Cash floor", "money",
          r"\bcash\b|\bfloor\b|\breserves?\b|\bkeep aside\b|\bnakad\b|\bside me\b",
          low=0, high=MONEY_MAX.paise),
    Field("earnings_blackout_sessions", "No entry before results", "sessions",
          r"\bearnings?\b|\bresults?\b|\bblack ?out\b|\bnatije\b", low=0, high=20),
    Field("strategies", "Strategies", "strategies", r"\bstrateg\w*"),
    Field("holding", "Positions are held", "holding", r"\bintra-?day\b|\bovernight\b|\bdelivery\b"),
    Field("shorts", "Short sales", "shorts", r"\bshort[- ]?sell\w*|\bshorts\b|\bgo short\b"),
    Field("stop_atr", "Stop", "atr", r"\bstops?(?:[- ]?loss)?\b", low=0.5, high=6.0),
    Field("target_atr", "Target", "atr", r"\btargets?\b", low=0.5, high=15.0),
    Field("trail_atr", "Trail", "atr", r"\btrail\w*", low=0.5, high=8.0),
    Field("trail_pct", "Trail", "percent", r"\btrail\w*", low=0.005, high=0.5),
    Field("ticket_min", "Smallest trade", "money",
          r"\bticket\b|\b(?:smallest|minimum|min) (?:trade|order|buy)\b",
          low=0, high=MONEY_MAX.paise),
)  # fmt: skip
BY_KEY: Final = {field.key: field for field in FIELDS}


def within(field: Field, value: float) -> bool:
    """Whether a value lies inside the field's bounds."""
    return field.low <= value <= field.high


@dataclass(frozen=True, slots=True)
class Cue:
    """A field's name found in a clause."""

    key: str
    strong: bool
    at: tuple[int, int]


def cues_in(clause: str, kinds: frozenset[str]) -> list[Cue]:
    """Names of fields of some kinds in a clause, in order; of two that overlap the longer.

    Weak ones are left out where a strong one stands.
    """
    found = [
        Cue(field.key, strong, hit.span())
        for field in FIELDS
        if field.kind in kinds
        for words, strong in ((field.cue, True), (field.weak, False))
        if words
        for hit in re.finditer(words, clause)
    ]
    found.sort(key=lambda cue: (not cue.strong, cue.at[0] - cue.at[1]))
    kept: list[Cue] = []
    for cue in found:
        apart = all(cue.at[1] <= one.at[0] or cue.at[0] >= one.at[1] for one in kept)
        if apart and (cue.strong or not any(one.strong for one in kept)):
            kept.append(cue)
    if len({cue.key for cue in kept}) > 1:  # "a loss" says least of all what is meant
        kept = [cue for cue in kept if cue.strong or cue.key != "drawdown_max"]
    kept.sort(key=lambda cue: cue.at)
    return [  # "emergency buffer" is one name
        cue
        for at, cue in enumerate(kept)
        if not at
        or kept[at - 1].key != cue.key
        or re.search(r"\d", clause[kept[at - 1].at[1] : cue.at[0]])
    ]
