"""Domain values that are in order, for every suite; a test changes one thing at a time.

Each function takes the fields to change by keyword. The numbers belong together: 100 MIDCO at
₹500 on Monday 23 Nov 2026, 10:30 IST, in the account "tactical".
"""

from tests.made.account import ACCOUNT, LOGIN, a_book, a_held, a_mandate, free
from tests.made.card import (
    BRACKET,
    EVEN,
    EVIDENCE,
    ONE_LEG,
    SHORT,
    a_card,
    a_meta_label,
    a_probability,
    a_signal,
    a_verdict,
    an_allocation,
    an_approval,
)
from tests.made.market import (
    LISTED,
    MIDCO,
    RELIANCE,
    SLOWCO,
    T0,
    TCS,
    a_prediction,
    a_tag,
    an_event,
    an_instrument,
    later,
    quote,
    rs,
)
from tests.made.size import a_candidate, a_playbook, a_quote
from tests.made.trade import a_broker_order, a_fill, a_gtt, a_plan, a_protection, an_order

__all__ = [
    "ACCOUNT",
    "BRACKET",
    "EVEN",
    "EVIDENCE",
    "LISTED",
    "LOGIN",
    "MIDCO",
    "ONE_LEG",
    "RELIANCE",
    "SHORT",
    "SLOWCO",
    "T0",
    "TCS",
    "a_book",
    "a_broker_order",
    "a_candidate",
    "a_card",
    "a_fill",
    "a_gtt",
    "a_held",
    "a_mandate",
    "a_meta_label",
    "a_plan",
    "a_playbook",
    "a_prediction",
    "a_probability",
    "a_protection",
    "a_quote",
    "a_signal",
    "a_tag",
    "a_verdict",
    "an_allocation",
    "an_approval",
    "an_event",
    "an_instrument",
    "an_order",
    "free",
    "later",
    "quote",
    "rs",
]
