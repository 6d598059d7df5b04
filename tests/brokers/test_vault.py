"""Session tokens on disk: sealed, private, bound to their login."""

import json
import os
import stat
from datetime import UTC, datetime

import pytest

from core.brokers import vault as vaults
from core.brokers.vault import Kept, Vault, open_vault
from core.errors import BadInput, BadSetting, Tampered

SECRET = "a long enough passphrase"
KEPT = Kept("zerodha-1", "AB1234", "canarytoken5512", datetime(2026, 11, 24, 0, 30, tzinfo=UTC))


@pytest.fixture(autouse=True)
def cheap_keys(monkeypatch):
    monkeypatch.setattr(vaults, "COST", 2**4)


@pytest.fixture
def vault(tmp_path):
    return Vault(tmp_path / "sessions", SECRET)


def file_of(tmp_path, login="zerodha-1"):
    return tmp_path / "sessions" / f"{login}.session"


def test_what_was_put_comes_back_also_after_a_restart(vault, tmp_path):
    vault.put(KEPT)
    assert vault.get("zerodha-1") == KEPT
    assert Vault(tmp_path / "sessions", SECRET).get("zerodha-1") == KEPT


def test_nothing_kept_is_none_and_dropping_it_is_harmless(vault):
    assert vault.get("zerodha-1") is None
    vault.drop("zerodha-1")
    vault.put(KEPT)
    vault.drop("zerodha-1")
    assert vault.get("zerodha-1") is None


def test_the_token_is_nowhere_on_disk_and_the_file_is_the_owners_alone(vault, tmp_path):
    old = os.umask(0)
    try:
        vault.put(KEPT)
    finally:
        os.umask(old)
    path = file_of(tmp_path)
    assert b"canarytoken5512" not in path.read_bytes() and b"AB1234" not in path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [one.name for one in path.parent.iterdir()] == ["zerodha-1.session"]


def test_two_seals_share_neither_salt_nor_text(vault, tmp_path):
    vault.put(KEPT)
    first = json.loads(file_of(tmp_path).read_text())
    vault.put(KEPT)
    second = json.loads(file_of(tmp_path).read_text())
    assert first["salt"] != second["salt"] and first["box"] != second["box"]


def test_another_passphrase_is_one_clear_sentence(vault, tmp_path):
    vault.put(KEPT)
    with pytest.raises(BadSetting) as no:
        Vault(tmp_path / "sessions", "another passphrase").get("zerodha-1")
    assert str(no.value) == (
        "login zerodha-1: its session does not open with this MUNIM_SECRET; set the one it was "
        "sealed with, or log in again"
    )


def test_a_file_copied_to_another_login_does_not_open(vault, tmp_path):
    vault.put(KEPT)
    file_of(tmp_path, "zerodha-2").write_bytes(file_of(tmp_path).read_bytes())
    with pytest.raises(BadSetting, match="login zerodha-2: its session does not open"):
        vault.get("zerodha-2")


@pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b'{"format": 9}', b"\xff\xfe"])
def test_a_file_that_is_no_session_says_so(vault, tmp_path, body):
    vault.put(KEPT)
    file_of(tmp_path).write_bytes(body)
    with pytest.raises(Tampered, match="is no sealed session; delete it and log in again"):
        vault.get("zerodha-1")


def test_one_changed_byte_does_not_open(vault, tmp_path):
    vault.put(KEPT)
    body = json.loads(file_of(tmp_path).read_text())
    body["box"] = ("B" if body["box"][0] == "A" else "A") + body["box"][1:]
    file_of(tmp_path).write_text(json.dumps(body))
    with pytest.raises(BadSetting):
        vault.get("zerodha-1")


def test_a_link_is_not_followed(vault, tmp_path):
    vault.put(KEPT)
    file_of(tmp_path, "other").symlink_to(file_of(tmp_path))
    with pytest.raises(Tampered, match="cannot be read"):
        vault.get("other")


@pytest.mark.parametrize("name", ["../up", "", "a/b", ".hidden", "x" * 65, "nul\0"])
def test_a_login_that_cannot_name_a_file_is_refused(vault, name):
    with pytest.raises(BadInput, match="cannot name a file"):
        vault.get(name)


def test_the_variable_wins_over_the_keyring(tmp_path):
    mine = open_vault(tmp_path, environ={"MUNIM_SECRET": SECRET}, keyring_word=lambda: "x" * 20)
    mine.put(KEPT)
    assert Vault(tmp_path, SECRET).get("zerodha-1") == KEPT


def test_the_keyrings_word_is_used_when_nothing_is_set(tmp_path):
    open_vault(tmp_path, environ={}, keyring_word=lambda: SECRET).put(KEPT)
    assert Vault(tmp_path, SECRET).get("zerodha-1") == KEPT


def test_without_either_it_says_what_to_set(tmp_path):
    with pytest.raises(BadSetting, match="no keyring; set MUNIM_SECRET to 12 or more characters"):
        open_vault(tmp_path, environ={}, keyring_word=lambda: None)


def test_a_short_secret_is_refused(tmp_path):
    with pytest.raises(BadSetting, match="MUNIM_SECRET has 5 characters; give it 12 or more"):
        open_vault(tmp_path, environ={"MUNIM_SECRET": "short"})


def test_the_keyring_gets_a_word_once(tmp_path, monkeypatch):
    import keyring

    held = {}
    monkeypatch.setattr(keyring, "get_password", lambda service, name: held.get((service, name)))
    monkeypatch.setattr(
        keyring, "set_password", lambda service, name, word: held.update({(service, name): word})
    )
    open_vault(tmp_path, environ={}).put(KEPT)
    (word,) = held.values()
    assert len(word) >= 40
    assert open_vault(tmp_path, environ={}).get("zerodha-1") == KEPT


def test_a_machine_without_a_keyring_has_no_word(tmp_path, monkeypatch):
    import keyring
    from keyring.errors import NoKeyringError

    def none(*args):
        raise NoKeyringError("none")

    monkeypatch.setattr(keyring, "get_password", none)
    with pytest.raises(BadSetting, match="no keyring"):
        open_vault(tmp_path, environ={})


def test_no_token_or_secret_shows_itself(vault):
    assert "canary" not in repr(KEPT) and SECRET not in repr(vault)
