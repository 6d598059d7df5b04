"""Model versions in the terminal: what each measured, which is in use, and how far it drifted."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

import typer

from core.cli.options import BY, Json
from core.cli.show import answer, table
from core.desk.desk import Desk, open_desk
from core.desk.models import sheet, verify
from core.desk.models_compare import WHOLE, compare
from core.desk.models_use import Shelved, promote, rollback, shelved
from core.desk.retrain import accept, dismiss, open_proposal, reasons_of
from core.desk.vote_lost import lost
from core.domain.research import ModelVersion
from core.domain.words import ist_stamp, number, pct
from core.errors import BadInput, NotFound
from core.store import models

group = typer.Typer(help="Model versions.", no_args_is_help=True)
WHY: str = typer.Option("", help="What you say of it, for the record.")


def add_to(app: typer.Typer) -> None:
    """Add this file's verbs."""
    app.add_typer(group, name="models")


@group.command("list")
def list_models(json: Json = False) -> None:
    """Every trained version with what it measured out of sample."""
    from core.desk.vote_said import span_of

    found = shelved(open_desk())
    if json:
        table([_row(one) for one in found], as_json=True, empty="")
        return
    rows = [
        {
            "version": one.version.version,
            "stands": "refused" if one.refused else one.stands,
            "trained, IST": ist_stamp(one.version.trained_at),
            "vote": one.told.vote,
            "skill": pct(one.version.skill, signed=True),
            "interval": span_of(one.told),
            "n": number(one.version.n_out_of_sample, 0),
            "members": " ".join(member.kind for member in one.version.members),
            "refused": one.refused,
        }
        for one in found
    ]
    table(rows, as_json=False, empty="No model is trained yet.")


def _row(one: Shelved) -> dict[str, object]:
    return {
        "version": one.version.version,
        "stands": one.stands,
        "market": one.version.market,
        "trained_at": one.version.trained_at,
        "n": one.version.n_out_of_sample,
        "brier": one.version.brier,
        "brier_base": one.version.brier_base,
        "skill": one.version.skill,
        "skill_low": one.version.skill_low,
        "skill_high": one.version.skill_high,
        "has_vote": one.version.has_vote,
        "vote_lost": one.told.lost,
        "members": " ".join(member.kind for member in one.version.members),
        "meta": one.version.meta,
        "seconds": one.version.seconds,
        "refused": one.refused,
    }


@group.command("show")
def show(version: str, json: Json = False) -> None:
    """One version, whole, with what its training measured."""
    desk = open_desk()
    told = sheet(desk, _version(desk, version))
    document = {
        **asdict(told.version),
        "refused": told.refused,
        "data": told.manifest.get("data", ""),
        "sessions": told.manifest.get("sessions", []),
        "measures": told.measures,
    }
    answer(document, as_json=json)


@group.command("verify")
def verify_version(version: str, json: Json = False) -> None:
    """Hold a version's signature, market and files against what was stored."""
    desk = open_desk()
    found = _version(desk, version)
    strange = verify(desk, found)
    words = f"{version}: signed by this desk, files match"
    if strange:
        words += f"; none of it and never opened: {', '.join(strange)}"
    answer(
        {
            "version": version,
            "ok": True,
            "sha256": found.sha256,
            "signed_by": found.signed_by,
            "strangers": strange,
        },
        as_json=json,
        words=words,
    )


@group.command("card")
def card(
    version: str = typer.Argument("", help="The one in use unless given."),
    of: str = typer.Option("", help="A member whose record to tell; the pool's unless given."),
    out: Path | None = typer.Option(None, help="Write the card there, as Markdown."),
) -> None:
    """A version's whole card as Markdown: verdict, figures, years, regimes and baselines."""
    from core.views.models_card import card_of
    from core.views.models_text import card_markdown

    desk = open_desk()
    found = _version(desk, version)
    one = next(one for one in shelved(desk) if one.version.version == found.version)
    if of and of not in one.told.measures:
        raise NotFound(f"{found.version} has no record of {of}; it has those of "
                       f"{', '.join(one.told.measures) or 'none'}")  # fmt: skip
    with desk.store.read() as tx:
        told = replace(one.told, lost=lost(tx, found.version))
    text = card_markdown(card_of(told, stands=one.stands, record=of or WHOLE))
    if out is None:
        typer.echo(text, nl=False)
        return
    if out.exists():
        raise BadInput(f"{out} is there already; name a file that is not")
    out.write_text(text, encoding="utf-8")
    typer.echo(f"{found.version}: card written to {out}")


@group.command("compare")
def compare_versions(
    version: str,
    other: str = typer.Argument("", help="The one in use unless given."),
    json: Json = False,
) -> None:
    """A version beside the one in use, with what speaks against it."""
    from core.views.models_beside import beside_rows

    desk = open_desk()
    found = compare(desk, _version(desk, version), _version(desk, other))
    if json:
        answer(found, as_json=True)
        return
    rows = beside_rows(found.candidate, found.in_use)
    table([{"": one.what, version: one.new, found.in_use.version: one.old} for one in rows],
          as_json=False, empty="")  # fmt: skip
    for sentence in found.warnings:
        typer.echo(f"Warning: {sentence}.")


@group.command("promote")
def promote_version(
    version: str,
    despite_warnings: bool = typer.Option(False, help="Go on although the comparison warns."),
    why: str = WHY,
    json: Json = False,
) -> None:
    """Put a candidate to use, with the meta-label of its training."""
    done = promote(open_desk(), version, by=BY, despite=despite_warnings, why=why)
    answer(done, as_json=json, words=f"{done.version} is in use")


@group.command("rollback")
def roll_back(why: str = WHY, json: Json = False) -> None:
    """Put back the version that was in use before the present one was promoted."""
    done = rollback(open_desk(), by=BY, why=why)
    answer(done, as_json=json, words=f"{done.version} is in use again")


@group.command("drift")
def drift(
    top: int = typer.Option(15, help="Features to list, the furthest moved first."),
    json: Json = False,
) -> None:
    """How far features and probabilities moved since the model in use was trained."""
    from core.desk.models_drift import measure_drift
    from core.views.models_drift import features_words, said_words

    if top < 1:
        raise BadInput(f"--top {top} lists nothing; give 1 or more")
    found = measure_drift(open_desk())
    if json:
        levels = [{**asdict(one), "level": one.level, "drifted": one.drifted}
                  for one in found.features]  # fmt: skip
        answer({**asdict(found), "features": levels, "reasons": reasons_of(found)}, as_json=True)
        return
    rows = [
        {
            "feature": one.name,
            "psi": one.psi,
            "usual": one.usual,
            "level": one.level,
            "drifted": one.drifted,
        }
        for one in found.features[:top]
    ]
    if rows:
        table(rows, as_json=False, empty="")
    typer.echo(f"As of {found.as_of}. {features_words(found)}")
    typer.echo(said_words(found))
    for reason in reasons_of(found):
        typer.echo(f"A new training is due: {reason}.")


@group.command("proposal")
def proposal(
    take: bool = typer.Option(False, "--accept", help="Ask for the training."),
    leave: bool = typer.Option(False, "--dismiss", help="Leave the model as it is."),
    json: Json = False,
) -> None:
    """The new training that the worker proposes, and a person's answer to it."""
    if take and leave:
        raise BadInput("--accept and --dismiss are two answers; give one")
    desk = open_desk()
    if take:
        asked = accept(desk, by=BY)
        answer({"job": asked.id}, as_json=json, words=f"training asked for, job {asked.id}")
    elif leave:
        dismiss(desk, by=BY)
        answer({"dismissed": True}, as_json=json, words="dismissed; the model stays as it is")
    else:
        with desk.store.read() as tx:
            found = open_proposal(tx)
        words = "; ".join(found.reasons) if found else "No training is proposed."
        answer(found, as_json=json, words=words)


def _version(desk: Desk, name: str) -> ModelVersion:
    """A version by its name, the one in use for ""."""
    with desk.store.read() as tx:
        if name:
            return models.by_version(tx, name)
        now = models.current(tx, "primary")
    if now is None:
        raise NotFound("no model is in use yet; train one on Models or with munim train")
    return now
