"""What research leaves behind: model versions, predictions and hypotheses with their outcomes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.domain.account import Market
from core.domain.money import Money
from core.domain.signal import Probability, Regime


@dataclass(frozen=True, slots=True)
class Member:
    """One kind of model inside a version; `share` is what it counts for in a usual market."""

    kind: str
    n_out_of_sample: int
    brier: float
    brier_base: float
    skill: float
    skill_low: float
    skill_high: float
    has_vote: bool
    share: float


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """One trained model, or several pooled into one, and what it measured out of sample.

    `brier` and `brier_base` are mean squared errors of P(target first) for the model and for the
    harder of two benchmarks: the base rate, and the rate of shares as likely to touch either
    barrier. `skill` is 1 - brier / brier_base with its 95 % interval. A model votes only when
    the whole interval lies above zero and its probabilities agree with what came but for chance.
    `meta` is the meta-label's version of the same training, "" for a meta-label itself;
    `signature` is the desk's over all of this but the path.
    """

    version: str
    kind: str
    market: Market
    trained_at: datetime
    rows: int
    features: tuple[str, ...]
    barriers: tuple[float, float, int]  # stop ATR, target ATR, sessions
    folds: int
    n_out_of_sample: int
    base_rate: float
    brier: float
    brier_base: float
    skill: float
    skill_low: float
    skill_high: float
    seconds: float
    has_vote: bool
    sha256: str
    path: str
    members: tuple[Member, ...] = ()
    meta: str = ""
    signed_by: str = ""
    signature: str = ""


@dataclass(frozen=True, slots=True)
class ModelUse:
    """One choice of the model in use, with its meta-label.

    `back` is the number of the use that a rollback returns to, 0 where there is none.
    """

    number: int
    version: str
    put_at: datetime
    by: str
    how: str
    back: int = 0


@dataclass(frozen=True, slots=True)
class Leaning:
    """What the features of one group moved the target against the stop by, in log-odds."""

    group: str
    contribution: float


@dataclass(frozen=True, slots=True)
class Ground:
    """One ground for trusting a prediction, from 0 to 1, with the figure it comes from in words.

    `score` is None where nothing is known.
    """

    score: float | None
    words: str


SOLID, THIN = 0.6, 0.3


@dataclass(frozen=True, slots=True)
class Confidence:
    """Five grounds for trusting a prediction: never one percentage, for they measure five things.

    `agreement` is of the members, `history` of like cases out of sample, `horizon` of what was
    measured over as many sessions.
    """

    agreement: Ground
    data_quality: Ground
    regime_stability: Ground
    history: Ground
    horizon: Ground

    @property
    def grounds(self) -> tuple[tuple[str, Ground], ...]:
        """Each ground after what it is called."""
        return (
            ("agreement of the models", self.agreement),
            ("quality of the data", self.data_quality),
            ("stability of the regime", self.regime_stability),
            ("history of like cases", self.history),
            ("record over the horizon", self.horizon),
        )

    @property
    def overall(self) -> str:
        """`low` with any ground below 0.3, `high` with all known and from 0.6, else `medium`."""
        scores = [ground.score for _, ground in self.grounds]
        known = [score for score in scores if score is not None]
        if any(score < THIN for score in known):
            return "low"
        return "high" if len(known) == len(scores) and min(known) >= SOLID else "medium"


@dataclass(frozen=True, slots=True)
class Prediction:
    """One instrument's probabilities at one time.

    `leanings` are those of all groups of features, the largest first, and `words` the features
    that moved it most. `odds` are the members' pooled log-odds of the target against the stop
    before calibration: the leanings, and what no feature explains. `atr` is the share's over its
    price, `swing` what its return ranges are told in. `regime` is that of the market. `novelty`
    says what is unlike anything the model learnt from, "" where nothing is; then it has no vote.
    What an older desk did not keep is empty or None.
    """

    isin: str
    symbol: str
    as_of: datetime
    model_version: str
    direction: int
    edge: float
    horizon_sessions: int
    target_first: Probability
    stop_first: Probability
    time_exit: Probability
    base_rate: float
    has_vote: bool
    words: tuple[str, ...]
    leanings: tuple[Leaning, ...] = ()
    atr: float | None = None
    regime: Regime | None = None
    confidence: Confidence | None = None
    novelty: str = ""
    odds: float | None = None
    swing: float | None = None


NOT_ENTERED = "not entered"


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """What we believed when a card was written, and what came of it.

    `outcome` is "" while it is open, then "target", "stop", "time" or "other", and NOT_ENTERED
    where nobody could have bought. `taken` says whether it was traded; `pnl` of one that was not
    is what it would have left after charges.
    """

    card_id: str
    account_id: str
    isin: str
    strategy: str
    as_of: datetime
    p_target: float
    n: int
    has_vote: bool
    entry: Money
    stop: Money
    target: Money
    horizon_sessions: int
    taken: bool = False
    outcome: str = ""
    closed_at: datetime | None = None
    pnl: Money | None = None
