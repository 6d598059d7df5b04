"""The report on the models as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.domain.words import number
from core.models.conformal import LEVEL, PARTED, Coverage
from core.models.measures import Measures
from core.models.ranks import BLOCK, Figure
from tests.bench.model_report_chance import SHUFFLES, TOSSES, Nothing

SAME = 1e-6  # mean distance from the base rate

if TYPE_CHECKING:
    from tests.bench.model_report import Trial

HEAD = (
    "| model | Brier skill over the base rate, % | over shares as likely to touch a barrier, % | "
    "rank IC, 10 sessions | rank IC, next session | next-day accuracy, % | target first in the "
    "top fifth, % | its mean return after costs, % | sharpness | ECE | slope | n |\n"
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
)
PART_HEAD = (
    "| {part} | base rate, % | target first in the top fifth, % | Brier skill, % | over as likely, "
    "% | rank IC | sharpness | ECE | n |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
)
COVER_HEAD = (
    "| {part} | promised, % | measured, % | 95 % binomial interval, % | holds | mean width, % | n "
    "|\n| --- | --- | --- | --- | --- | --- | --- |"
)
BASELINES_ARE = (
    "base, momentum and five are the baselines: the base rate, the 12-1 momentum alone, and a "
    "logistic regression on five features. Momentum's skill is that of its odds, which follow "
    "whichever way it paid before; its shares are ranked by the number as it is. Who tells every "
    "share of a session the same has a rank IC of 0 and an accuracy of one half there. The slope "
    "is of what came over the log-odds of what was said: 1 is right, less is told too far apart."
)


@dataclass(frozen=True, slots=True)
class Luck:
    """What luck alone would give.

    `chance` is that of the pool's rank IC; `best` the model furthest above its harder benchmark
    and `best_chance` how often luck takes the best of `tried` as far.
    """

    chance: float
    best: str
    best_chance: float
    tried: int


def written(
    found: Trial, made: Trial, nothing: Sequence[Nothing], *, chosen_by: str, about: str
) -> str:
    """The whole report."""
    lines = [
        "# What the models are worth, measured",
        "",
        "Written by `python -m tests.bench.model_report`; nothing in it was typed by hand.",
        "",
        *_how(found, chosen_by),
        "",
        about,
        "",
        "## Verdict",
        "",
        *_verdict(found),
        *_signal(made, nothing),
        "",
        "## Every model, real prices",
        "",
        HEAD,
        *(model_row(kind, one.whole) for kind, one in found.models.items()),
        "",
        BASELINES_ARE,
        "",
        "## Ranges of returns, real prices",
        "",
        COVER_HEAD.format(part="sessions"),
        *(coverage_row(str(one.sessions), one) for one in found.ranges.coverage),
        "",
        COVER_HEAD.format(part=f"over {PARTED} sessions"),
        *(coverage_row(name, one) for name, one in found.ranges.parts.items()),
        "",
        "Ranges take no model, so they are the same whichever votes.",
        "",
        "## Every model, simulated market",
        "",
        HEAD,
        *(model_row(kind, one.whole) for kind, one in made.models.items()),
        "",
    ]
    for kind, one in found.models.items():
        lines += [f"## {kind} by year and by regime, real prices", ""]
        lines += [PART_HEAD.format(part="year")]
        lines += [part_row(str(year), part) for year, part in one.years.items()]
        lines += ["", PART_HEAD.format(part="regime")]
        lines += [part_row(name.value, part) for name, part in one.regimes.items()]
        lines.append("")
    return "\n".join(lines)


def _how(found: Trial, chosen_by: str) -> list[str]:
    """On what and how it was measured."""
    days, years = found.panel.sessions, list(found.pool.years)
    judged = found.pool.judged.cases.session
    return [
        f"Real prices: {len(found.panel.isins)} NSE shares, {len(days)} sessions from {days[0]} to "
        f"{days[-1]}, unadjusted bars with our own adjustment. Every year from {years[0] - 1} is "
        "scored by models fitted on what ended ten sessions before it began; calibration and "
        "pooling come from earlier years alone, and the first scored year only calibrates. A case "
        "is a purchase at the next open with a stop at 2 ATR, a target at 3 ATR and 10 sessions, "
        f"costs of 0.25 % in. {chosen_by} Intervals are 95 %, and they and the standard errors "
        f"after ± come from blocks of {BLOCK} sessions, {len(np.unique(judged // BLOCK))} of them "
        f"in {len(np.unique(judged))} judged sessions; n counts cases whose labels do not overlap. "
        "A regime is the one known at the close of the session."
    ]


def _verdict(found: Trial) -> list[str]:
    """What to make of it on real prices."""
    whole, luck = found.pool.whole, found.luck
    voting = [kind for kind, one in found.models.items() if not one.whole.no_vote]
    suspects = [f"{kind}: {one.whole.suspect}" for kind, one in found.models.items()
                if one.whole.suspect]  # fmt: skip
    flawed = [f"{kind} ({one.whole.verdict.flaw})" for kind, one in found.models.items()
              if one.whole.verdict.flaw]  # fmt: skip
    return [
        f"- Votes on real prices: {', '.join(voting) if voting else 'none'}. A vote needs the "
        "whole interval of both skills above zero, odds that mean what they say, and figures that "
        "do not look like a leak; beating the base rate alone is foretelling how restless a share "
        "is, not which way it goes.",
        f"- The desk listens to the pool alone. {luck.tried} sets of odds were looked at; the "
        f"furthest above its harder benchmark is {luck.best}, and luck takes the best of as many "
        f"as far with p = {luck.best_chance:.3f} (all drawn together, by blocks).",
        f"- Mean rank IC of the pool {figure(whole.ic)}; with the sign of each block of {BLOCK} "
        f"sessions tossed by a coin, as much comes up with p = {luck.chance:.3f} "
        f"({number(TOSSES, 0)} tosses).",
        f"- Target first in the pool's top fifth {100 * whole.top_rate:.1f} % against "
        f"{100 * whole.base_rate:.1f} % of all.",
        f"- Figures that look like a leak: {'; '.join(suspects) if suspects else 'none'}.",
        f"- Odds that do not mean what they say: {'; '.join(flawed) if flawed else 'none'}.",
    ]


def _signal(made: Trial, nothing: Sequence[Nothing]) -> list[str]:
    """What is found where there is something, and where there is nothing."""
    whole = made.pool.whole
    most = max(one.whole.weaker.skill for one in nothing)
    as_much = sum(one.whole.weaker.skill >= whole.weaker.skill for one in nothing)
    votes = sum(not one.whole.no_vote for one in nothing)
    flat = sum(one.whole.sharpness < SAME for one in nothing)
    return [
        "- On the simulated market, where there is signal by construction, the pool's skill is "
        f"{skill(whole)} % over the base rate and {skill(whole, 'skill_alike')} % over shares as "
        f"likely, rank IC {figure(whole.ic)}, p = {made.luck.chance:.4f} by tossed signs.",
        f"- On its labels shuffled among the shares of each session, {SHUFFLES} times anew, the "
        f"pool earns a vote {votes} times; its skill over the harder benchmark reaches "
        f"{100 * most:+.2f} % at most, and as much as on the true labels comes up {as_much} times, "
        f"p = {(1 + as_much) / (1 + len(nothing)):.3f}. Calibration leaves all shares the base "
        f"rate {flat} times; p of the rank IC of the scores before it, by tossed signs, lies from "
        f"{min(one.chance for one in nothing):.3f} to {max(one.chance for one in nothing):.3f}.",
    ]


def figure(found: Figure, *, times: float = 1.0, digits: int = 3) -> str:
    """A figure with its standard error."""
    if np.isnan(found.value):
        return "–"
    return f"{times * found.value:+.{digits}f} ± {times * found.se:.{digits}f}"


def skill(found: Measures, of: str = "skill") -> str:
    """Skill with its interval, in per cent."""
    one = getattr(found, of)
    return f"{100 * one.skill:+.2f} ({100 * one.low:+.2f} to {100 * one.high:+.2f})"


def model_row(kind: str, one: Measures) -> str:
    """One model's line."""
    said = one.verdict
    slope = "–" if np.isnan(said.slope) else f"{said.slope:.2f} ± {said.slope_se:.2f}"
    accuracy = f"{100 * one.accuracy.value:.2f} ± {100 * one.accuracy.se:.2f}"
    return (
        f"| {kind} | {skill(one)} | {skill(one, 'skill_alike')} | {figure(one.ic)} | "
        f"{figure(one.ic_next)} | {accuracy} | {100 * one.top_rate:.1f} | "
        f"{figure(one.top_return, times=100, digits=2)} | {one.sharpness:.3f} | {one.ece:.3f} | "
        f"{slope} | {number(one.n, 0)} |"
    )


def part_row(name: str, one: Measures) -> str:
    """One year's or one regime's line."""
    return (
        f"| {name} | {100 * one.base_rate:.1f} | {100 * one.top_rate:.1f} | {skill(one)} | "
        f"{skill(one, 'skill_alike')} | {figure(one.ic)} | {one.sharpness:.3f} | {one.ece:.3f} | "
        f"{number(one.n, 0)} |"
    )


def coverage_row(name: str, one: Coverage) -> str:
    """One horizon's, year's or regime's line."""
    said = "yes" if one.honest else "no"
    return (
        f"| {name} | {100 * LEVEL:.0f} | {100 * one.inside:.1f} | {100 * one.low:.1f} to "
        f"{100 * one.high:.1f} | {said} | {100 * one.width:.1f} | {number(one.n, 0)} |"
    )
