"""What the desk asks a language model for: a form filled from a text, and nothing else.

A model never acts. Its answer is a proposal that code checks against the text and the rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Form:
    """One request: our instructions, a text that somebody else wrote, and the answer's shape.

    The text is material and never an order. `schema` is a JSON schema whose root is an object.
    """

    name: str
    instructions: str
    text: str
    schema: Mapping[str, Any]


class LanguageModel(Protocol):
    """A model of some vendor; asking twice is harmless."""

    @property
    def label(self) -> str:
        """Vendor and model for a person, such as `OpenAI gpt-x`."""

    def fill(self, form: Form) -> Mapping[str, Any]:
        """The form's answer, a JSON object.

        Raises:
            SourceFailed: it could not be asked or did not answer in time.
            SourceWrong: it answered with something that is no such object.
            SourceResting: it failed so often that it is left alone for a while.
        """
