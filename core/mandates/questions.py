"""The questions of the intake talk, and how the answer to each is read.

`parse` gives a value in the draft's own terms (fractions, paise, lists) or one sentence asking
again. It never fills in what was not said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.domain.instrument import CapClass, Instrument
from core.domain.mandate import Objective
from core.domain.money import Money
from core.domain.words import pct, short
from core.mandates.amounts import amounts_in, bare_number, months_in, percent_in

Value = str | int | float | list[str] | dict[str, int]


@dataclass(frozen=True, slots=True)
class Answer:
    """A value that was understood; `note` says how, where it was not said outright."""

    value: Value
    note: str = ""


@dataclass(frozen=True, slots=True)
class Unclear:
    """What to ask back."""

    sentence: str


@dataclass(frozen=True, slots=True)
class Context:
    """What an answer may lean on: the universe, and the money already named (None if not)."""

    universe: tuple[Instrument, ...] = ()
    capital: Money | None = None

    @property
    def sectors(self) -> tuple[str, ...]:
        """Sector names of the universe."""
        return tuple(sorted({i.sector for i in self.universe}))


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to know; `topic` recognises a correction ("change the drawdown to 8%")."""

    key: str
    label: str
    ask: str
    example: str
    topic: str
    read: Callable[[str, Context], Answer | Unclear]


def parse(question: Question, text: str, context: Context | None = None) -> Answer | Unclear:
    """Read one answer, or say what is not clear about it."""
    if not text.strip():
        return Unclear(f"Nothing was written. {question.ask} For example: {question.example}.")
    return question.read(text, context or Context())


def _objective(text: str, context: Context) -> Answer | Unclear:
    low = text.lower()
    careful = r"safe|safety|capital protection|preserv|protect|low risk|minimi|conservative|careful"
    bold = r"aggressive|max|fast|high risk|as much as|grow(?:th)? (?:hard|fast)|multibag|profit"
    found = [
        objective
        for objective, words in (
            (Objective.RISK_MINIMIZED, careful),
            (Objective.MAX_PROFIT, bold),
            (Objective.BALANCED, r"balanced?|moderate|middle|steady|both|medium"),
        )
        if re.search(words, low)
    ]
    if len(found) == 1 or (found and found[-1] is Objective.BALANCED and len(found) == 3):
        return Answer(str(found[-1]))
    if found:
        return Unclear("That names more than one aim. Most profit, balanced, or least risk?")
    return Unclear("Which is nearest: most profit, balanced, or least risk?")


def _horizon(text: str, context: Context) -> Answer | Unclear:
    months = months_in(text)
    if months is None:
        number = bare_number(text)
        if number is not None:
            return Unclear(f"Is {number} in months or in years?")
        return Unclear("For how long, in months or years? For example: two years.")
    if not 1 <= months <= 600:
        return Unclear(f"{months} months is outside 1 to 600; for how long can the money stay?")
    return Answer(months)


def _funding(text: str, context: Context) -> Answer | Unclear:
    amounts = amounts_in(text)
    if not amounts:
        return Unclear("How many rupees? For example: 5 lakh now, or ₹25,000 a month, or both.")
    for amount in amounts:
        if amount.money.paise <= 0:
            return Unclear(f"“{amount.words}” is not money to invest; name an amount above ₹0.")
        if not amount.certain:
            number = amount.words
            return Unclear(f"Is {number} in rupees, thousands, lakh or crore?")
    monthly = [a for a in amounts if a.monthly]
    once = [a for a in amounts if not a.monthly]
    if len(amounts) == 1 and re.search(
        r"\bmonthly\b|\bsip\b|(?:every|each|per) month", text.lower()
    ):
        monthly, once = once or monthly, []
    if len(monthly) > 1 or len(once) > 1:
        words = " and ".join(a.words for a in amounts)
        return Unclear(f"I read {words}. Which is the sum now and which the sum each month?")
    return Answer({
        "lump_sum": once[0].money.paise if once else 0,
        "instalment": monthly[0].money.paise if monthly else 0,
    })  # fmt: skip


def _day_of_month(text: str, context: Context) -> Answer | Unclear:
    found = re.search(r"\b(\d{1,2})(?:st|nd|rd|th)?\b", text)
    if found is None:
        return Unclear("On which day of the month, 1 to 28?")
    day = int(found[1])
    if not 1 <= day <= 28:
        return Unclear(f"Not every month has a day {day}; choose 1 to 28.")
    return Answer(day)


def _fraction(low: float, high: float, what: str) -> Callable[[str, Context], Answer | Unclear]:
    """A reader of percentages between two fractions; rupees are turned by the capital."""

    def read(text: str, context: Context) -> Answer | Unclear:
        found = percent_in(text)
        note = ""
        if found is not None:
            value, words = found
            if re.search(r"-|–|to|or", words.removeprefix("-")):
                note = f"of “{words}” the stricter end, {pct(value)}"
        else:
            amounts = [a for a in amounts_in(text) if a.certain]
            number = bare_number(text)
            if amounts:
                if not context.capital:
                    return Unclear("That is in rupees; in percent of the account, how much?")
                value = amounts[0].money.share_of(context.capital)
                note = f"{short(amounts[0].money)} of {short(context.capital)} is {pct(value)}"
            elif number is not None:
                value, note = float(number) / 100, f"“{text.strip()}” read as percent"
            else:
                return Unclear(f"In percent, how much? {what}")
        if not low <= value <= high:
            return Unclear(f"{pct(value)} is outside {pct(low)} to {pct(high)}. {what}")
        return Answer(value, note)

    return read


def _positions(text: str, context: Context) -> Answer | Unclear:
    found = re.findall(r"\b\d+\b", text)
    number = bare_number(text)
    count = int(number) if number is not None else int(found[0]) if len(found) == 1 else None
    if count is None:
        return Unclear("How many shares at once, as one number? For example: 10.")
    if not 1 <= count <= 100:
        return Unclear(f"{count} positions is outside 1 to 100; how many at once?")
    return Answer(count)


def _cash(text: str, context: Context) -> Answer | Unclear:
    if re.search(r"\b(?:none|nothing|zero|no (?:cash|floor|minimum))\b", text.lower()):
        return Answer(0)
    share = percent_in(text)
    if share is not None and context.capital:
        floor = Money(round(context.capital.paise * share[0]))
        return Answer(floor.paise, f"{pct(share[0])} of {short(context.capital)}")
    amounts = amounts_in(text)
    if len(amounts) != 1 or amounts[0].money.paise < 0:
        return Unclear("How many rupees must always stay in cash? For example: ₹50,000, or none.")
    if not amounts[0].certain and amounts[0].money:
        return Unclear(f"Is {amounts[0].words} in rupees, thousands or lakh?")
    return Answer(amounts[0].money.paise)


def _sizes(text: str, context: Context) -> Answer | Unclear:
    low = text.lower()
    if re.search(r"\b(?:all|any|every|everything)\b", low):
        return Answer(sorted(CapClass))
    barred = {
        c for c in CapClass if re.search(rf"\b(?:no|not|without|avoid|except)\b[^,;.]*\b{c}", low)
    }
    named = {c for c in CapClass if re.search(rf"\b{c}\b|\b{c}-?caps?\b", low)} - barred
    if not named and barred:
        named = set(CapClass) - barred
    if not named:
        return Unclear("Large, mid or small companies? Name one or more.")
    return Answer(sorted(named))


SECTOR_WORDS: dict[str, str] = {
    "bank": "financial", "nbfc": "financial", "financ": "financial", "insur": "financial",
    "pharma": "health", "drug": "health", "hospital": "health", "medic": "health",
    "it": "information technology", "software": "information technology",
    "tech": "information technology", "auto": "automobile", "car": "automobile",
    "metal": "metal", "mining": "metal", "steel": "metal", "oil": "oil", "gas": "oil",
    "energy": "oil", "power": "power", "utilit": "power", "realty": "realty",
    "real estate": "realty", "propert": "realty", "telecom": "telecom", "cement": "construction m",
    "fmcg": "fast moving", "consumer goods": "fast moving", "chemical": "chemical",
    "media": "media", "textile": "textile", "infra": "construction",
    "capital goods": "capital goods", "defence": "capital goods", "durable": "consumer durables",
}  # fmt: skip
FILLER = re.compile(
    r"\b(?:no|not|never|avoid|without|except|ban|please|any|stocks?|shares?|companies|company|the|in|"
    r"i|we|want|do|don't|dont|won't|will|touch|own|buy|of|ok|okay|sector|sectors|names?)\b|[.!?]"
)


def _bans(text: str, context: Context) -> Answer | Unclear:
    low = text.lower().strip()
    if re.search(
        r"\b(?:none|nothing|no bans?|anything goes|all (?:ok|fine)|no exclusions?)\b", low
    ):
        return Answer([])
    pieces = re.split(r",|;|/|&|\bor\b|\band\b|\bnor\b", low)
    wanted = [piece for piece in (FILLER.sub(" ", p).strip() for p in pieces) if piece]
    if not wanted:
        return Unclear("Which sectors or shares? For example: no banks or pharma; or none.")
    banned: list[str] = []
    for words in wanted:
        sectors = sector_named(words, context.sectors)
        shares = [] if sectors else shares_named(words, context.universe)
        if not sectors and not shares:
            known = ", ".join(context.sectors)
            return Unclear(
                f"“{words}” is no sector and no share of the universe. Sectors: {known}."
            )
        banned += [f"sector:{name}" for name in sectors] + [
            f"share:{s.symbol}:{s.isin}" for s in shares
        ]
    return Answer(sorted(set(banned)))


def sector_named(words: str, sectors: Sequence[str]) -> list[str]:
    """Universe sectors a word stands for; none when it stands for none."""
    exact = [name for name in sectors if name.lower() == words]
    if exact:
        return exact
    stems = [stem for word, stem in SECTOR_WORDS.items() if re.match(rf"{word}", words)
             and (len(word) > 3 or words.split()[0].rstrip("s") == word)]  # fmt: skip
    if stems:
        longest = max(stems, key=len)
        return [name for name in sectors if name.lower().startswith(longest)]
    return [name for name in sectors if name.lower().startswith(words)] if len(words) > 3 else []


def shares_named(words: str, universe: Sequence[Instrument]) -> list[Instrument]:
    """Shares whose symbol is the word, or whose name begins with it (a house such as "adani")."""
    return [
        i
        for i in universe
        if i.symbol.lower() == words.replace(" ", "")
        or (len(words) > 2 and re.match(rf"{re.escape(words)}\b", i.name.lower()))
    ]


QUESTIONS: tuple[Question, ...] = (
    Question("objective", "Aim", "What is this account for: most profit, balanced, or least risk?",
             "balanced", r"\b(?:aim|objective|goal)\b", _objective),
    Question("horizon_months", "Horizon", "When might you need the money back?",
             "in two years", r"\b(?:horizon|how long|need (?:it|the money))\b", _horizon),
    Question("funding", "Money", "How much goes in: a sum now, a sum each month, or both?",
             "5 lakh now and ₹25,000 a month",
             r"\b(?:capital|funding|lump|sip|instalment|monthly|money in)\b", _funding),
    Question("day_of_month", "Instalment day", "On which day of the month does it arrive?",
             "the 5th", r"\bday of (?:the )?month\b|\binstalment day\b", _day_of_month),
    Question("drawdown_max", "Drawdown",
             "How far under its peak may it fall before all buying ends?",
             "10%", r"\b(?:drawdown|peak|fall|total loss|max(?:imum)? loss)\b",
             _fraction(0.02, 0.50, "How far may it fall from its peak?")),
    Question("daily_loss_max", "Day's loss", "How much may one day lose before buying stops?",
             "1.5%", r"\b(?:day|daily|a day)\b",
             _fraction(0.002, 0.10, "How much may one day lose?")),
    Question("risk_per_trade_max", "Risk per trade", "How much may one trade lose at its stop?",
             "0.75% a trade", r"\b(?:trade|risk)\b",
             _fraction(0.0005, 0.05, "How much may one trade lose?")),
    Question("position_weight_max", "Single name", "How much of the account may one share weigh?",
             "10%", r"\b(?:single|one (?:share|stock|name)|a (?:share|stock|name)|position size"
             r"|per (?:share|stock|name)|position weight)\b",
             _fraction(0.01, 1.0, "How much may one share weigh?")),
    Question("sector_weight_max", "Sector", "How much may one sector weigh?",
             "25%", r"\b(?:sector weight|one sector|a sector|per sector|sector)\b",
             _fraction(0.02, 1.0, "How much may one sector weigh?")),
    Question("positions_max", "Positions", "How many shares may it hold at once?",
             "12", r"\b(?:positions|how many|at once)\b", _positions),
    Question("banned", "Excluded", "Is there anything it must never own, a sector or a share?",
             "no banks or pharma; or none", r"\b(?:exclu\w*|bans?|banned|never own|avoid)\b",
             _bans),
    Question("cap_classes", "Company size", "Large companies only, or mid and small ones too?",
             "large and mid", r"\b(?:large|mid|small|caps?|company size)\b", _sizes),
    Question("cash_floor", "Cash floor", "How much must always stay in cash?",
             "₹50,000; or none", r"\b(?:cash|floor|reserve)\b", _cash),
)  # fmt: skip
BY_KEY = {question.key: question for question in QUESTIONS}
