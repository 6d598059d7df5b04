"""What the networks look like; each takes (n, length, 2 n_features) and gives three logits."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

WIDTH = 24
DROPPED = 0.2
HEADS = 4


def mlp(features: int) -> torch.nn.Module:
    """Two hidden layers on the last session."""
    from torch import nn

    return nn.Sequential(
        _last_session(),
        nn.Linear(2 * features, 2 * WIDTH),
        nn.ReLU(),
        nn.Dropout(DROPPED),
        nn.Linear(2 * WIDTH, WIDTH),
        nn.ReLU(),
        nn.Linear(WIDTH, 3),
    )


def gru(features: int) -> torch.nn.Module:
    """One layer of gated recurrent units, its last state read."""
    from torch import nn

    return nn.Sequential(_recurrent(nn.GRU, 2 * features), nn.Dropout(DROPPED), nn.Linear(WIDTH, 3))


def lstm(features: int) -> torch.nn.Module:
    """One layer of long short-term memory, its last state read."""
    from torch import nn

    return nn.Sequential(
        _recurrent(nn.LSTM, 2 * features), nn.Dropout(DROPPED), nn.Linear(WIDTH, 3)
    )


def cnn_lstm(features: int) -> torch.nn.Module:
    """Convolution over time, halved, then long short-term memory."""
    from torch import nn

    class Convolved(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.seen = nn.Conv1d(2 * features, WIDTH, kernel_size=5, padding=2)
            self.halved = nn.MaxPool1d(2)
            self.memory = _recurrent(nn.LSTM, WIDTH)
            self.said = nn.Linear(WIDTH, 3)

        def forward(self, windows: torch.Tensor) -> torch.Tensor:
            seen = self.halved(nn.functional.relu(self.seen(windows.transpose(1, 2))))
            found: torch.Tensor = self.said(self.memory(seen.transpose(1, 2)))
            return found

    return Convolved()


def transformer(features: int) -> torch.nn.Module:
    """Two layers of attention over the window with a learnt place, read at the last session."""
    import torch
    from torch import nn

    class Attending(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inward = nn.Linear(2 * features, WIDTH)
            self.place = nn.Parameter(torch.zeros(1, 256, WIDTH))
            layer = nn.TransformerEncoderLayer(
                WIDTH, HEADS, 2 * WIDTH, dropout=DROPPED, batch_first=True
            )
            self.layers = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
            self.said = nn.Linear(WIDTH, 3)

        def forward(self, windows: torch.Tensor) -> torch.Tensor:
            placed = self.inward(windows) + self.place[:, -windows.shape[1] :]
            found: torch.Tensor = self.said(self.layers(placed)[:, -1])
            return found

    return Attending()


def _last_session() -> torch.nn.Module:
    from torch import nn

    class Last(nn.Module):
        def forward(self, windows: torch.Tensor) -> torch.Tensor:
            return windows[:, -1]

    return Last()


def _recurrent(kind: Callable[..., torch.nn.Module], inward: int) -> torch.nn.Module:
    from torch import nn

    class Recurrent(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.cell = kind(inward, WIDTH, batch_first=True)

        def forward(self, windows: torch.Tensor) -> torch.Tensor:
            states: torch.Tensor = self.cell(windows)[0]
            return states[:, -1]

    return Recurrent()


SHAPES: dict[str, Callable[[int], torch.nn.Module]] = {
    "mlp": mlp,
    "gru": gru,
    "lstm": lstm,
    "cnn_lstm": cnn_lstm,
    "transformer": transformer,
}
