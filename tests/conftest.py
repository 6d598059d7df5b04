"""What every test gets: quiet numeric threads, a home of its own, and no settings from outside."""

from __future__ import annotations

import os

THREADS = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OMP_WAIT_POLICY": "PASSIVE",
}
os.environ.update(THREADS)  # before NumPy loads: the libraries read these once

from collections.abc import Iterator  # noqa: E402
from pathlib import Path  # noqa: E402

import pytest  # noqa: E402
from hypothesis import settings  # noqa: E402

from core.config import Settings, settings_now  # noqa: E402

pytest_plugins = ["tests.store_fixture"]

# One machine's slow second fails no test; HYPOTHESIS_PROFILE=roam draws new examples each run.
settings.register_profile("steady", deadline=None, derandomize=True)
settings.register_profile("roam", deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))

REAL = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def real_files() -> Path:
    """The folder of real market files, for tests marked `realdata`."""
    return REAL


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs the real market files on a machine that has none."""
    if REAL.is_dir():
        return
    absent = pytest.mark.skip(reason="the real market files are not beside this repository")
    for item in items:
        if item.get_closest_marker("realdata"):
            item.add_marker(absent)


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give the test a MUNIM_HOME of its own; forget settings read before, and skip `.env`."""
    monkeypatch.setitem(Settings.model_config, "env_file", None)
    for name in [*os.environ]:
        if name.startswith("MUNIM_") or name == "DATABASE_URL":
            monkeypatch.delenv(name)
    home = tmp_path / "home"
    monkeypatch.setenv("MUNIM_HOME", str(home))
    settings_now.cache_clear()
    yield home
    settings_now.cache_clear()
