"""Words that lean, in our own choice, with the weight each carries.

Three kinds. A lean word says good or bad by itself. A move word says up or down, and what moves
decides: a loss that falls is good. A phrase is read before its words, and may mean nothing at
all ("stop loss"). Verbs are listed once; their forms are made from them.
"""

from __future__ import annotations

VOWELS = "aeiou"


def forms(verb: str) -> set[str]:
    """A regular verb's forms: jump, jumps, jumped, jumping."""
    if verb.endswith("e"):
        return {verb, verb + "s", verb + "d", verb[:-1] + "ing"}
    if verb.endswith("y") and verb[-2] not in VOWELS:
        return {verb, verb[:-1] + "ies", verb[:-1] + "ied", verb + "ing"}
    stem = verb
    if len(verb) <= 4 and verb[-1] not in "wxy" + VOWELS and verb[-2] in VOWELS:
        stem = verb + verb[-1] if verb[-3:-2] not in VOWELS or len(verb) < 4 else verb
    plural = verb + ("es" if verb.endswith(("s", "sh", "ch", "x", "z")) else "s")
    return {verb, plural, stem + "ed", stem + "ing", verb + "ed", verb + "ing"}


def verbs(words: str, weight: float) -> dict[str, float]:
    """Every form of each verb, at one weight."""
    return {form: weight for word in words.split() for form in forms(word)}


def word_set(words: str) -> frozenset[str]:
    """The words of a text, each once."""
    return frozenset(words.split())


def plainly(words: str, weight: float) -> dict[str, float]:
    """Words as they stand, at one weight."""
    return dict.fromkeys(words.split(), weight)


MOVES: dict[str, float] = {
    **verbs(
        "jump surge soar rally climb gain zoom spurt advance rebound rocket skyrocket vault leap "
        "double triple treble accelerate increase improve expand widen swell edge bounce firm",
        1.0,
    ),
    **plainly(
        "rise rises rose rising risen grow grows grew growing grown up higher uptick upward upside "
        "upmove leapt jumps high highs growth uptrend recover recovers recovered recovery",
        1.0,
    ),
    **verbs(
        "drop slump plunge tumble slide slip decline decrease dip crash tank plummet sink skid "
        "shrink narrow halve ease soften slow slowdown shed erode nosedive retreat dive "
        "crack crumble wane trim cut reduce lower lose",
        -1.0,
    ),
    **plainly(
        "fall falls fell falling fallen sank slid shrank down lower lows low downward downside "
        "contracting contracted contraction downtrend lost dives slowdown downturn fewer less",
        -1.0,
    ),
}

# Things that are bad when there is more of them.
BAD_TO_HAVE = word_set(
    """
    loss losses debt debts npa npas cost costs expense expenses provision provisions slippage
    slippages deficit inflation attrition pledge pledges borrowing borrowings liabilities churn
    dues arrears leverage stress
    """
)

LEANS: dict[str, float] = {
    **verbs(
        "beat outperform upgrade win bag secure reward recommend boost approve exceed outpace "
        "strengthen brighten cheer benefit help support lift buoy thrive top surpass outshine "
        "accumulate commission",
        1.0,
    ),
    **plainly(
        "won wins winning record strong stronger strongest robust solid healthy stellar bullish "
        "positive upbeat optimistic optimism overweight attractive buying profitable outperformer "
        "good great better best favourable favorable favourite promising resilient breakout "
        "turnaround bumper blockbuster cheers accretive milestone rosy revival "
        "revive revives upsurge reward darling darlings oversold cheap undervalued "
        "bargain momentum multibagger approval approvals award awarded awards bags debt-free "
        "unlock opportunity opportunities conviction safe sweeter oversubscribed buoyant leader "
        "leads bounty comfortable pick picks clean profit-making prefer like likes lucrative",
        1.0,
    ),
    **verbs(
        "stutter miss downgrade "
        "reject default resign suspend penalise penalize fine allege violate "
        "terminate cancel withdraw disappoint underperform weaken warn fear worry concern hurt "
        "hit plague struggle suffer halt probe raid sue accuse delay scrap defer drag weigh dent "
        "oppose ban breach fail postpone bleed frown avoid exit",
        -1.0,
    ),
    **plainly(
        "unattractive overhang selloffs botched "
        "weak weaker weakest weakness poor bad worse worst bearish negative pessimistic "
        "underweight lawsuit fraud scam penalty penalties notice violation violations loss losses "
        "shutdown strike lockout insolvency bankruptcy bankrupt liquidation resignation "
        "resigns abrupt abruptly downgrade downgrades selloff sell selling sold pain gloomy "
        "trouble troubled crisis risk risks risky slowdown headwind headwinds concerns worries "
        "fears jitters expensive overvalued costly volatile uncertainty uncertain muted subdued "
        "dismal tepid sluggish dull lacklustre lackluster disappointing underperformer lags lag "
        "lagging laggard laggards denied denies stalled stake-sale impairment write-off writeoff "
        "cautious caution tough bleak wary unlikely challenging overbought stay-away pressure "
        "hurdle hurdles glut bubble negatives wound breakdown burden vulnerable adverse hammered",
        -1.0,
    ),
}

PHRASES: dict[str, float] = {
    "stop loss": 0.0,
    "hit dalal street": 0.0,
    "hit markets": 0.0,
    "hits capital": 0.0,
    "fully subscribed": 1.0,
    "debt reduction": 1.0,
    "on all declines": 1.0,
    "on declines": 1.0,
    "hits high": 1.5,
    "mop up": 0.0,
    "gear up": 0.0,
    "steps up": 0.0,
    "loses premium": -1.0,
    "stop-loss": 0.0,
    "stoploss": 0.0,
    "record date": 0.0,
    "no loss": 0.0,
    "profit and loss": 0.0,
    "weaker rupee": 0.0,
    "loss of share certificate": 0.0,
    "loss of share certificates": 0.0,
    "expression of interest": 0.0,
    "right issue": 0.0,
    "high court": 0.0,
    "top gainer": 1.0,
    "top gainers": 1.0,
    "top loser": -1.5,
    "top losers": -1.5,
    "follow up": 0.0,
    "set up": 0.0,
    "sets up": 0.0,
    "setting up": 0.0,
    "start up": 0.0,
    "write up": 0.0,
    "pick up": 1.0,
    "picks up": 1.0,
    "high time": 0.0,
    "best practices": 0.0,
    "interest cost": 0.0,
    "record low": -2.0,
    "52-week low": -1.5,
    "52 week low": -1.5,
    "year low": -1.5,
    "month low": -1.5,
    "week low": -1.5,
    "all-time low": -2.0,
    "52-week high": 1.5,
    "52 week high": 1.5,
    "all-time high": 2.0,
    "record high": 2.0,
    "lifetime high": 2.0,
    "new high": 1.5,
    "profit booking": -1.0,
    "profit taking": -1.0,
    "book profit": -1.0,
    "book profits": -1.0,
    "book out": -1.0,
    "sell on rise": -1.5,
    "sell on rally": -1.5,
    "buy on dips": 1.5,
    "buy on dip": 1.5,
    "good buy": 1.5,
    "value buy": 1.5,
    "can buy": 1.5,
    "to buy rating": 1.0,
    "rating to buy": 1.0,
    "a buy": 1.0,
    "target price": 0.0,
    "with a target": 0.5,
    "with target": 0.5,
    "target of": 0.5,
    "good bet": 1.0,
    "best bet": 1.5,
    "stay away": -2.0,
    "stay out": -2.0,
    "stay invested": 1.0,
    "steer clear": -2.0,
    "show cause": -1.5,
    "warning letter": -1.5,
    "under pressure": -1.5,
    "selling pressure": -1.5,
    "in the red": -1.5,
    "in the green": 1.5,
    "in red": -1.5,
    "in green": 1.5,
    "on a roll": 1.5,
    "higher than what": 0.0,
    "in line": 0.0,
    "writes off": -1.5,
    "write off": -1.5,
    "steps down": -0.7,
    "step down": -0.7,
    "stepped down": -0.7,
    "fails to": -1.5,
    "fails to win": -2.0,
    "calls off": -1.5,
    "called off": -1.5,
    "call off": -1.5,
    "invoke pledge": -2.0,
    "invokes pledge": -2.0,
    "pledge another": -1.5,
    "promoters pledge": -1.5,
    "promoter pledge": -1.5,
    "release pledge": 1.5,
    "releases pledge": 1.5,
    "revoke pledge": 1.5,
    "pledge released": 1.5,
    "zero observations": 1.5,
    "no observations": 1.5,
    "form 483": -1.0,
    "import alert": -1.5,
    "letter of award": 1.5,
    "letter of intent": 1.0,
    "letter of acceptance": 1.5,
    "order worth": 1.0,
    "order win": 1.5,
    "bags order": 2.0,
    "wins order": 2.0,
    "in favour of": 1.5,
    "rules in favour": 1.5,
    "quashes demand": 1.5,
    "tax demand": -1.5,
    "demand notice": -1.5,
    "demand order": -1.5,
    "strong demand": 1.5,
    "weak demand": -1.5,
    "orders it to pay": -1.5,
    "outlook negative": -1.5,
    "negative from": -1.5,
    "outlook positive": 1.5,
    "positive from": 1.5,
    "negative to stable": 1.5,
    "negative to positive": 2.0,
    "positive to stable": -1.0,
    "stable to negative": -1.5,
    "capacity rises": 1.0,
    "add to earnings": 1.5,
    "boosts growth": 1.5,
    "back in black": 2.0,
    "swings to profit": 2.0,
    "turns profitable": 2.0,
    "swings to loss": -2.0,
    "slips into loss": -2.0,
    "reports loss": -1.5,
    "posts loss": -1.5,
    "net loss": -1.5,
    "net loss narrows": 1.5,
    "net losses narrows": 1.5,
    "net losses narrow": 1.5,
    "net loss widens": -2.0,
    "loss narrows": 1.5,
    "losses narrow": 1.5,
    "losses narrows": 1.5,
    "narrows loss": 1.5,
    "loss widens": -2.0,
    "losses widen": -2.0,
    "early losses": 0.0,
    "trims losses": 1.0,
    "trim losses": 1.0,
    "pares losses": 1.0,
    "pare losses": 1.0,
    "pares gains": -1.0,
    "trims gains": -1.0,
    "erases gains": -1.0,
    "rights issue": 0.0,
    "price target": 0.0,
    "cuts target": -1.5,
    "raises target": 1.5,
    "stake sale": -0.5,
    "offer for sale": -0.7,
    "block deal": 0.0,
    "oversold": 0.5,
    "bottomed out": 1.0,
    "not disclosed": 0.0,
}

NEGATIONS = word_set(
    "not no never without neither nor cannot cant wont dont doesnt didnt isnt arent lacks "
    "lack denies refutes rejects non hardly avoids don't doesn't can't won't isn't"
)
