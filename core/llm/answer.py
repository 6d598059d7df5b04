"""How every vendor's answer is read, and how its failures are told: no key, no text of theirs."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any, Final

from core.domain.llm import Form
from core.errors import SourceFailed, SourceWrong, Throttled

ANSWER_MAX: Final = 40_000  # characters
TOKENS_MAX: Final = 1_000
ATTEMPT_SECONDS: Final = 4.0
REFUSED_KEY: Final = (401, 403)
TOO_OFTEN: Final = 429

# what these log of a request or an answer is not ours to keep
for _name in ("openai", "anthropic", "groq", "httpx", "httpx2", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)


def chat_request(model: str, form: Form) -> dict[str, Any]:
    """The body of a chat completion, as OpenAI and Groq take it."""
    shape = {"name": form.name, "strict": True, "schema": dict(form.schema)}
    return {
        "model": model,
        "messages": [
            {"role": "system", "content": form.instructions},
            {"role": "user", "content": form.text},
        ],
        "response_format": {"type": "json_schema", "json_schema": shape},
        "max_completion_tokens": TOKENS_MAX,
    }


def read_object(label: str, text: str | None) -> Mapping[str, Any]:
    """The JSON object of an answer.

    Raises:
        SourceWrong: nothing, too much, no JSON, or JSON that is no object.
    """
    if not text or len(text) > ANSWER_MAX:
        raise SourceWrong(f"{label} answered with {len(text or '')} characters instead of a form")
    try:
        found = json.loads(text)
    except ValueError:
        raise SourceWrong(f"{label} answered with something that is no JSON") from None
    if not isinstance(found, dict):
        raise SourceWrong(f"{label} answered with JSON that is no object")
    return found


def failure(label: str, error: Exception) -> SourceFailed:
    """One sentence of ours for an SDK's error, by its kind and status alone."""
    status = getattr(error, "status_code", None)
    kind = type(error).__name__
    if "Timeout" in kind:
        return SourceFailed(f"{label} did not answer within {ATTEMPT_SECONDS:g} s")
    if status == TOO_OFTEN:
        return Throttled(f"{label} was asked too often")
    if status in REFUSED_KEY:
        return SourceWrong(f"{label} refused the key (status {status}); set a new one")
    if isinstance(status, int) and 400 <= status < 500:
        return SourceWrong(
            f"{label} refused the question (status {status}); check the model's name"
        )
    if isinstance(status, int):
        return SourceFailed(f"{label} failed (status {status})")
    if kind == "APIResponseValidationError":
        return SourceWrong(f"{label} answered in another shape than its SDK knows")
    return SourceFailed(f"{label} cannot be reached ({kind}); check the network")


def missing(label: str, package: str) -> SourceFailed:
    """The sentence for an SDK that is not installed."""
    return SourceFailed(f"{label} cannot be asked: {package} is not installed yet")
