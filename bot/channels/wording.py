"""A sentence for what people see of us on a platform before they write. Imports flow and errors."""

from __future__ import annotations

from bot.errors import ConfigurationError
from bot.flow.definition import Bundle
from bot.flow.messages import text


def platform_text(bundle: Bundle, language: str, key: str) -> str:
    """The message; raises ConfigurationError where content of an earlier program lacks it."""
    try:
        return text(bundle.messages, language, key, {})
    except KeyError:
        raise ConfigurationError(
            f"The content that is live has no message «{key}». Put it into messages/ and publish "
            "with `engawa flows publish`."
        ) from None
