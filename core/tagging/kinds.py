"""What kind of event a headline tells of, and how much such an event usually moves a price.

Rules are tried in order and the first that matches wins: routine paper first, because most
filings are, then the specific, then the general. `default` is the stance a bare category has
when no word leans: an order received is good before anyone says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.domain.event import EventType, Priority, Stance

E, S = EventType, Stance


@dataclass(frozen=True, slots=True)
class Kind:
    """One rule: a pattern on the lower-cased headline, its type, base impact and default stance."""

    event_type: EventType
    pattern: re.Pattern[str]
    impact: float
    default: Stance = Stance.NEUTRAL


def _kind(
    event_type: EventType, words: str, impact: float, default: Stance = Stance.NEUTRAL
) -> Kind:
    return Kind(event_type, re.compile(words), impact, default)


ROUTINE = _kind(
    E.ROUTINE,
    r"trading window|newspaper (?:publication|advertisement)|publication of (?:notice|results)"
    r"|transcript|audio recording|(?:analysts?|institutional)\b.{0,40}\bmeet"
    r"|investors?[' ]*s? ?meet"
    r"|earnings (?:conference )?call|conference call|con-?call|investor presentation"
    r"|scrutini[sz]er|postal[ _]ballot|shareholder meeting|annual general meeting|\b[ae]gm\b"
    r"|notice of (?:the )?meeting|certificate (?:under|for)|compliance[s]?[- ]certificate"
    r"|compliances-|duplicate share|loss of (?:share )?certificate|share certificate"
    r"|shareholding pattern|\besop|\besps|grant of (?:stock )?options|employee stock"
    r"|monitoring agency|registered office|corporate office address|change of (?:company )?name"
    r"|memorandum (?:&|and) articles|amendments? to memorandum|code of conduct|investor complaints"
    r"|secretarial compliance|annual report|sustainability report|brsr|registrar (?:to|and)"
    r"|voting results|book closure|esg rating|company secretary|compliance officer"
    r"|cost auditor|internal auditor|secretarial auditor|trading plan|iepf|kyc|webinar|weblink"
    r"|store opening|clarification|general update|reg(?:ulation)?\.? ?74|reg\. ?10|sast"
    r"|tax deduction on|intimation of (?:grant|board meeting)|board meeting intimation"
    r"|(?:announcement|disclosure|intimation)s? under reg(?:ulation)?\.? ?\d+[^-]*$",
    0.03,
)
KINDS: tuple[Kind, ...] = (
    _kind(E.INSOLVENCY, r"insolvency|\bcirp\b|bankrupt|liquidation|resolution plan", 0.8,
          S.NEGATIVE),
    _kind(E.BUYBACK, r"buy-?\s?back", 0.55, S.POSITIVE),
    _kind(E.BONUS_SPLIT, r"bonus (?:issue|share)|\bbonus\b.{0,20}\bshares|stock split|share split"
          r"|sub-?division|split of (?:shares|equity)", 0.45, S.POSITIVE),
    _kind(E.PLEDGE, r"pledge|encumbrance", 0.45),
    _kind(E.GUIDANCE, r"guidance|outlook for|forecasts?\b|profit warning", 0.55),
    _kind(E.RATING, r"credit rating|(?:up|down)grade|\brating (?:action|revised|reaffirm)"
          r"|long-term rating|target price|price target|\boverweight\b|\bunderweight\b"
          r"|outperform|underperform", 0.45),
    _kind(E.LITIGATION, r"arbitrat|lawsuit|litigation|tribunal|\bcourt\b|\bsues?\b|\bsued\b"
          r"|legal (?:notice|proceeding)|tax demand|demand (?:order|notice)|\bappeal\b"
          r"|\bfraud\b", 0.45),
    _kind(E.REGULATORY, r"show cause|penalty|penalties|fine levied|\bsebi\b|usfda|\bfda\b"
          r"|warning letter|form 483|regulator|import alert|\bcci\b|enforcement directorate"
          r"|income tax|gst|cbi\b|licen[cs]e|\brbi\b", 0.45),
    _kind(E.ACQUISITION, r"to acquire|\bacquires\b|acquisition", 0.4),
    _kind(E.ORDER_WIN, r"award_of_order|receipt_of_order|bag(?:s|ged)\b|\border (?:worth|win|from)"
          r"|orders? (?:aggregating|valued|received)"
          r"|wins?\b.{0,40}\b(?:contract|order|project)"
          r"|letter of (?:award|acceptance|intent)|secures?\b.{0,30}\b(?:order|contract)"
          r"|receipt of (?:an? )?(?:work |purchase )?order|work order|l1 bidder|contract worth"
          r"|awarded\b.{0,30}\b(?:contract|order|project)", 0.55, S.POSITIVE),
    _kind(E.DIVIDEND, r"dividend|record date", 0.2),
    _kind(E.RESULTS, r"financial results?|quarterly (?:profit|results|loss)|\bq[1-4]\b|net profit"
          r"|net loss|\bpat\b|earnings|profit (?:rises|falls|jumps|up|down)|unaudited|audited"
          r"|monthly business update|(?:sales|revenue) (?:rises|falls|up|down|growth)|results\b"
          r"|\bebitda\b|\bprofits?\b", 0.6),
    _kind(E.MANAGEMENT, r"resign|steps? down|appoint|chief (?:executive|financial|operating)"
          r"|\bceo\b|\bcfo\b|managing director|change in (?:management|directorate)|cessation"
          r"|\bauditors?\b|demise|directorate|\bchairman\b", 0.3),
    _kind(E.ACQUISITION, r"acqui(?:re|res|red|ring|sition)|takeover|take over|merger|amalgamation"
          r"|scheme of arrangement|stake (?:in|sale|buy)|open offer|divest|disinvest|demerger"
          r"|slump sale|joint venture|\bmou\b|memorandum of understanding|share purchase"
          r"|\bspa\b|restructuring", 0.4),
    _kind(E.EXPANSION, r"expan(?:d|sion)|capacity|new plant|commission(?:s|ed|ing)|greenfield"
          r"|brownfield|capex|\binvest(?:s|ment of)\b|sets? up\b|commercial production"
          r"|new (?:facility|factory|unit)", 0.4, S.POSITIVE),
    _kind(E.FUND_RAISE, r"\bqip\b|rights? issue|preferential|raising of funds|fund[- ]?rais"
          r"|raises? rs"
          r"|debentures?|\bncds?\b|\bbonds?\b|warrants?|allotment|issue of securities"
          r"|commercial paper|\bipo\b|conversion of securities|offer for sale|\bofs\b", 0.3),
    _kind(E.PRODUCT, r"launch(?:es|ed|ing)?\b|unveil|patent|new (?:product|model|drug)"
          r"|approval for|tie-?up|partner", 0.3),
    _kind(E.MACRO, r"\bsensex\b|\bnifty\b|inflation|\brepo\b|\bgdp\b|monsoon|crude|\bfiis?\b"
          r"|\bbudget\b|\brupee\b|market[s]?\b", 0.2),
    _kind(E.REGULATORY, r"strikes? ?/|lockout|disturbance"
          r"|fire (?:at|in)", 0.35,
          S.NEGATIVE),
)  # fmt: skip
OTHER = Kind(E.ROUTINE, re.compile(""), 0.1)
# Paper about something that is not routine by itself: these beat the routine words.
NOT_ROUTINE = re.compile(
    r"award_of_order|receipt_of_order|buy-?\s?back|insolvency"
    r"|pledge|acquisition of|resign.{0,40}(?:auditor|chief|managing)|show cause|penalty"
)
# What a filing's subject says about the rule book and not about the company.
BOILERPLATE = re.compile(
    r"(?:general )?(?:announcement|disclosure|intimation|update)s?"
    r" (?:under|pursuant to|in terms of)[^-]*?reg(?:ulation)?s?\.? ?\d+[^-]*?"
    r"(?:\(lodr\)|regulations?,? ?\d*,?(?: as amended)?|$)"
    r"|\bof (?:the )?(?:sebi|securities and exchange board of india)"
    r" ?\(.*?\) ?regulations?,? ?\d*"
)
MATERIAL_IMPACT = 0.4


def kind_of(headline: str) -> tuple[Kind, str]:
    """The first rule that matches, and the words it matched (empty when none did)."""
    text = BOILERPLATE.sub(" ", headline.lower())
    if not text.strip(" -.,;'"):
        return ROUTINE, headline.lower()[:40]
    routine = ROUTINE.pattern.search(text)
    if routine and not NOT_ROUTINE.search(text):
        return ROUTINE, routine[0]
    for kind in KINDS:
        match = kind.pattern.search(text)
        if match:
            return kind, match[0]
    return OTHER, ""


def priority_of(headline: str) -> Priority:
    """How soon an item is read, from its words alone."""
    kind, words = kind_of(headline)
    if kind.event_type is EventType.ROUTINE:
        return Priority.NORMAL if not words else Priority.ROUTINE
    return Priority.URGENT if kind.impact >= MATERIAL_IMPACT else Priority.NORMAL
