"""One small training on a planted drift, shared by the tests that only read it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from core.domain.account import Market
from core.features.compute import FeaturePanel, compute
from core.models.files import Model, load
from core.models.train import Trained, train
from core.panel import Panel
from tests.models.made import AT, planted


@dataclass(frozen=True, slots=True)
class Planted:
    """A panel whose tilt foretells its drift, and what training made of it."""

    panel: Panel
    features: FeaturePanel
    trained: Trained
    told: tuple[tuple[float, str], ...]
    primary: Model
    meta: Model


@pytest.fixture(scope="session")
def learnt(tmp_path_factory: pytest.TempPathFactory) -> Planted:
    """Train once on the planted drift."""
    folder: Path = tmp_path_factory.mktemp("models")
    panel, lean = planted(seed=11)
    features = compute(panel, tilt=lean)
    told: list[tuple[float, str]] = []
    trained = train(
        panel,
        features,
        market=Market.SIM,
        trained_at=AT,
        folder=folder,
        progress=lambda share, words: told.append((share, words)),
    )
    return Planted(
        panel=panel,
        features=features,
        trained=trained,
        told=tuple(told),
        primary=load(trained.primary, market=Market.SIM),
        meta=load(trained.meta, market=Market.SIM),
    )
