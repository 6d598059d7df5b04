"""How the newswire words an item: filing-like English with invented companies' numbers.

Every figure is drawn from the item itself, so the same item always reads the same.
"""

from __future__ import annotations

from datetime import date
from random import Random

from core.domain.action import ActionKind
from core.domain.event import EventType, Stance
from core.providers.sim.items import Item

E, S = EventType, Stance
CLIENTS = (
    "a state utility",
    "a central public sector undertaking",
    "an overseas infrastructure developer",
    "the defence ministry",
    "a metro rail corporation",
    "a European automotive group",
    "a port authority",
)
BROKERAGES = ("a domestic brokerage", "a foreign brokerage", "a large bank's equity research desk")
AGENCIES = ("a rating agency", "an international rating agency")
PLACES = ("Gujarat", "Tamil Nadu", "Odisha", "Maharashtra", "Andhra Pradesh", "Karnataka")
WORDINGS: dict[tuple[EventType, Stance], tuple[str, ...]] = {
    (E.RESULTS, S.POSITIVE): (
        "{name} Q{q} net profit jumps {up}% to ₹{cr} crore, beats estimates",
        "{name} reports record quarterly profit of ₹{cr} crore, up {up}% year on year",
        "{name} Q{q} results: profit rises {up}%, margin expands, beats street estimates",
    ),
    (E.RESULTS, S.NEGATIVE): (
        "{name} Q{q} net profit falls {down}% to ₹{cr} crore, misses estimates",
        "{name} reports quarterly profit decline of {down}% as margin shrinks, misses estimates",
        "{name} Q{q} results: profit drops {down}% to ₹{cr} crore on weak demand",
    ),
    (E.RESULTS, S.NEUTRAL): (
        "{name} Q{q} net profit at ₹{cr} crore, in line with estimates",
        "{name} announces unaudited financial results for Q{q}; profit flat at ₹{cr} crore",
    ),
    (E.ORDER_WIN, S.POSITIVE): (
        "{name} bags order worth ₹{cr} crore from {client}",
        "{name} wins ₹{cr} crore contract from {client}",
        "{name} receives letter of award worth ₹{cr} crore from {client}",
        "{name} secures order worth ₹{cr} crore; order book grows {up}%",
    ),
    (E.RATING, S.POSITIVE): (
        "{agency} upgrades {name} long-term rating, outlook positive",
        "{brokerage} upgrades {name} to buy, raises target price by {up}%",
        "{name} credit rating upgraded; outlook revised to positive from stable",
    ),
    (E.RATING, S.NEGATIVE): (
        "{agency} downgrades {name} long-term rating, outlook negative",
        "{brokerage} downgrades {name} to sell, cuts target price by {down}%",
        "{name} credit rating downgraded; outlook revised to negative from stable",
    ),
    (E.REGULATORY, S.POSITIVE): (
        "{name} receives regulatory approval for its {place} unit with zero observations",
        "{name} gets regulator's approval for new product; launch planned this quarter",
    ),
    (E.REGULATORY, S.NEGATIVE): (
        "{name} receives show cause notice from the regulator over alleged violations",
        "Regulator imposes penalty of ₹{cr} crore on {name} for violation of norms",
        "{name} {place} unit receives warning letter from the regulator",
    ),
    (E.GUIDANCE, S.POSITIVE): (
        "{name} raises full-year revenue growth guidance to {up}% on strong demand",
        "{name} lifts margin guidance, sees strong demand and record order inflow",
    ),
    (E.GUIDANCE, S.NEGATIVE): (
        "{name} cuts full-year revenue guidance by {down}% on weak demand",
        "{name} lowers margin guidance, warns of slowdown in orders",
    ),
    (E.ACQUISITION, S.POSITIVE): (
        "{name} to acquire {stake}% stake in a rival for ₹{cr} crore; deal to add to earnings",
        "{name} completes acquisition of a {place}-based company for ₹{cr} crore, boosts growth",
    ),
    (E.ACQUISITION, S.NEGATIVE): (
        "{name} calls off acquisition of a {place}-based company, to write off ₹{cr} crore",
        "{name} acquisition fails to win approval; deal worth ₹{cr} crore terminated",
    ),
    (E.LITIGATION, S.POSITIVE): (
        "{name} wins arbitration award of ₹{cr} crore against {client}",
        "Court rules in favour of {name}, quashes demand of ₹{cr} crore",
    ),
    (E.LITIGATION, S.NEGATIVE): (
        "{name} loses arbitration; tribunal orders it to pay ₹{cr} crore",
        "Court rejects {name} appeal against tax demand of ₹{cr} crore",
        "{name} faces lawsuit seeking ₹{cr} crore for alleged fraud",
    ),
    (E.MANAGEMENT, S.POSITIVE): (
        "{name} appoints industry veteran as chief executive, board backs strong growth plan",
    ),
    (E.MANAGEMENT, S.NEGATIVE): (
        "{name} chief financial officer resigns with immediate effect",
        "{name} managing director resigns abruptly; board begins search",
        "Statutory auditor of {name} resigns, cites concerns",
    ),
    (E.BUYBACK, S.POSITIVE): (
        "{name} board approves share buyback of ₹{cr} crore at {up}% premium",
        "{name} announces buyback worth ₹{cr} crore through the tender route at {up}% premium",
    ),
    (E.EXPANSION, S.POSITIVE): (
        "{name} to expand capacity by {up}% at {place} plant with ₹{cr} crore investment",
        "{name} commissions new plant in {place}, capacity rises {up}%",
    ),
    (E.PLEDGE, S.POSITIVE): ("{name} promoters release pledge on {stake}% of shares",),
    (E.PLEDGE, S.NEGATIVE): (
        "{name} promoters pledge another {stake}% of shares to raise debt",
        "Lenders invoke pledge on {stake}% of {name} shares",
    ),
    (E.DIVIDEND, S.NEUTRAL): (
        "{name} fixes record date for dividend of ₹{rupees} per share",
        "{name} informs about payment of dividend of ₹{rupees} per share",
    ),
    (E.ROUTINE, S.NEUTRAL): (
        "{name} informs the exchange about closure of trading window",
        "{name} submits shareholding pattern for the quarter",
        "{name} intimates schedule of analyst and institutional investor meet No. {n}",
        "{name} files newspaper publication of notice No. {n}",
        "{name} submits certificate under Regulation 74(5)",
        "{name} informs about issue of duplicate share certificate, folio {n}",
        "{name} publishes transcript of investor call No. {n}",
    ),
}


def headline(item: Item, *, name: str, on: date) -> str:
    """The item's headline; strong items carry the larger figures."""
    draw = Random(item.words)
    wording = draw.choice(WORDINGS[(item.kind, item.stance)])
    big = item.strong
    text = wording.format(
        name=short_name(name),
        q=((on.month - 4) % 12) // 3 or 4,
        cr=indian(draw.randrange(600, 9_800, 10) if big else draw.randrange(20, 240)),
        up=draw.randrange(24, 68) if big else draw.randrange(4, 13),
        down=draw.randrange(24, 62) if big else draw.randrange(4, 13),
        stake=draw.randrange(26, 76) if big else draw.randrange(3, 12),
        client=draw.choice(CLIENTS),
        brokerage=draw.choice(BROKERAGES),
        agency=draw.choice(AGENCIES),
        place=draw.choice(PLACES),
        rupees=draw.randrange(2, 40),
        n=draw.randrange(101, 9_999),
    )
    return text[0].upper() + text[1:]


MARKET_UP = (
    "Markets cheer as the central bank cuts the repo rate by surprise",
    "Markets rally after inflation cools more than forecast",
    "Markets jump on strong foreign inflows and a softer dollar",
    "Markets surge as crude slides and a trade truce is reached",
)
MARKET_DOWN = (
    "Markets tumble as the central bank raises the repo rate by surprise",
    "Markets slide after inflation comes in far above forecast",
    "Markets fall as crude spikes on fresh conflict",
    "Markets sink in a global sell-off; foreign funds pull out",
)


def market_headline(words: int, *, rises: bool) -> str:
    """What the wire says of news that moves every share; it names no company."""
    return Random(words).choice(MARKET_UP if rises else MARKET_DOWN)


def halt_headline(move_pct: int, *, until: str) -> str:
    """What the exchange says when it stops everybody."""
    return f"Exchange halts trading market-wide at a {move_pct}% move of the index, {until}"


def payout_headline(name: str, kind: ActionKind, *, new: int, old: int, paid: str, ex: date) -> str:
    """How a company tells of a bonus, a split or a dividend, with the ex-date."""
    on = f"ex-date {ex.day} {ex:%b %Y}"
    if kind is ActionKind.BONUS:
        return f"{short_name(name)} board approves bonus issue of {new} for {old}, {on}"
    if kind is ActionKind.SPLIT:
        return f"{short_name(name)} board approves stock split, {new} for {old}, {on}"
    return f"{short_name(name)} fixes record date for dividend of {paid} per share, {on}"


def short_name(name: str) -> str:
    """The company's name as a headline has it; a name of one word keeps its Ltd."""
    short = name
    for ending in (" Limited", " Ltd.", " Ltd"):
        short = short.removesuffix(ending)
    return short if " " in short else f"{short} Ltd"


def indian(number: int) -> str:
    """Digits grouped the Indian way: 12,34,567."""
    text = str(number)
    head, tail = text[:-3], text[-3:]
    groups: list[str] = []
    while head:
        groups.insert(0, head[-2:])
        head = head[:-2]
    return ",".join([*groups, tail])
