"""The files of a new city pack, as text out of answers, and putting them into a folder.

Texts are quoted as JSON is, which TOML and YAML both read. Never overwrites anything.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from datetime import date
from pathlib import Path

import msgspec

from bot.app.city import Answers, HoursAnswers, PlatformAnswers, PolicyAnswers, hours_shape
from bot.errors import ConfigurationError

_UNWRITTEN = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


def pack_files(
    answers: Answers,
    questions: Mapping[str, str],
    codes: Collection[str],
    today: date,
) -> Mapping[str, str]:
    """File name → text of the pack. `questions` are the policies' questions by id, `codes` as many
    fresh entry codes as there are places for them.
    """
    return {
        "city.toml": _settings(answers),
        "policies.yaml": _policies(answers, questions),
        "directory.yaml": _directory(answers, today),
        "entry_codes.yaml": _codes(answers, codes),
        "approvals.yaml": _APPROVALS,
    }


def codes_wanted(answers: Answers) -> int:
    """How many entry codes the answers need."""
    return sum(len(places) for places in answers.codes.values())


def write_pack(folder: Path, files: Mapping[str, str]) -> None:
    """Write the pack; raises ConfigurationError rather than touch a folder with something in it."""
    refuse_taken(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(
            f"The pack can't be written to {folder} ({error.strerror}). Name a folder that you "
            "may write to."
        ) from error


def refuse_taken(folder: Path) -> None:
    """Raise ConfigurationError if `folder` is a file or holds something."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ConfigurationError(
            f"{folder} is there already, and nothing of it is overwritten. Name another folder, "
            "for example `engawa new-city packs/our-city`."
        )


def _settings(answers: Answers) -> str:
    parts = [_SETTINGS, "[city]", *_pairs(_filled(answers.city))]
    room = _filled(answers.room)
    if room:
        parts += ["", "[room]", *_pairs(room)]
    for name in ("line", "telegram"):
        platform: PlatformAnswers = getattr(answers, name)
        if platform.mode:
            parts += ["", f"[{name}]", f"mode = {_quoted(platform.mode)}"]
        if platform.mode and platform.decision.who:
            inside = ", ".join(_pairs(_filled(platform.decision)))
            parts.append(f"decision = {{ {inside} }}")
    if answers.hours != HoursAnswers():
        parts += ["", "[hours.counselors]", *_pairs(hours_shape(answers.hours))]
    return "\n".join(parts) + "\n"


def _policies(answers: Answers, questions: Mapping[str, str]) -> str:
    lines = [_POLICIES]
    for name, question in questions.items():
        lines.append(f"  # {question}")
        given = answers.policies.get(name, PolicyAnswers())
        told = {"text": given.text, "who": given.who, "when": given.when}
        lines.append(f"  {name}:" if any(told.values()) else f"  {name}: {{decided: false}}")
        if any(told.values()):
            lines.append(f"    decided: {'true' if given.decided else 'false'}")
            lines += [f"    {word}: {_quoted(text)}" for word, text in told.items() if text]
    return "\n".join(lines) + "\n"


def _directory(answers: Answers, today: date) -> str:
    if not answers.places:
        return _DIRECTORY + "places: {}\n"
    lines = [_DIRECTORY + "places:"]
    for number, place in enumerate(answers.places, 1):
        names = {"ja": place.ja, "ja-easy": place.ja_easy, "en": place.en}
        told = ", ".join(f"{name}: {_quoted(text or place.ja)}" for name, text in names.items())
        source = "called" if place.called else f"told when the pack was made, {today.isoformat()}"
        lines += [
            f"  city_place_{number}:",
            f"    name: {{{told}}}",
            f"    kind: {place.kind}",
            "    for_whom: [anyone]",
            *(
                f"    {word}: {_quoted(way)}"
                for word, way in (("phone", place.phone), ("url", place.url))
                if way
            ),
            "    cost: unknown",
            f"    source: {source}",
            f"    verified_on: {place.called or 'null'}",
            f"    status: {'verified' if place.called else 'unverified'}",
            "    occasions: [now]",
        ]
    return "\n".join(lines) + "\n"


def _codes(answers: Answers, codes: Collection[str]) -> str:
    hanging = [(kind, place) for kind, places in answers.codes.items() for place in places]
    if not hanging:
        return _CODES + "codes: {}\n"
    lines = [
        f"  {code}: {{kind: {kind}, place: {_quoted(place)}}}"
        for code, (kind, place) in zip(codes, hanging, strict=True)
    ]
    return _CODES + "codes:\n" + "\n".join(lines) + "\n"


def _filled(answers: msgspec.Struct) -> dict[str, object]:
    """What was answered, without the empty answers."""
    return {name: value for name, value in msgspec.structs.asdict(answers).items() if value}


def _pairs(values: Mapping[str, object]) -> list[str]:
    return [f"{key} = {_quoted(value)}" for key, value in values.items()]


def _quoted(value: object) -> str:
    """A text in double quotes, alike in TOML and YAML.

    JSON leaves some signs as they are that those two refuse, or take for the end of a line; half a
    surrogate pair can't be written at all.
    """
    written = json.dumps(value, ensure_ascii=False)
    return _UNWRITTEN.sub(lambda found: f"\\u{_code(found[0]):04x}", written)


def _code(sign: str) -> int:
    return 0xFFFD if "\ud800" <= sign <= "\udfff" else ord(sign)


_SETTINGS = """\
# What is local, laid over config.toml (the environment still wins). Secrets, server, database and
# content never stand here: they belong to the machine. docs/city.md explains the pack.
"""
_POLICIES = """\
# What this city has decided; the questions stand in flows/safety/policies.yaml.
# A decision: {decided: true, text: what holds, who: who decided, when: 2026-12-01}
engawa: 1
policies:"""
_DIRECTORY = """\
# The city's own places to turn to, laid over flows/safety/directory.yaml. Call before you enter a
# day in verified_on: only what is verified is told to people, for 200 days.
engawa: 1
"""
_CODES = """\
# Which code hangs where. The code says nothing; its meaning stands here and nowhere else.
# `kind` chooses the printed text: counter, probation, prison, pharmacy, page, other.
engawa: 1
"""
_APPROVALS = """\
# Signatures under texts: role, key, language, hash (the fingerprint of what was read), who, when.
# flows/safety/signatures.yaml says which text needs whose signature.
engawa: 1
approvals: []
"""
