"""Which model is used: `MUNIM_LLM`, as `openai:MODEL`, `anthropic:MODEL` or `groq:MODEL`.

Without it, or without that vendor's key, no model is asked and the desk works without one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from core.domain.llm import LanguageModel
from core.errors import BadSetting
from core.llm.anthropic_messages import AnthropicMessages
from core.llm.groq_chat import GroqChat
from core.llm.openai_chat import OpenAIChat

KEYS: Final = {
    "openai": "MUNIM_OPENAI_KEY",
    "anthropic": "MUNIM_ANTHROPIC_KEY",
    "groq": "MUNIM_GROQ_KEY",
}
VENDORS: Final[dict[str, Callable[..., LanguageModel]]] = {
    "openai": OpenAIChat,
    "anthropic": AnthropicMessages,
    "groq": GroqChat,
}
FindKey = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Choice:
    """One model at one vendor; `address` is empty for the vendor's own."""

    vendor: str
    model: str
    key: str = field(repr=False)
    address: str = ""


def chosen(setting: str, *, address: str, find: FindKey) -> Choice | None:
    """What the setting names, None where it names nothing.

    Raises:
        BadSetting: no such vendor, no model behind it, or its key is not set.
    """
    if not setting:
        return None
    vendor, _, model = setting.partition(":")
    if vendor not in KEYS or not model.strip():
        raise BadSetting(
            f"MUNIM_LLM is {setting[:60]!r}; write it as openai:MODEL, anthropic:MODEL or "
            "groq:MODEL, or leave it out"
        )
    key = find(KEYS[vendor])
    if not key:
        raise BadSetting(
            f"MUNIM_LLM names {vendor} and its key is not set: put {KEYS[vendor]} into the "
            f"environment or .env, or into the system's keyring with keyring set munim "
            f"{KEYS[vendor]}"
        )
    return Choice(vendor, model.strip(), key, address)


@lru_cache(maxsize=4)
def model_of(choice: Choice) -> LanguageModel:
    """The model of a choice, kept for the life of the process with its breaker's state."""
    from core.llm.patient import Patient  # with the breaker; naming a model needs neither

    made = VENDORS[choice.vendor](choice.model, key=choice.key, address=choice.address)
    return Patient(made)
