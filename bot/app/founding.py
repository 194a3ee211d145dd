"""What `engawa new-city` does: asks or reads answers, draws codes, makes and checks the pack."""

from __future__ import annotations

import secrets
import tomllib
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path

import msgspec

from bot.app.city import Answers, check_answers, read_answers
from bot.app.content import read_content
from bot.app.here import home, settings_here
from bot.app.interview import Ask, Draft, Interview, Tell
from bot.app.packing import codes_wanted, pack_files
from bot.app.standing import ZONE
from bot.config import Settings
from bot.flow.city import CODE_ALPHABET, CODE_FIRST, CODE_LENGTH, PACK
from bot.services.revisions import Published, compile_files


class Founding:
    """One run of the command, over the common content alone."""

    def __init__(self, language: str) -> None:
        self._language = language
        content = settings_here().content
        self._common = read_content(home() / content.directory, "")
        self.published: Published = compile_files(self._common)

    def words(self, name: str) -> str:
        """A sentence of the interview."""
        return self.published.bundle.messages.texts[self._language][f"new_city.{name}"]

    def interview(self, folder: Path, ask: Ask, tell: Tell) -> tuple[Answers, Draft]:
        """Ask everything that the draft beside `folder` doesn't hold yet."""
        draft = draft_of(folder)
        questions = self._questions(self._language)
        held = Interview(self.words, ask, tell, draft, questions)
        return held.hold(today().isoformat()), draft

    def answered(self, file: Path) -> Answers:
        """The answers in a file; raises ConfigurationError with everything that is wrong."""
        answers = read_answers(file)
        check_answers(answers, self._questions("ja").keys(), str(file))
        return answers

    def files(self, answers: Answers, code: Callable[[], str] | None = None) -> Mapping[str, str]:
        """The pack's files, loaded and checked over the common content before anybody sees them."""
        draw = code or fresh_code
        codes: set[str] = set()
        while len(codes) < codes_wanted(answers):
            codes.add(draw())
        files = pack_files(answers, self._questions("ja"), sorted(codes), today())
        msgspec.convert(tomllib.loads(files["city.toml"]), Settings)
        pack = {PACK + name: text.encode() for name, text in files.items() if ".yaml" in name}
        compile_files({**self._common, **pack})
        return files

    def _questions(self, language: str) -> Mapping[str, str]:
        spoken = "en" if language == "en" else "ja"
        return {each.id: each.question[spoken] for each in self.published.bundle.city.policies}


def draft_of(folder: Path) -> Draft:
    """The draft that belongs to a pack's folder."""
    return Draft(folder.with_name(f"{folder.name}.draft.json"))


def fresh_code() -> str:
    """An entry code drawn at random: some 38 bits, and no vowels that could make a word."""
    rest = (secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH - 1))
    return secrets.choice(CODE_FIRST) + "".join(rest)


def today() -> date:
    """The day in Japan."""
    return datetime.now(ZONE).date()
