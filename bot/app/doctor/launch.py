"""What still forbids opening to real people. Asks nobody; reads settings, keys and the files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime

import msgspec

from bot.app.channels import is_decided
from bot.app.connecting import Here
from bot.app.doctor.keys import BY_TIMER
from bot.app.doctor.machine import modes_of
from bot.app.nature import system_clock
from bot.app.standing import ZONE
from bot.errors import ContentError, KeyringError
from bot.flow.definition import Bundle
from bot.flow.directory import Directory
from bot.flow.signoff import missing
from bot.privacy.turning import BOUND
from bot.services.revisions import compile_files
from bot.store.keyfile import read_keyring

FILES = "files"
"""How what has no language is grouped."""


class LaunchItem(msgspec.Struct, frozen=True):
    """One thing that is still to be done before people may be let in, and by whom."""

    area: str
    what: str
    mend: str


def launch_items(here: Here) -> list[LaunchItem]:
    """Everything that is left, in the order in which a centre would take it up."""
    items = [*_settings(here), *_keys(here)]
    try:
        content = compile_files(here.files())
    except ContentError as error:
        found = f"flows/, messages/ or the city pack have {len(error.issues)} errors."
        return [*items, LaunchItem("content", found, "Mend what `engawa check` says.")]
    today = datetime.fromtimestamp(system_clock() / 1_000, ZONE).date()
    items += [*_policies(content.bundle), *_signatures(content.bundle)]
    return [*items, *_places(content.directory, today)]


def _settings(here: Here) -> Iterator[LaunchItem]:
    settings = here.settings
    if settings.server.debug:
        what = "server.debug is on: it shows what people wrote."
        yield LaunchItem("settings", what, "Unset ENGAWA__SERVER__DEBUG.")
    if not settings.room.url.startswith("https://"):
        what = "The room has no https address."
        yield LaunchItem("settings", what, "Get a name with TLS and set room.url.")
    for name, platform, _ in modes_of(here):
        if platform.mode not in ("", "door_only") and not is_decided(platform):
            what = f"{name} is {platform.mode} without the city's decision."
            mend = f"Write {name}.decision (who, when, reference), or choose door_only."
            yield LaunchItem("settings", what, mend)


def _keys(here: Here) -> Iterator[LaunchItem]:
    if not here.secrets.key_file:
        mend = "Make a keyring with `engawa keys new FILE` and set ENGAWA_KEY_FILE."
        yield LaunchItem("keys", "There is no keyring.", mend)
        return
    try:
        keyring = read_keyring(here.secrets.key_file)
    except KeyringError as error:
        yield LaunchItem("keys", str(error), "")
        return
    if keyring.demo:
        mend = "Make a real keyring with `engawa keys new FILE`."
        yield LaunchItem("keys", "The key file holds demo keys.", mend)
    elif system_clock() - keyring.current.since > BOUND:  # unknown counts as long ago
        what = "The keys are not turned by a timer; people are told that backups die in 14 days."
        yield LaunchItem("keys", what, BY_TIMER)


def _policies(bundle: Bundle) -> Iterator[LaunchItem]:
    if not bundle.city.policies:
        mend = "Write one with `engawa new-city`."
        yield LaunchItem("policies", "There is no city pack: nothing is decided.", mend)
    for policy in bundle.city.policies:
        if not policy.decided:
            question = policy.question.get("ja") or next(iter(policy.question.values()), "")
            mend = f"Decide it and write who and when: {policy.place.file}:{policy.place.line}."
            yield LaunchItem("policies", f"{policy.id}: {question}", mend)


def _signatures(bundle: Bundle) -> Iterator[LaunchItem]:
    groups: dict[tuple[str, bool, str, str], list[str]] = defaultdict(list)
    for each in missing(bundle):
        groups[each.role, each.physician, each.why, each.language].append(each.key)
    alike: dict[tuple[str, bool, str, tuple[str, ...]], list[str]] = defaultdict(list)
    for (role, physician, why, language), keys in groups.items():
        alike[role, physician, why, tuple(keys)].append(language or FILES)
    for (role, physician, why, same), languages in sorted(alike.items()):
        whose = f"{role} (a physician)" if physician else role
        how = "never signed" if why == "never" else "changed since they were signed"
        what = f"{whose}, {', '.join(languages)}: {len(same)} {how}: {_by_file(same)}"
        yield LaunchItem("signatures", what, "Have them read; write it to city/approvals.yaml.")


def _by_file(keys: Iterable[str]) -> str:
    """`crisis.a, crisis.b, help.c` as «crisis: a, b; help: c»; files as they are."""
    names: dict[str, list[str]] = defaultdict(list)
    for key in keys:
        file, _, name = ("", "", key) if "/" in key else key.rpartition(".")
        names[file].append(name)
    return "; ".join(
        f"{file}: {', '.join(found)}" if file else ", ".join(found) for file, found in names.items()
    )


def _places(directory: Directory, today: date) -> Iterator[LaunchItem]:
    for entry in directory.entries:
        if entry.trusted(today):
            continue
        name = entry.names.get("ja", entry.id)
        since = f", last on {entry.verified_on}" if entry.verified_on else ""
        what = f"{entry.id} ({name}) is not verified{since}; people are not told it."
        # Its number is not printed: what nobody verified is read where it stands, and called.
        way = "Call" if entry.phone else "Look"
        mend = f"{way}, then enter the day in directory.yaml, the city's or the common one."
        yield LaunchItem("places", what, mend)
