"""What a turn asks the talk itself to do: yes, no, suggest, skip, go back, begin anew, why.

And which texts are no answer at all: orders to a program, which change nothing.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final


class Command(StrEnum):
    """A word to the talk."""

    YES = "yes"
    NO = "no"
    SUGGEST = "suggest"
    SKIP = "skip"
    BACK = "back"
    RESTART = "restart"
    WHY = "why"
    SAME = "same"


SUGGEST: Final = re.compile(
    r"\bsuggest\w*|\brecommend\w*|\bdon'?t know\b|\bnot sure\b|\bup to you\b"
    r"|\b(?:you|aap) (?:choose|decide|pick)\b"
    r"|\bwhat(?:'s| is| would be| would)? (?:the )?(?:usual|normal|typical|you)\b"
    r"|^\W{0,9}usual\W{0,9}$"
    r"|\bno idea\b|\bno clue\b|\bdefaults?\b|\baap (?:batao|bataiye|hi)\b|\bkya (?:sahi|theek)\b"
    r"|\bpata nahin?\b|\bnahin? pata\b|\bwhatever you (?:think|like|say|want)\b|\badvi[cs]e\b"
    r"|\bdunno\b"
)
WORDS_MAX: Final = 8  # of what is a command and nothing else
POLITE: Final = r"(?: (?:please|pls|thanks|thank you|ji|bhai|yaar|sir|that|it|them|this|all|do))*"
YES: Final = re.compile(
    r"(?:(?:^| )(?:yes|yep|yeah|ya|ok(?:ay)?|sure|fine|agreed?|go(?: ahead)?|sounds good|haa?n"
    r"|ha ji|theek hai|thik hai|bilkul|sahi hai|correct|right|done|perfect|great|looks good"
    r"|kar(?:o| do|do| dijiye)|save|sign|confirm(?:ed)?"
    r"|(?:take|do|save|sign|accept|use) (?:it|that|them|those|this)|y)" + POLITE + ")+"
)
NO: Final = re.compile(
    r"(?:no|nope|nah|nahin?|na|not that|not those|too (?:much|high|low|little|many|few)"
    r"|don'?t|cancel|wait|stop|quit|exit|bye|n)" + POLITE
)
LEAVE: Final = re.compile(r"\W*(?:cancel|stop|quit|exit|bye)\b", re.IGNORECASE)
SAME: Final = re.compile(
    r"(?:the |keep (?:it |them )?|use )?(?:same|as|like)(?: (?:as|like))?(?: (?:last time|before"
    r"|earlier|previous(?:ly)?|the (?:old|last|other) one|(?:my|the) (?:other|old|last|first)"
    r" (?:account|mandate|one)|it (?:is|was)))?|(?:pehle|pahle) (?:jaisa|wala)(?: hi)?|wahi purana"
)
SKIP: Final = re.compile(
    r"(?:(?:let'?s |please |i'?ll )?(?:skip|pass|next)(?: (?:this|that|it|question|please))*"
    r"|aage badho|chhod(?:o| do)|leave it|baad mein|later|keep (?:it|that|them)(?: as (?:it )?is)?)"
)
BACK: Final = re.compile(
    r"(?:please )?(?:go back|back|previous(?: question)?|wapas|peeche|pichla|undo)"
    r"(?: (?:one|please|jao|question|a step|chalo))*"
)
RESTART: Final = re.compile(
    r"(?:please )?(?:start (?:over|again|afresh)|begin again|restart|reset|discard(?: it| all)?"
    r"|forget (?:it|everything|all(?: of it)?)|phir se|scrap (?:it|everything|that))"
)
WHY: Final = re.compile(
    r"(?:why\b.*|what does (?:that|this|it) mean|what'?s that|explain\b.*|meaning|matlab.*"
    r"|kya matlab.*|kyun\b.*|i don'?t understand|samjha nahin?|help|what do you mean)"
)
HOSTILE: Final = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass)\b[^.]{0,40}\b(?:previous|prior|above|earlier|all"
    r"|your|the|these)\b[^.]{0,30}\b(?:instructions?|prompts?|rules|guardrails?|limits|safety|system)"
    r"|\bsystem (?:prompt|message|override)\b|\byou are (?:now|a|an)\b|\bprompt injection\b"
    r"|\bas an? (?:ai|language model)\b"
    r"|\bjail ?break\b|\bdeveloper mode\b|\bdan mode\b|<\s*/?\s*(?:system|assistant|script"
    r"|instructions?|img|iframe)\b|\[/?inst\]|<\|[a-z_]+\|>|\b(?:role|answers|proposals)['\"]?\s*:\s*[\[{'\"]"
    r"|\{\s*['\"]|\bdrop table\b|\bunion select\b|###\s*(?:system|instruction)"
    r"|\b(?:admin|root|sudo|superuser)\s+(?:mode|override|access|command)\b|\bassistant\s*:",
    re.IGNORECASE,
)
ALONE: Final = (
    (RESTART, Command.RESTART), (BACK, Command.BACK), (SKIP, Command.SKIP), (WHY, Command.WHY),
    (YES, Command.YES), (NO, Command.NO), (SAME, Command.SAME),
)  # fmt: skip


def command_of(text: str) -> Command | None:
    """The command a text is; a suggestion may stand among other words, the others stand alone."""
    low = text.lower().replace("’", "'")
    words = re.findall(r"[^\W_]+(?:'[^\W_]+)*", low)
    if 0 < len(words) <= WORDS_MAX:
        alone = " ".join(words)
        for pattern, command in ALONE:
            if pattern.fullmatch(alone):
                return command
    return Command.SUGGEST if SUGGEST.search(low) else None


def is_hostile(text: str) -> bool:
    """Whether a text gives orders to a program, or is code instead of words."""
    return bool(HOSTILE.search(text))
