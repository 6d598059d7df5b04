"""Prints how the hidden states of real prices are refitted, and what came of what they said.

`python -m tests.bench.regime_refits [FOLDER]`; the folder is shared/data beside the repository
unless another is named. A block for each refit: how much of the past it names otherwise and what
its states are like. Then how long each regime was expected to last and how long it lasted, and how
often hindsight agrees with what was told by how sure that was.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import groupby, pairwise
from pathlib import Path

import numpy as np

from core.domain.regime_words import returns_words
from core.domain.signal import Regime
from core.domain.words import pct
from core.features.hmm import States, filtered, observe, refits, tell
from core.features.regime import market_returns
from core.panel import Floats
from tests.bench.show_actions import REAL
from tests.bench.sim_against_real import real

SURE = (0.0, 0.6, 0.8, 0.9, 0.99, 1.01)


def main() -> None:
    """Print the refits, the spells and how sure the chances are."""
    panel, _ = real(Path(sys.argv[1]) if len(sys.argv) > 1 else REAL)
    seen = observe(panel, market_returns(panel))
    last = None
    for _, _, last in refits(panel.sessions, seen):
        print("\n".join(told_of(last)))
    if last is None:
        print("too few sessions for hidden states")
        return
    print("\n".join(spells(tell(panel.sessions, seen).regimes(), last)))
    print("\n".join(hindsight(last, seen[~np.isnan(seen).any(axis=1)])))


def told_of(states: States) -> Iterator[str]:
    """One refit: what it renames, and each state's return, volatility, breadth and sessions."""
    renamed = "" if states.changed is None else f", renames {pct(states.changed, digits=1)}"
    yield f"fitted to {states.fitted_to}{renamed}"
    for name, one in sorted(states.looks().items()):
        vol, above = pct(one.volatility, digits=1), pct(one.breadth, digits=0)
        yield (
            f"  {name.value:9} {returns_words(one):>16} a session, {vol:>6} a year, "
            f"{above:>4} above average, {one.sessions:4.0f} sessions"
        )


def spells(told: tuple[Regime | None, ...], states: States) -> Iterator[str]:
    """How long each regime lasts by the last model, and how long it lasted as told."""
    runs = [(name, len(list(run))) for name, run in groupby(told) if name is not None]
    for name, lasts in sorted(states.durations().items()):
        mine = [length for of, length in runs if of is name]
        came = f"lasted {np.mean(mine):.1f} in {len(mine)} spells" if mine else "never told"
        yield f"  {name.value:9} expected {lasts:4.1f} sessions, {came}"


def hindsight(states: States, seen: Floats) -> Iterator[str]:
    """How often the state told is the likeliest one when all sessions are known, by how sure."""
    from hmmlearn.hmm import GaussianHMM

    whole = GaussianHMM(len(states.names), "diag")
    whole.n_features = seen.shape[1]
    whole.startprob_, whole.transmat_ = states.first, states.moves
    whole.means_, whole.covars_ = states.centres, states.variances
    later = whole.predict_proba((seen - states.mean) / states.spread).argmax(axis=1)
    now = filtered(states, seen)
    sure, right = now.max(axis=1), now.argmax(axis=1) == later
    for low, high in pairwise(SURE):
        here = (sure >= low) & (sure < high)
        if here.any():
            said, came = (pct(float(one[here].mean()), digits=1) for one in (sure, right))
            yield f"  told {said} likely on {here.sum():4} sessions, hindsight agrees in {came}"


if __name__ == "__main__":
    main()
