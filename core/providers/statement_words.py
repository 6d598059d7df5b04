"""How brokers head the columns of tradebooks and notes, and what they call each charge.

Zerodha's tradebook is as its Console writes it. Upstox's and Fyers' columns are known from their
screens and interfaces; a column is found by its name wherever it stands, so another order or more
columns do no harm.
"""

from __future__ import annotations

import re

FIELDS: dict[str, tuple[str, ...]] = {
    "symbol": (
        "symbol", "trading symbol", "tradingsymbol", "scrip", "scrip name", "scrip symbol",
        "security", "security contract description", "instrument", "stock symbol", "company",
    ),
    "isin": ("isin", "isin code", "isin no"),
    "day": ("trade date", "date", "order date", "trade day"),
    "at": (
        "order execution time", "trade time", "trade date time", "date time", "exchange time",
        "exchange timestamp", "order date time", "orderdatetime", "time",
    ),
    "exchange": ("exchange", "exch"),
    "segment": ("segment", "instrument type", "segment name"),
    "side": (
        "trade type", "side", "buy sell", "buy b sell s", "transaction type", "b s", "type",
        "buy or sell",
    ),
    "qty": ("quantity", "qty", "traded qty", "trade qty", "tradedqty", "filled qty"),
    "price": (
        "price", "trade price", "tradeprice", "gross rate trade price per unit rs",
        "gross rate trade price per unit", "gross rate", "rate", "avg price", "traded price",
    ),
    "trade": (
        "trade id", "trade no", "trade num", "trade number", "tradenumber", "exchange trade no",
    ),
    "order": (
        "order id", "order no", "order num", "order number", "ordernumber", "exchange order no",
        "exchange order id",
    ),
}  # fmt: skip
NEEDED = ("side", "qty", "price")
LAYOUTS = (
    ("Zerodha tradebook", {"trade id", "order execution time", "trade type", "auction"}),
    ("Zerodha tradebook", {"trade id", "order execution time", "trade type"}),
    ("Upstox trades", {"trade num", "trade time", "company"}),
    ("Upstox trades", {"trade num", "trade time", "scrip code"}),
    ("Fyers trades", {"ordernumber", "tradenumber"}),
    ("Fyers trades", {"order number", "trade number", "symbol"}),
)
CHARGES: dict[str, tuple[str, ...]] = {
    "brokerage": (
        "brokerage", "total brokerage", "taxable value of supply brokerage",
        "taxable value of supply",
    ),
    "exchange": (
        "exchange transaction charges", "exchange transaction charge", "transaction charges",
        "exchange turnover charges", "turnover charges", "ipft", "nse ipft", "ipft charges",
        "investor protection fund", "clearing charges",
    ),
    "sebi": ("sebi turnover fees", "sebi turnover fee", "sebi fees", "sebi charges", "sebi fee"),
    "stt": ("securities transaction tax", "stt", "security transaction tax"),
    "stamp": ("stamp duty", "stamp charges"),
    "gst": ("gst", "cgst", "sgst", "igst", "utgst", "total gst"),
}  # fmt: skip
# Sums of an item: where one stands in a file, the other lines of that item are parts of it.
SUMS = {"brokerage": ("brokerage", "total brokerage"), "gst": ("gst", "total gst")}
OBLIGATION = ("pay in pay out obligation", "payin payout obligation", "net obligation")
NET = (
    "net amount receivable payable by client",
    "net amount receivable by client payable by client",
    "net amount",
)
NOTE_DAY = ("trade date", "contract date", "trade day", "date")
SHARES = {"", "eq", "equity", "nse eq", "bse eq", "nse", "bse", "cash", "cm", "capital market"}
BUYS, SELLS = {"b", "buy", "bought", "1"}, {"s", "sell", "sold", "-1", "2"}
PARENTHESES = re.compile(r"\(\s*(?:[₹%\d@.]+|rs\.?|in rs\.?)[^)]*\)")


def tidy(cell: object) -> str:
    """A heading in small letters and blanks: `Trade No.` and `trade_no` read alike."""
    text = PARENTHESES.sub(" ", str(cell or "").lower().replace("_", " "))
    return " ".join(re.sub(r"[^a-z0-9&-]+", " ", text).split())


def layout_of(heads: set[str]) -> str:
    """Whose layout these headings are; the plain sentence where they are nobody's."""
    found = (name for name, marks in LAYOUTS if marks <= heads)
    return next(found, "by its headings")


def field_of(head: str) -> str:
    """Which field a heading names, empty for none."""
    return next((field for field, names in FIELDS.items() if head in names), "")


def charge_of(label: str) -> str:
    """Which item a label names, empty for none; `CGST 9%` and `CGST @ 9 %` are CGST."""
    return next((item for item, names in CHARGES.items() if _plain(label) in names), "")


def is_sum(label: str) -> bool:
    """Whether a label names the whole of its item, of which other lines would be parts."""
    return any(_plain(label) in names for names in SUMS.values())


def _plain(label: str) -> str:
    return " ".join(word for word in label.split() if not word[:1].isdigit())
