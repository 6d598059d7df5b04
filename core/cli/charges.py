"""What a trade costs in the terminal: every item, both rounding rules, break-even and sources."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import typer

from core.cli.csv_file import write_csv
from core.cli.options import Json, day
from core.cli.options import price as rupees_above_zero
from core.cli.show import answer
from core.desk.books import schedule
from core.desk.desk import calendar_now, open_desk
from core.domain.account import Broker
from core.domain.charges import Security
from core.domain.clock import ist_day
from core.domain.money import Money
from core.domain.order import Product
from core.domain.words import rupees
from core.errors import BadInput
from core.treasury.quote import ChargeQuote, RateUsed, Terms, charge_quote


def add_to(app: typer.Typer) -> None:
    """Add this file's verb."""
    app.command("charges")(charges)


def charges(
    broker: str = typer.Option(..., help="zerodha, upstox, fyers or paper."),
    product: str = typer.Option(..., help="CNC or MIS."),
    qty: int = typer.Option(..., help="Shares."),
    buy: str = typer.Option("", help="Buy price in rupees."),
    sell: str = typer.Option("", help="Sell price in rupees."),
    exchange: str = typer.Option("NSE", help="NSE or BSE."),
    group: str = typer.Option("", help="BSE's group, A when left out: A, B, T, SME, X, XT, Z, P."),
    security: str = typer.Option("share", help="share, equity fund or other fund."),
    on: str = typer.Option("", "--date", help="YYYY-MM-DD, today at the market when left out."),
    csv: str = typer.Option("", help="Also write the items to this new CSV file."),
    json: Json = False,
) -> None:
    """What a trade costs, line by line, to the paisa and as on a note."""
    if qty < 1:
        raise BadInput(f"--qty {qty} trades nothing; use 1 or more")
    when = day(on, name="--date") if on else ist_day(open_desk().clock.now())
    calendar_now().is_session(when)  # raises OutsideCalendar
    if not (buy or sell):
        raise BadInput("give --buy, --sell or both, in rupees")
    terms = _terms(broker, product, security, exchange, group, when)
    found = charge_quote(
        schedule(),
        terms,
        qty=qty,
        buy=rupees_above_zero(buy, name="--buy") if buy else None,
        sell=rupees_above_zero(sell, name="--sell") if sell else None,
    )
    if csv:
        write_csv(item_rows(found), Path(csv))
    answer(_document(found, when), as_json=json, words=_words(found, when))


def item_rows(found: ChargeQuote) -> list[dict[str, object]]:
    """One row an item: each side, both rounding rules."""
    sides = {leg.side: dict(leg.paisa.items) for leg in found.legs}
    note = dict(found.note.items)
    rows: list[dict[str, object]] = [
        {
            "item": name,
            **{side.value.lower(): of[name] for side, of in sides.items()},
            "to_the_paisa": amount,
            "on_the_note": note[name],
        }
        for name, amount in found.paisa.items
        if name != "dp"
    ]
    none = {side.value.lower(): Money(0) for side in sides}
    rows.append({"item": "dp", **none, "to_the_paisa": found.dp, "on_the_note": Money(0)})
    return rows


def _terms(
    broker: str, product: str, security: str, exchange: str, group: str, when: date
) -> Terms:
    try:
        at, kind = Broker(broker.lower()), Product(product.upper())
        what = Security(security.lower())
    except ValueError as wrong:
        raise BadInput(
            f"{wrong}; use zerodha, upstox, fyers or paper, CNC or MIS, and share, equity fund or "
            "other fund"
        ) from None
    return Terms(at, kind, when, exchange.upper(), group.upper(), what)


def _document(found: ChargeQuote, when: date) -> dict[str, object]:
    return {
        "date": when,
        "legs": {
            leg.side.value: {"lines": leg.paisa, "total": leg.paisa.total} for leg in found.legs
        },
        "total": found.paisa.total,
        "note": {"lines": found.note, "total": found.note_total},
        "dp": found.dp,
        "total_with_dp": found.total,
        "break_even": found.break_even,
        "break_even_move": found.move,
        "net": found.net,
        "rates": [
            {
                "item": one.item,
                "side": one.side,
                "rate": str(one.fraction) if one.fraction is not None else None,
                "cap": one.cap,
                "since": one.valid_from,
                "source": one.source,
            }
            for one in found.rates
        ],
    }


def _words(found: ChargeQuote, when: date) -> str:
    sides = ", ".join(f"{leg.side} {rupees(leg.paisa.total)}" for leg in found.legs)
    heads = ["item", *(leg.side.value.lower() for leg in found.legs), "to the paisa", "on a note"]
    body = [
        [str(row["item"]), *(str(value).removeprefix("₹") for value in list(row.values())[1:])]
        for row in item_rows(found)
    ]
    whole = [leg.paisa.total for leg in found.legs]
    last = [*whole, found.total, found.note_total]
    body.append(["total", *(str(one).removeprefix("₹") for one in last)])
    widths = [max(len(line[n]) for line in [heads, *body]) for n in range(len(heads))]
    lines = [
        "  ".join(
            text.ljust(width) if n == 0 else text.rjust(width)
            for n, (text, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in [heads, *body]
    ]
    net = [f"A round trip leaves {rupees(found.net, signed=True)}."] if found.net else []
    return "\n".join(
        [
            f"{rupees(found.total)} on {when}: {sides}, DP {rupees(found.dp)}",
            *lines,
            f"Breaks even at {rupees(found.break_even)}, {rupees(found.move)} away.",
            *net,
            *(_rate_words(one) for one in found.rates),
        ]
    )


def _rate_words(one: RateUsed) -> str:
    rate = f"{one.fraction * 100:f} %".replace("E", "e") if one.fraction is not None else "flat"
    cap = f", at most {rupees(one.cap)}" if one.cap and one.fraction is not None else ""
    if one.fraction is None and one.cap is not None:
        rate = f"{rupees(one.cap)} flat"
    side = f" {one.side.lower()}" if one.side else ""
    return f"{one.item}{side}: {rate}{cap}, since {one.valid_from}: {one.source}"
