"""A regime in words, the same on the page and in the terminal."""

from __future__ import annotations

from core.domain.regime import Look, RegimeRecord, Spells
from core.domain.signal import Regime
from core.domain.words import MISSING, counted, day, pct

TELLS = {Regime.BULL: "above", Regime.BEAR: "below"}
RESTS_ON = {
    Regime.BULL: "that most prices lie high",
    Regime.BEAR: "that most prices lie low",
}


def likely_words(chance: float) -> str:
    """`97.3 %`; a chance is neither none nor certain, so its ends are `under 0.1 %` and alike."""
    if chance < 0.0005:
        return "under 0.1 %"
    return "over 99.9 %" if chance >= 0.9995 else pct(chance, digits=1)


def seen_words(spells: Spells | None) -> str:
    """`13 in 19 spells`; a dash where no spell has ended."""
    if spells is None:
        return MISSING
    return f"{spells.sessions:.0f} in {counted(spells.count, 'spell')}"


def returns_words(look: Look | None) -> str:
    """`−0.06 ± 0.05 %`, the mean return of a session and its standard error."""
    if look is None:
        return MISSING
    mean = pct(look.returns, signed=True).removesuffix(" %")
    return f"{mean} ± {pct(look.error)}"


def sentences(found: RegimeRecord) -> tuple[str, ...]:
    """Where the chances come from, how firm the names are, and which of them claims too much.

    Nothing where the plain rule told the regime.
    """
    if not found.chances:
        return ()
    said = [
        "Filtered: a session's chances use it and earlier ones, never later ones. Volatility and "
        "breadth reach over 20 and 50 sessions, so chances short of certain are surer than they "
        "ought to be."
    ]
    if found.fitted_to is not None:
        version = found.model_version
        whose = f"are those of {version}," if version else "were"
        fitted = "fitted" if version else "fitted just now"
        said.append(
            f"The states {whose} {fitted} on sessions up to {day(found.fitted_to)}, and had seen "
            "those; munim regime --out tells each year by states fitted before it."
        )
    if found.changed is not None:
        said.append(
            f"Their last refit gave {pct(found.changed, digits=1)} of the sessions before it "
            "another name."
        )
    return (*said, *(_claim(found, name) for name in found.not_told_apart()))


def _claim(found: RegimeRecord, name: Regime) -> str:
    mean = returns_words(found.looks[name])
    return (
        f"{name.value.capitalize()}: its mean return, {mean} a session, is not {TELLS[name]} "
        f"zero by two standard errors, so the name says no more than {RESTS_ON[name]}."
    )
