"""OpenAI's chat completions through its own SDK; also any server that speaks the same protocol."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.domain.llm import Form
from core.llm.answer import ATTEMPT_SECONDS, chat_request, failure, missing, read_object


class OpenAIChat:
    """A LanguageModel; the SDK is loaded at the first question."""

    def __init__(self, model: str, *, key: str, address: str = "") -> None:
        self._model = model
        self._key = key
        self._address = address

    @property
    def label(self) -> str:
        return f"OpenAI {self._model}"

    def fill(self, form: Form) -> Mapping[str, Any]:
        """One question, no retry of the SDK's own."""
        try:
            import openai
        except ImportError:
            raise missing(self.label, "openai") from None
        client = openai.OpenAI(
            api_key=self._key,
            base_url=self._address or "https://api.openai.com/v1",
            timeout=ATTEMPT_SECONDS,
            max_retries=0,
        )
        try:
            with client:
                answer = client.chat.completions.create(**chat_request(self._model, form))
        except openai.OpenAIError as error:
            raise failure(self.label, error) from None
        choices = getattr(answer, "choices", None)  # a string where the server sent no JSON
        return read_object(self.label, choices[0].message.content if choices else None)
