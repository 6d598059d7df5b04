"""Where vendors' keys come from, and that showing providers loads no vendor's client."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from core.config import Settings
from core.errors import BadInput, BadSetting, SourceFailed
from core.providers.catalog import VENDORS, Rank, rank_of, vendor
from core.providers.keys import _from_keyring, find_key, keys_of, missing_keys

HEAVY = ("requests", "pybreaker", "limits", "pandas", "yfinance", "kiteconnect", "upstox_client")


def test_the_environment_comes_before_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    file = tmp_path / ".env"
    file.write_text("MUNIM_FINNHUB_KEY=from-file\nMUNIM_KITE_API_KEY=k\n")
    monkeypatch.setitem(Settings.model_config, "env_file", file)
    monkeypatch.setenv("MUNIM_FINNHUB_KEY", "from-environment")
    assert find_key("MUNIM_FINNHUB_KEY") == "from-environment"
    assert find_key("MUNIM_KITE_API_KEY") == "k"


def test_the_keyring_is_asked_last_and_may_be_absent(monkeypatch: pytest.MonkeyPatch):
    import keyring
    from keyring.errors import NoKeyringError

    _from_keyring.cache_clear()
    held = {("munim", "MUNIM_FINNHUB_KEY"): "from-keyring"}
    monkeypatch.setattr(keyring, "get_password", lambda service, name: held.get((service, name)))
    assert find_key("MUNIM_FINNHUB_KEY") == "from-keyring"

    def absent(service: str, name: str) -> str:
        raise NoKeyringError

    monkeypatch.setattr(keyring, "get_password", absent)
    _from_keyring.cache_clear()
    assert find_key("MUNIM_FINNHUB_KEY") is None
    _from_keyring.cache_clear()


def test_a_keyring_that_cannot_be_read_is_told_and_not_taken_for_an_empty_one(
    monkeypatch: pytest.MonkeyPatch,
):
    import keyring
    from keyring.errors import KeyringLocked

    def locked(service: str, name: str) -> str:
        raise KeyringLocked("the login keyring is locked")

    _from_keyring.cache_clear()
    monkeypatch.setattr(keyring, "get_password", locked)
    with pytest.raises(SourceFailed, match=r"MUNIM_FINNHUB_KEY .the login keyring is locked.; unl"):
        find_key("MUNIM_FINNHUB_KEY")


def test_all_keys_that_are_missing_are_named():
    kite = VENDORS["kite"]
    assert missing_keys(kite, {"MUNIM_KITE_API_KEY": "k"}.get) == ("MUNIM_KITE_ACCESS_TOKEN",)
    with pytest.raises(BadSetting, match="MUNIM_KITE_API_KEY and MUNIM_KITE_ACCESS_TOKEN"):
        keys_of(kite, lambda name: None)
    assert keys_of(VENDORS["yfinance"], lambda name: None) == {}


def test_a_vendor_is_found_by_its_name_in_any_case():
    assert vendor(" Kite ").name == "kite"
    with pytest.raises(BadInput, match="there are kite, upstox"):
        vendor("nse")


def test_files_rank_over_brokers_and_brokers_over_vendors():
    assert [rank_of(one) for one in ("cm.csv", "upstox", "finnhub")] == list(Rank)


def test_showing_providers_loads_no_client():
    code = (
        "import sys, core.desk.doctor, core.views.providers;"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
