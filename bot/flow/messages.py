"""Every sentence that people read: loads messages/<language>/*.yaml and fills placeholders.

Imports this room only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from bot.errors import Place
from bot.flow.definition import Messages
from bot.flow.findings import Findings, suggest
from bot.flow.nodes import Scalar, Table, shorten

STANDING_VALUES = frozenset(
    {
        "days_left",
        "shell_days_left",
        "messages_kept",
        "receipt",
        "places_now",
        "places_crisis",
        "hours_now",
        "centre",
        "languages",
        "door_link",
        "return_code",
        "rest_until",
    }
)
"""The placeholders that are filled for every message, in every flow."""

MISSING_VALUE = "…"

_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")


def text(messages: Messages, language: str, key: str, values: Mapping[str, str]) -> str:
    """The message in `language`, else in the source language, its placeholders filled in one pass.

    A placeholder without a value becomes «…», never its own name. Raises KeyError for an unknown
    key.
    """
    texts = messages.texts.get(language)
    template = texts.get(key) if texts else None
    if template is None:
        template = messages.texts[messages.source_language][key]
    if "{" not in template:
        return template
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], MISSING_VALUE), template)


class MessageFiles(msgspec.Struct, frozen=True):
    """The loaded messages, and where each stands: places[language][key]."""

    messages: Messages
    places: Mapping[str, Mapping[str, Place]]

    def check_placeholders(self, findings: Findings, answers: frozenset[str]) -> None:
        """Note placeholders that no answer fills, and those that differ between languages."""
        known = answers | STANDING_VALUES
        source = self.messages.source_language
        for language, texts in self.messages.texts.items():
            for key, template in texts.items():
                names = frozenset(_PLACEHOLDER.findall(template))
                place = self.places[language][key]
                self._check_known(findings, names - known, place, known)
                original = self.messages.texts[source].get(key)
                if original is not None and language != source:
                    wanted = frozenset(_PLACEHOLDER.findall(original))
                    self._check_same(findings, key, names, wanted, place)

    def _check_known(
        self, findings: Findings, names: frozenset[str], place: Place, known: frozenset[str]
    ) -> None:
        for name in sorted(names):
            findings.note(
                "unknown-placeholder",
                place,
                f"Nothing fills «{{{name}}}».",
                suggest(name, known),
            )

    def _check_same(
        self,
        findings: Findings,
        key: str,
        names: frozenset[str],
        wanted: frozenset[str],
        place: Place,
    ) -> None:
        if names != wanted:
            source = self.messages.source_language
            findings.note(
                "different-placeholders",
                place,
                f"«{key}» has {_braced(names)} here, but {_braced(wanted)} in {source}.",
                "Use the same placeholders in every language.",
            )


def _braced(names: frozenset[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names)) or "no placeholder"


def load_messages(
    findings: Findings, files: Mapping[str, bytes], source_language: str
) -> MessageFiles:
    """Every message file among `files`; keys are `<file>.<name>`."""
    texts: dict[str, dict[str, str]] = {source_language: {}}
    places: dict[str, dict[str, Place]] = {source_language: {}}
    for path in sorted(files):
        parts = path.split("/")
        if len(parts) != 3 or parts[0] != "messages" or not parts[2].endswith(".yaml"):
            continue
        language, prefix = parts[1], parts[2].removesuffix(".yaml")
        table = findings.read(path, files[path])
        texts.setdefault(language, {})
        places.setdefault(language, {})
        if table is not None:
            taken, stands = take_messages(findings, prefix, table)
            texts[language] |= taken
            places[language] |= stands
    return MessageFiles(Messages(source_language, texts, placeholders_of(texts)), places)


def take_messages(
    findings: Findings, prefix: str, table: Table
) -> tuple[dict[str, str], dict[str, Place]]:
    """The texts of one file by key, and where each stands."""
    texts: dict[str, str] = {}
    places: dict[str, Place] = {}
    for key, value in table.pairs():
        if findings.want_name(key, "The name of a message") is None:
            continue
        template = findings.want_text(value, f"The message «{key.text}»")
        if template is not None and isinstance(value, Scalar):
            _check_braces(findings, value)
            texts[f"{prefix}.{key.text}"] = template.rstrip("\n")
            places[f"{prefix}.{key.text}"] = value.place
    return texts, places


def _check_braces(findings: Findings, value: Scalar) -> None:
    rest = _PLACEHOLDER.sub("", value.text)
    if "{" in rest or "}" in rest:
        findings.note(
            "bad-placeholder",
            value.place,
            f"The braces in «{shorten(value.text)}» don't make a placeholder.",
            "Write {name} with small letters; other braces can't stand in a message.",
        )


def placeholders_of(texts: Mapping[str, Mapping[str, str]]) -> dict[str, frozenset[str]]:
    """The names in braces of each key, of all languages together."""
    found: dict[str, set[str]] = {}
    for by_key in texts.values():
        for key, template in by_key.items():
            found.setdefault(key, set()).update(_PLACEHOLDER.findall(template))
    return {key: frozenset(names) for key, names in found.items()}
