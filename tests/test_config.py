"""The settings: defaults, spellings that are accepted, and one sentence for what is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.config import Settings, read_settings, settings_now
from core.domain.account import Market
from core.errors import BadSetting


def test_with_nothing_set_the_desk_is_a_simulated_market_on_loopback(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # the home is the same from every folder
    monkeypatch.delenv("MUNIM_HOME")
    settings = read_settings()
    assert (settings.market, settings.port, settings.seed) == (Market.SIM, 8501, 42)
    assert (settings.bind, settings.speed, settings.is_loopback) == ("127.0.0.1", 1.0, True)
    home = Path(__file__).resolve().parents[1] / "data"
    assert settings.home == home
    assert settings.database_url == f"sqlite:///{home}/munim.db"


def test_the_environment_and_the_env_file_are_both_read(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(Settings.model_config, "env_file", ".env")
    Path(".env").write_text("MUNIM_SEED=7\nMUNIM_PORT=9000\nSOMETHING_ELSE=1\n")
    monkeypatch.setenv("MUNIM_PORT", "9100")
    monkeypatch.setenv("MUNIM_MARKET", "replay")
    settings = read_settings()
    assert (settings.seed, settings.port, settings.market) == (7, 9100, Market.REPLAY)


def test_an_empty_variable_counts_as_unset(monkeypatch):
    monkeypatch.setenv("MUNIM_PORT", "")
    assert read_settings().port == 8501


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("MUNIM_PORT", "99999", "MUNIM_PORT is '99999'; it must be a whole number from 1 to 65535"),
        ("MUNIM_PORT", "abc", "MUNIM_PORT is 'abc'"),
        ("MUNIM_MARKET", "paper", "MUNIM_MARKET is 'paper'; it must be sim, replay or live"),
        ("MUNIM_SEED", "-1", "MUNIM_SEED is '-1'"),
        ("MUNIM_SPEED", "0", "MUNIM_SPEED is '0'; it must be a number above 0"),
        ("MUNIM_BIND", "0.0.0.0", "MUNIM_BIND is '0.0.0.0'; it must be localhost or one address"),
        ("MUNIM_BIND", "evil.test", "MUNIM_BIND is 'evil.test'"),
        ("MUNIM_LLM", "gpt", "MUNIM_LLM is 'gpt'; it must be openai:MODEL, anthropic:MODEL or"),
        ("MUNIM_LLM", "groq:", "MUNIM_LLM is 'groq:'"),
        ("MUNIM_LLM_ADDRESS", "http://far.test", "MUNIM_LLM_ADDRESS is not readable; it must be"),
    ],
)
def test_a_bad_value_is_one_sentence(monkeypatch, variable, value, sentence):
    monkeypatch.setenv(variable, value)
    with pytest.raises(BadSetting) as refused:
        read_settings()
    assert str(refused.value).startswith(sentence)
    assert "\n" not in str(refused.value)


def test_a_home_that_is_a_file_is_refused(tmp_path, monkeypatch):
    (tmp_path / "book").write_text("")
    monkeypatch.setenv("MUNIM_HOME", str(tmp_path / "book"))
    with pytest.raises(BadSetting, match=r"MUNIM_HOME is .*book'; it must be a folder"):
        read_settings()


def test_a_postgresql_url_gets_its_driver_and_its_password_is_never_repeated(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://munim:canary@localhost/desk")
    settings = read_settings()
    assert settings.database_url == "postgresql+psycopg://munim:canary@localhost/desk"
    assert "canary" not in repr(settings) and "canary" not in str(settings)
    monkeypatch.setenv("DATABASE_URL", "mysql://munim:canary@localhost/desk")
    with pytest.raises(BadSetting, match="DATABASE_URL is not readable; it must be sqlite") as no:
        read_settings()
    assert "canary" not in str(no.value)


def test_localhost_is_loopback_and_a_lan_address_is_not():
    assert Settings(bind="localhost").is_loopback
    assert not Settings(bind="192.168.1.7").is_loopback


def test_settings_are_read_once(monkeypatch):
    settings_now.cache_clear()
    before = settings_now()
    monkeypatch.setenv("MUNIM_SEED", "5")
    assert settings_now() is before
    settings_now.cache_clear()
    assert settings_now().seed == 5


def test_the_simulated_market_is_clean_unless_somebody_wants_it_dirty(monkeypatch):
    assert not read_settings().sim_dirty
    monkeypatch.setenv("MUNIM_SIM_DIRTY", "true")
    assert read_settings().sim_dirty
    monkeypatch.setenv("MUNIM_SIM_DIRTY", "perhaps")
    with pytest.raises(BadSetting, match="MUNIM_SIM_DIRTY is 'perhaps'; it must be true or false"):
        read_settings()
