"""The figures that head a version's card."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.desk.models import Sheet
from core.desk.models_compare import WHOLE, known
from core.desk.vote_said import span_of
from core.domain.account import Market
from core.domain.signal import MIN_CASES
from core.domain.words import decimal, number, pct
from core.views.shown import Figure


def figures_of(told: Sheet) -> tuple[Figure, ...]:
    """The strip of figures of the whole pool."""
    version, whole = told.version, told.measures.get(WHOLE, {})
    cases = Figure(
        "Cases n", number(version.n_out_of_sample, 0), f"no overlap, {version.folds} folds"
    )
    if version.n_out_of_sample < MIN_CASES:
        return (Figure("Skill, out of sample", "too few", f"below {MIN_CASES} cases"), cases)
    made = version.market is Market.SIM
    found = [
        Figure("Skill, out of sample", pct(version.skill, signed=True), span_of(told)),
        Figure(
            "Brier score",
            decimal(version.brier, digits=4),
            f"benchmark {decimal(version.brier_base, digits=4)}; lower is better",
        ),
    ]
    if whole:
        found += [
            Figure(
                "Rank IC",
                ic_of(whole),
                "± standard error; "
                + ("simulated: signal by construction" if made else "honest ones lie in 0 to 0.05"),
            ),
            Figure(
                "Next-day accuracy",
                pct(known(whole["accuracy"]["value"]), digits=1),
                "over or under the middle" + ("" if made else "; honest ones 50 to 53 %"),
            ),
            Figure(
                "Best fifth",
                pct(known(whole["top_rate"]), digits=1),
                f"target first; all cases {pct(known(whole['base_rate']), digits=1)}",
            ),
            Figure(
                "Calibration error",
                pct(known(whole["ece"]), digits=1),
                f"chance gives up to {pct(known(whole.get('chance')), digits=1)}",
            ),
            Figure(
                "Sharpness",
                pct(known(whole["sharpness"]), digits=1),
                "mean distance from the base rate",
            ),
        ]
    return (*found, cases)


def ic_of(one: Mapping[str, Any]) -> str:
    """A rank IC with its standard error."""
    value, se = (known(one.get("ic", {}).get(name)) for name in ("value", "se"))
    if value != value:
        return "–"
    around = "" if se != se else f" ± {decimal(se, digits=3)}"
    return f"{decimal(value, digits=3, signed=True)}{around}"
