"""The tax sheet of a year in the terminal, and losses brought from years before the books."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path

import typer

from core.cli.csv_file import write_csv
from core.cli.options import BY, Json, price
from core.cli.show import Row, answer
from core.cli.show import table as show_table
from core.desk.desk import open_desk
from core.desk.tax import (
    TaxSheet,
    advance_words,
    bring_loss,
    difference_words,
    drop_loss,
    law,
    tax_sheet,
    unsure_words,
)
from core.domain.money import total
from core.domain.tax import Head, Loss, parse_year, year_words
from core.domain.words import rupees
from core.errors import BadInput
from core.treasury.lots import Sold
from core.treasury.tax import carry_words
from core.views.tax_files import schedule_rows

group = typer.Typer(
    help="The tax sheet of a year.", no_args_is_help=False, invoke_without_command=True
)
PARTS = ("sold", "open", "steps", "dividends", "advance", "112A")
NOT_ADVICE = "This is arithmetic on your books, not tax advice."


def add_to(app: typer.Typer) -> None:
    """Add this file's verbs."""
    app.add_typer(group, name="tax")


@group.callback()
def tax(
    context: typer.Context,
    year: str = typer.Option("", help="Financial year, as 2026-27."),
    login: list[str] = typer.Option([], help="A login's id; more than one of the same person."),
    surcharge: str = typer.Option("0", help="Percent of the tax, by your whole income."),
    slab: str = typer.Option("", help="Percent at which your speculative gains are taxed."),
    part: str = typer.Option("sold", help=f"What --csv writes: {', '.join(PARTS)}."),
    csv: str = typer.Option("", help="Write a part of the sheet to this new CSV file."),
    json: Json = False,
) -> None:
    """Gains by head, set-off, tax, open lots and dividends of a financial year."""
    if context.invoked_subcommand is not None:
        return
    if not year:
        raise BadInput("munim tax needs --year, as 2026-27")
    if part not in PARTS:
        raise BadInput(f"--part {part!r} is none of {', '.join(PARTS)}")
    sheet = tax_sheet(
        open_desk(),
        parse_year(year),
        logins=login,
        surcharge=_percent(surcharge, name="--surcharge"),
        slab=_percent(slab, name="--slab") if slab else None,
    )
    if csv:
        write_csv(_part(sheet, part), Path(csv))
    if json:
        answer(sheet_document(sheet), as_json=True)
        return
    _say(sheet)


@group.command("brought")
def brought(
    login: str = typer.Option(..., help="The login's id."),
    head: str = typer.Option(..., help="short term, long term or speculative."),
    year: str = typer.Option(..., help="The year of the loss, as 2024-25."),
    amount: str = typer.Option(..., help="Rupees unused when the books began; 0 takes it back."),
    json: Json = False,
) -> None:
    """Say what loss of an earlier year is still to be set off."""
    try:
        under = Head(head.lower())
    except ValueError:
        raise BadInput(f"--head {head!r}: use short term, long term or speculative") from None
    of = parse_year(year)
    if amount.strip() in ("0", "0.00"):
        kept = drop_loss(open_desk(), login, under, of, by=BY)
    else:
        loss = Loss(under, of, price(amount, name="--amount"))
        kept = bring_loss(open_desk(), login, loss, by=BY)
    words = "; ".join(carry_words(law(), one) for one in kept)
    answer(kept, as_json=json, words=words or "No loss is brought.")


def sold_rows(sold: Sequence[Sold]) -> list[dict[str, object]]:
    """Sold lots as rows, every rupee that the gain is made of."""
    return [
        {
            "symbol": one.symbol,
            "isin": one.isin,
            "shares": one.qty,
            "acquired": one.acquired_on,
            "how": one.how,
            "sold": one.sold_on,
            "term": one.term,
            "proceeds_paise": one.proceeds,
            "cost_paise": one.cost,
            "counted_cost_paise": one.counted_cost,
            "charges_paise": one.expenses,
            "stt_paise": one.stt,
            "gain_paise": one.taxable,
        }
        for one in sold
    ]


def sheet_document(sheet: TaxSheet) -> dict[str, object]:
    """The whole sheet for a program."""
    tax = sheet.tax
    return {
        "year": year_words(sheet.year),
        "law": tax.law,
        "logins": sheet.logins,
        "gains": [{"head": head, "gain": amount} for head, amount in tax.gains],
        "brought": tax.brought,
        "steps": tax.steps,
        "lines": tax.lines,
        "tax": tax.tax,
        "surcharge": tax.surcharge,
        "cess": tax.cess,
        "total": tax.total,
        "advance": _part(sheet, "advance"),
        "carried": tax.carried,
        "lapsed": tax.lapsed,
        "sold": sold_rows(sheet.sold),
        "open": _part(sheet, "open"),
        "buckets": [
            {"account": one.account, "head": head, "gain": gain}
            for one in sheet.buckets
            for head, gain in one.gains
        ],
        "difference": [{"head": head, "gain": amount} for head, amount in sheet.difference],
        "dividends": sheet.dividends,
        "left_out": sheet.left_out,
        "unmatched": sheet.unmatched,
        "waits": sheet.waits,
        "unsure": unsure_words(sheet),
    }


def _part(sheet: TaxSheet, part: str) -> Sequence[Row]:
    if part == "sold":
        return sold_rows(sheet.sold)
    if part == "112A":
        return schedule_rows(sheet.sold)
    if part == "advance":
        return [
            {
                "by": one.by,
                "part": str(one.part),
                "tax_on_gains_until_then": one.tax,
                "in_all_by_then": one.in_all,
                "with_this_one": one.now,
            }
            for one in sheet.instalments
        ]
    if part == "steps":
        return [
            {
                "of": one.of,
                "step": one.words,
                "before": one.before,
                "change": one.change,
                "after": one.after,
            }
            for one in sheet.tax.steps
        ]
    if part == "dividends":
        return [
            {
                "account": one.account,
                "ex_date": one.on,
                "what": one.words,
                "gross": one.gross,
                "tax_deducted": one.deducted,
            }
            for one in sheet.dividends
        ]
    return [
        {
            "login": one.login,
            "symbol": one.lot.symbol,
            "isin": one.lot.isin,
            "shares": one.lot.qty,
            "acquired": one.lot.acquired_on,
            "how": one.lot.how,
            "cost_paise": one.lot.cost,
            "mark_paise": one.mark,
            "unrealised_paise": one.gain,
            "term": one.term,
            "days_until_long": one.days,
        }
        for one in sheet.open_lots
    ]


def _say(sheet: TaxSheet) -> None:
    tax = sheet.tax
    typer.echo(f"{year_words(sheet.year)}, {', '.join(sheet.logins) or 'no login'}: {tax.law}")
    for words in (*sheet.left_out, *(f"{one} waits for you" for one in sheet.waits)):
        typer.echo(f"NO  {words}")
    for words in unsure_words(sheet):
        typer.echo(f"??  {words}")
    show_table(sold_rows(sheet.sold), as_json=False, empty="Nothing was sold in this year.")
    show_table(_part(sheet, "steps"), as_json=False, empty="There is nothing to set off.")
    for line in tax.lines:
        typer.echo(f"{line.head}: {line.words}")
    typer.echo(
        f"tax {rupees(tax.tax)} + surcharge {rupees(tax.surcharge)} + cess {rupees(tax.cess)} = "
        f"{rupees(tax.total)}"
    )
    show_table(_part(sheet, "advance"), as_json=False, empty="")
    typer.echo(advance_words(sheet))
    for loss in tax.carried:
        typer.echo(f"carried on: {carry_words(law(), loss)}")
    if sheet.dividends:
        gross = total(one.gross for one in sheet.dividends)
        kept = total(one.deducted for one in sheet.dividends)
        typer.echo(f"dividends {rupees(gross)} before tax, {rupees(kept)} deducted at source")
    typer.echo(difference_words(sheet))
    typer.echo(NOT_ADVICE)


def _percent(text: str, *, name: str) -> Decimal:
    try:
        value = Decimal(text.replace("%", "").strip())
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or not 0 <= value < 100:
        raise BadInput(f"{name} {text!r} is no percent; write it as 10")
    return value / 100
