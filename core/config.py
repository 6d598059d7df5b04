"""The desk's settings, read once from the environment and `.env`.

Mandates, limits and watchlists are not here: they stand in the store, versioned, and are edited
on pages. Keys are not here either: they are kept encrypted and loaded by the worker alone.
"""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from core.domain.account import LOOPBACK, Market
from core.errors import BadSetting

ROOT: Final = Path(__file__).resolve().parents[1]  # the same home from whatever folder one types
RULES: Final = {
    "home": ("MUNIM_HOME", "a folder the desk may write to"),
    "database_url": ("DATABASE_URL", "sqlite:///FILE or postgresql://USER@HOST/NAME"),
    "port": ("MUNIM_PORT", "a whole number from 1 to 65535"),
    "market": ("MUNIM_MARKET", "sim, replay or live"),
    "seed": ("MUNIM_SEED", "a whole number from 0 to 2147483647"),
    "speed": ("MUNIM_SPEED", "a number above 0 and at most 3600"),
    "sim_dirty": ("MUNIM_SIM_DIRTY", "true or false"),
    "llm": ("MUNIM_LLM", "openai:MODEL, anthropic:MODEL or groq:MODEL"),
    "llm_address": ("MUNIM_LLM_ADDRESS", "https://HOST/…, or http:// on this machine alone"),
    "bind": ("MUNIM_BIND", "localhost or one address of this machine, such as 127.0.0.1"),
}
SECRET: Final = frozenset(
    {"database_url", "llm_address"}
)  # may carry a password; never repeated in a sentence


class Settings(BaseSettings):
    """What the environment decides; `home` is the one folder the desk writes to.

    Built by `read_settings`, which words what is wrong; tests may build it from keywords.
    """

    model_config = SettingsConfigDict(
        env_prefix="MUNIM_",
        env_file=ROOT / ".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        populate_by_name=True,
    )

    home: Path = ROOT / "data"
    database_url: str = Field(default="", validation_alias="DATABASE_URL", repr=False)
    port: int = Field(default=8501, ge=1, le=65535)
    market: Market = Market.SIM
    seed: int = Field(default=42, ge=0, le=2**31 - 1)
    speed: float = Field(default=1.0, gt=0, le=3600)  # market seconds per second, under sim
    sim_dirty: bool = False  # damage the simulated market's stored bars on purpose
    bind: str = "127.0.0.1"
    llm: str = ""  # the language model that may be asked; none by default
    llm_address: str = ""  # another server that speaks the same protocol

    @field_validator("home")
    @classmethod
    def _home_is_a_folder(cls, home: Path) -> Path:
        if home.exists() and not home.is_dir():
            raise ValueError("is a file")
        return home.expanduser().resolve()

    @field_validator("database_url")
    @classmethod
    def _store_is_one_we_speak(cls, url: str) -> str:
        for spelling in ("postgres://", "postgresql://"):
            if url.startswith(spelling):
                return "postgresql+psycopg://" + url.removeprefix(spelling)
        if url and not url.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise ValueError("names another kind of store")
        return url

    @field_validator("llm")
    @classmethod
    def _model_has_a_vendor(cls, llm: str) -> str:
        vendor, _, model = llm.strip().partition(":")
        if llm.strip() and (vendor not in ("openai", "anthropic", "groq") or not model.strip()):
            raise ValueError("names no model")
        return llm.strip()

    @field_validator("llm_address")
    @classmethod
    def _words_do_not_go_out_in_clear(cls, address: str) -> str:
        parts = urlsplit(address.strip())
        here = parts.scheme == "http" and parts.hostname in LOOPBACK
        if address.strip() and not ((parts.scheme == "https" and parts.hostname) or here):
            raise ValueError("is no address that is safe to send to")
        return address.strip()

    @field_validator("bind")
    @classmethod
    def _bind_is_one_address(cls, bind: str) -> str:
        address = ipaddress.ip_address("127.0.0.1" if bind == "localhost" else bind)
        if address.is_unspecified:
            raise ValueError("listens on every address")
        return str(address)

    def model_post_init(self, context: object) -> None:
        """Place the default store inside `home`."""
        if not self.database_url:
            object.__setattr__(self, "database_url", f"sqlite:///{self.home / 'munim.db'}")

    @property
    def is_loopback(self) -> bool:
        """Whether the page can be reached from this machine alone."""
        return ipaddress.ip_address(self.bind).is_loopback


def read_settings() -> Settings:
    """Read the environment; raises BadSetting with one sentence for the first bad value."""
    try:
        return Settings()
    except ValidationError as bad:
        raise BadSetting(_sentence(bad)) from None


@lru_cache(maxsize=1)
def settings_now() -> Settings:
    """The settings of this process, read at the first call."""
    return read_settings()


def _sentence(bad: ValidationError) -> str:
    first = bad.errors()[0]
    field = str(first["loc"][0]) if first["loc"] else ""
    by_variable = {variable: name for name, (variable, _) in RULES.items()}
    field = by_variable.get(field, field)
    variable, rule = RULES[field]
    was = "is not readable" if field in SECRET else f"is {str(first['input'])!r}"
    return f"{variable} {was}; it must be {rule}, or unset for the default"
