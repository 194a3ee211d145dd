"""`engawa new-city`: asks what a city decides, and writes its pack."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path

from rich.console import Console
from rich.prompt import Prompt


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its options."""
    command = commands.add_parser(
        "new-city",
        help="write a city pack: ask what is local and what the centre decided",
        description="Asks for names, hours, platforms, the fourteen decisions, places and entry "
        "codes, and writes a city pack. Any question may be left empty. Ctrl-C loses nothing: the "
        "next run goes on where this one stopped. A folder that is there is never overwritten.",
    )
    command.add_argument(
        "folder", nargs="?", type=Path, default=Path("city"), metavar="FOLDER", help="default: city"
    )
    command.add_argument(
        "--answers",
        type=Path,
        metavar="FILE.toml",
        help="take the answers from a file, ask nothing",
    )
    command.add_argument(
        "--language", choices=("ja", "ja-easy", "en"), default="ja", help="to be asked in"
    )
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """0 written, 1 not wanted after all, 130 interrupted with the answers kept."""
    from bot.app.founding import Founding, draft_of
    from bot.app.interview import as_yes_or_no
    from bot.app.packing import refuse_taken, write_pack

    folder: Path = arguments.folder
    say = Console(highlight=False, soft_wrap=True, markup=False).print
    refuse_taken(folder)
    founding = Founding(arguments.language)
    if arguments.answers:
        files = founding.files(founding.answered(arguments.answers))
        write_pack(folder, files)
    else:
        try:
            answers, draft = founding.interview(folder, _ask, say)
            files = founding.files(answers)
            _show(founding.words("files"), folder, files, say)
            if as_yes_or_no(_ask(founding.words("write"))) != "y":
                say(
                    f"Nothing was written. The answers are kept in {draft.file}: change them "
                    "there, or delete a line to be asked again, and run this again."
                )
                return 1
        except (KeyboardInterrupt, EOFError):
            say(f"\nThe answers so far are kept in {draft_of(folder).file}; run this again.")
            return 130
        write_pack(folder, files)
        draft.discard()
    say(f"The pack is in {folder}. Set `city` under [content] in config.toml to it, then try")
    say("`engawa check`, and `engawa doctor --launch` for what is still open.")
    return 0


def _ask(question: str) -> str:
    return Prompt.ask(f"[bold]{question}[/]", default="", show_default=False)


def _show(title: str, folder: Path, files: Mapping[str, str], say: Callable[[str], None]) -> None:
    say(f"\n{title}")
    for name, text in files.items():
        say(f"\n── {folder / name}\n{text}")
