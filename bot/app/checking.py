"""What `engawa check` does: the same reading as publishing, without publishing."""

from __future__ import annotations

from pathlib import Path

from bot.app.content import read_content
from bot.app.here import home, settings_here
from bot.services.revisions import compile_files


def check(directory: Path | None) -> str:
    """One line about content that could be published; raises ContentError, ConfigurationError."""
    content = settings_here().content
    root = directory or home() / content.directory
    bundle = compile_files(read_content(root, content.city)).bundle
    states = sum(len(flow.states) for flow in bundle.flows.values())
    return (
        f"{len(bundle.flows)} flows, {states} states, "
        f"{len(bundle.messages.texts[bundle.messages.source_language])} messages in "
        f"{', '.join(bundle.messages.languages)}; revision {bundle.revision[:12]}"
    )
