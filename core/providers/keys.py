"""Vendors' keys: from the environment, `.env` or the system's keyring, never from the store.

A key is returned to the vendor's file that sends it and goes nowhere else: no log, no sentence.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final

from dotenv import dotenv_values

from core.config import Settings
from core.errors import BadSetting, SourceFailed
from core.providers.catalog import Vendor

SERVICE: Final = "munim"
FindKey = Callable[[str], str | None]


def find_key(name: str) -> str | None:
    """The value of one key, None where it is not set anywhere."""
    return os.environ.get(name) or _from_file(name) or _from_keyring(name, _minute())


def missing_keys(vendor: Vendor, find: FindKey = find_key) -> tuple[str, ...]:
    """Which of a vendor's keys are not set."""
    return tuple(name for name in vendor.keys if not find(name))


def keys_of(vendor: Vendor, find: FindKey = find_key) -> Mapping[str, str]:
    """Every key of a vendor by name; raises BadSetting saying how to set what is missing."""
    missing = missing_keys(vendor, find)
    if missing:
        raise BadSetting(how_to_set(vendor, missing))
    return {name: find(name) or "" for name in vendor.keys}


def how_to_set(vendor: Vendor, missing: tuple[str, ...]) -> str:
    """The one sentence for a vendor that is not set up."""
    return (
        f"{vendor.label} is not set up: put {' and '.join(missing)} into the environment or .env, "
        f"or into the system's keyring with keyring set {SERVICE} {missing[0]}"
    )


def _from_file(name: str) -> str | None:
    file = Settings.model_config.get("env_file")
    return dotenv_values(str(file)).get(name) if file else None


def _minute() -> int:
    return int(time.monotonic() // 60)


@lru_cache(maxsize=64)
def _from_keyring(name: str, minute: int) -> str | None:
    """Asked once a minute, for a page draws often and a keyring may be slow.

    None too where the system has no keyring, as on a machine without a screen. One that is there
    and cannot be read raises SourceFailed: its key may be set.
    """
    import keyring
    from keyring.errors import KeyringError, NoKeyringError

    try:
        return keyring.get_password(SERVICE, name)
    except NoKeyringError:
        return None
    except KeyringError as error:
        raise SourceFailed(
            f"the system's keyring could not be read for {name} ({error}); unlock it, or put the "
            "key into the environment or .env"
        ) from None
