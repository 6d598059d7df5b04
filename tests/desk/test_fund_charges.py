"""A fund is charged as a fund wherever charges are asked for."""

from __future__ import annotations

import ast
from datetime import date
from pathlib import Path

from core.desk.books import kind_of, order_charges, reserve_per_share
from core.desk.score import WouldBe, pnl_of
from core.domain.account import Broker
from core.domain.charges import Security
from core.domain.money import ZERO, Money
from core.domain.order import Product, Side
from tests.made import an_order, rs

ON = date(2026, 11, 20)
NIFTYBEES = {"isin": "INF204KB14I2", "symbol": "NIFTYBEES"}
CORE = Path(__file__).resolve().parents[2] / "core"
# every function that answers by the kind of what is traded
ASKED = {
    "charges",
    "exact_charges",
    "fill_charges",
    "round_trip",
    "charges_on",
    "terms_of",
    "order_charges",
    "ticket_costs",
    "pnl_of",
}
HOMES = {"core.treasury.charges", "core.desk.books", "core.desk.ticket_costs", "core.desk.score"}
NOT_HERE = {"core/cli/sandbox_run.py"}  # its market lists shares alone


def unnamed(path: Path) -> list[str]:
    """Calls of a file that ask for charges and do not say of what kind the share is."""
    tree = ast.parse(path.read_text())
    asked = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module in HOMES
        for alias in node.names
        if alias.name in ASKED
    }
    if path.name in ("charges.py", "books.py", "score.py", "ticket_costs.py"):
        asked |= ASKED & {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    return [
        f"{path.relative_to(CORE.parent)}:{node.lineno} {node.func.id}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in asked
        and "security" not in {word.arg for word in node.keywords}
    ]


def test_nobody_asks_for_charges_without_saying_what_is_traded():
    files = [one for one in CORE.rglob("*.py") if str(one.relative_to(CORE.parent)) not in NOT_HERE]
    assert [call for path in files for call in unnamed(path)] == []


def test_cash_set_aside_for_a_fund_holds_no_share_s_tax():
    order = an_order(qty=100, limit_price=rs("500"), **NIFTYBEES)
    # stamp 7.50, exchange 1.54, SEBI 0.05, GST 0.29: 9.38 in all, rounded up to 10 paise a share
    assert reserve_per_share(order, on=ON) == rs("500.10")
    share = an_order(qty=100, limit_price=rs("500"))
    assert reserve_per_share(share, on=ON) == rs("500.60")


def test_a_card_nobody_took_is_scored_with_the_fund_s_charges():
    would = WouldBe("target", ON, ON, entry=rs("500"), exit=rs("510"))
    of = {
        kind: pnl_of(would, qty=100, product=Product.CNC, broker=Broker.ZERODHA, security=kind)
        for kind in (Security.SHARE, Security.EQUITY_FUND)
    }
    # 50 and 51 of tax for a share, 0.51 for the fund
    assert of[Security.EQUITY_FUND] - of[Security.SHARE] == rs("100.49")


def test_an_untaxed_fund_pays_no_tax_at_all():
    made = order_charges(
        Broker.ZERODHA,
        product=Product.CNC,
        side=Side.SELL,
        qty=100,
        price=Money.rupees(80),
        on=ON,
        security=kind_of("INF204KB17I5", "GOLDBEES"),
    )
    assert made.stt == ZERO
