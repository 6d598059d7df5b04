"""Networks over the last sessions of a share: GRU, LSTM, CNN with LSTM, Transformer, and an MLP.

Features are standardised by what the network learns from; a missing one stands at its mean, and a
second channel says that it was missing. Training takes a stated sample of windows, sets its last
tenth in time aside and keeps the weights that did best there. Training takes a GPU where there is
one, on which no figure of ours was measured, and the last digits may then differ from run to run;
on the processor it takes one thread, and the same windows and seed give the same weights to the
bit. A network that is read back from its files scores on the processor.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.errors import NoData
from core.models.cases import Cases, Sample
from core.models.net_shapes import SHAPES
from core.models.port import CLASSES
from core.panel import Floats

if TYPE_CHECKING:
    import torch

Windows = NDArray[np.float32]
FARTHEST = 4.0  # standard deviations
BATCH, EPOCHS, PATIENCE = 256, 8, 2
RATE, DECAY = 2e-3, 1e-3
HELD_OUT = 0.1  # of the sample, the last in time
APART = 10  # sessions between what is learnt from and what is held out
SCORED_AT_ONCE = 1024


@dataclass(frozen=True, slots=True)
class Net:
    """A trained network, and what standardises its features, each (n_features,)."""

    kind: str
    module: torch.nn.Module
    length: int
    mean: Floats
    spread: Floats

    def scores(self, cases: Cases) -> Floats:
        """Chances of the three outcomes."""
        return _in_parts(cases, lambda some: self._said(self._windows(some)), CLASSES)

    def leaning(self, cases: Cases) -> Floats:
        """What each feature moves target against stop: the log-odds less those without it.

        A feature is taken away by setting it to its mean in every session of the window.
        """
        return _in_parts(cases, self._moved, len(cases.names))

    def files(self) -> dict[str, bytes]:
        """Weights as safetensors, the rest as JSON."""
        from safetensors.torch import save

        weights = {
            name: one.detach().cpu().contiguous() for name, one in self.module.state_dict().items()
        }
        rest = {"mean": self.mean.tolist(), "spread": self.spread.tolist(), "length": self.length}
        return {
            f"{self.kind}.safetensors": save(weights),
            f"{self.kind}.json": json.dumps(rest).encode(),
        }

    def _windows(self, cases: Cases) -> Windows:
        return standard(cases.windows(self.length), self.mean, self.spread)

    def _said(self, windows: Windows) -> Floats:
        import torch

        self.module.eval()
        device = next(self.module.parameters()).device
        with _one_thread(), torch.inference_mode():
            logits = self.module(torch.from_numpy(windows).to(device)).double()
            return np.asarray(torch.softmax(logits, dim=1).cpu().numpy(), np.float64)

    def _moved(self, cases: Cases) -> Floats:
        windows = self._windows(cases)
        whole = _log_odds(self._said(windows))
        out = np.empty((len(cases), len(self.mean)))
        for column in range(len(self.mean)):
            kept = windows[:, :, column].copy()
            windows[:, :, column] = 0.0
            out[:, column] = whole - _log_odds(self._said(windows))
            windows[:, :, column] = kept
        return out


@dataclass(frozen=True, slots=True)
class NetLearner:
    """One shape of network; it learns from `most` windows of `length` sessions."""

    kind: str
    words: str
    length: int
    most: int
    needs: tuple[str, ...] = ("torch", "safetensors")

    def fit(self, sample: Sample, *, seed: int) -> Net:
        """Train until the held-out tenth no longer improves."""
        import torch

        rng = np.random.default_rng(seed)
        count = len(sample)
        taken = np.sort(rng.permutation(count)[: self.most])
        mean, spread = _spread_of(sample.cases.rows())
        session = sample.cases.session[taken]
        cut = int(session[int((1 - HELD_OUT) * len(taken))])
        learnt, held = taken[session < cut - APART], taken[session >= cut]
        if not len(learnt):  # too short a history to set some aside
            learnt, held = taken, taken[:0]
        with _one_thread(), torch.random.fork_rng():
            torch.manual_seed(seed)
            module = SHAPES[self.kind](len(mean)).to(_device())
            net = Net(self.kind, module, self.length, mean, spread)
            _train(net, sample, learnt, held, rng)
        return net

    def read(self, files: Mapping[str, bytes], names: tuple[str, ...]) -> Net:
        """Weights back, no code is run; raises NoData for those of another shape."""
        from safetensors.torch import load

        rest = json.loads(files[f"{self.kind}.json"])
        module = SHAPES[self.kind](len(names))
        try:
            module.load_state_dict(load(files[f"{self.kind}.safetensors"]), strict=True)
        except RuntimeError as other:
            raise NoData(
                f"the weights of the {self.words} are for another network or other features than "
                f"the {len(names)} of this model; train again"
            ) from other
        mean, spread = (np.asarray(rest[name], np.float64) for name in ("mean", "spread"))
        return Net(self.kind, module, int(rest["length"]), mean, spread)


def _train(
    net: Net,
    sample: Sample,
    learnt: NDArray[np.int64],
    held: NDArray[np.int64],
    rng: np.random.Generator,
) -> None:
    """Adam over shuffled batches; the best epoch's weights stay, the last one's with none held."""
    import torch

    device = next(net.module.parameters()).device
    steps = torch.optim.AdamW(net.module.parameters(), lr=RATE, weight_decay=DECAY)
    best, kept, worse = np.inf, _weights(net), 0
    for _ in range(EPOCHS):
        net.module.train()
        for batch in np.array_split(rng.permutation(learnt), max(1, len(learnt) // BATCH)):
            windows = torch.from_numpy(net._windows(sample.cases.only(batch))).to(device)
            truth = torch.from_numpy(sample.outcome[batch].astype(np.int64) + 1).to(device)
            weight = torch.from_numpy(sample.weight[batch].astype(np.float32)).to(device)
            lost = torch.nn.functional.cross_entropy(net.module(windows), truth, reduction="none")
            steps.zero_grad()
            (lost * weight).mean().backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(net.module.parameters(), 1.0)
            steps.step()
        if not len(held):
            kept = _weights(net)
            continue
        found = _loss(net, sample, held)
        if found < best:
            best, kept, worse = found, _weights(net), 0
        else:
            worse += 1
            if worse >= PATIENCE:
                break
    net.module.load_state_dict(kept)


def _weights(net: Net) -> dict[str, torch.Tensor]:
    return {name: one.detach().clone() for name, one in net.module.state_dict().items()}


def _loss(net: Net, sample: Sample, held: NDArray[np.int64]) -> float:
    """Weighted log loss of the cases held out."""
    said = net.scores(sample.cases.only(held))
    truth = sample.outcome[held].astype(np.int64) + 1
    lost = -np.log(np.maximum(said[np.arange(len(held)), truth], 1e-9))
    return float(np.average(lost, weights=sample.weight[held]))


def standard(windows: Windows, mean: Floats, spread: Floats) -> Windows:
    """Features in standard deviations beside whether each is missing: (n, length, 2 n_features)."""
    there = ~np.isnan(windows)
    scaled = (windows - mean.astype(np.float32)) / spread.astype(np.float32)
    filled = np.where(there, np.clip(scaled, -FARTHEST, FARTHEST), np.float32(0.0))
    return np.concatenate([filled, ~there], axis=2, dtype=np.float32)


def _spread_of(rows: Windows) -> tuple[Floats, Floats]:
    """Mean and standard deviation of what is known of each feature."""
    known = ~np.isnan(rows)
    count = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, rows, 0.0).sum(axis=0, dtype=np.float64) / count
    spread = np.sqrt(np.where(known, (rows - mean) ** 2, 0.0).sum(axis=0, dtype=np.float64) / count)
    return mean, np.where(spread > 1e-9, spread, 1.0)


def _in_parts(cases: Cases, found: Callable[[Cases], Floats], width: int) -> Floats:
    """Some arrays of a part of the cases each, one under the other."""
    starts = range(0, len(cases), SCORED_AT_ONCE)
    ends = [np.arange(start, min(start + SCORED_AT_ONCE, len(cases))) for start in starts]
    parts = [found(cases.only(part)) for part in ends]
    return np.concatenate(parts) if parts else np.empty((0, width))


def _log_odds(chances: Floats) -> Floats:
    kept = np.maximum(chances, 1e-9)
    return np.asarray(np.log(kept[:, 2]) - np.log(kept[:, 0]), np.float64)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Sums in one thread are the same to the bit; torch keeps a number of its own once loaded."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _device() -> str:
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


NETS = (
    NetLearner("mlp", "network on one session", 1, 60_000),
    NetLearner("gru", "GRU over 30 sessions", 30, 12_000),
    NetLearner("lstm", "LSTM over 30 sessions", 30, 12_000),
    NetLearner("cnn_lstm", "CNN and LSTM over 60 sessions", 60, 12_000),
    NetLearner("transformer", "Transformer over 30 sessions", 30, 6_000),
)
