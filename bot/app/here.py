"""Where this process stands: its folder, its settings, its content, its key file's neighbours.

Apart from serving, so that small commands don't wait for a web server's imports.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from bot.app.content import read_content
from bot.config import Settings, read_settings

CONFIG = "config.toml"
DEMO_KEY = Path("var/demo-keyring.json")
LEDGER_SUFFIX = ".erased"


def home() -> Path:
    """Where config.toml stands: ENGAWA_HOME, else the working directory."""
    return Path(os.environ.get("ENGAWA_HOME", "."))


def settings_here() -> Settings:
    """The settings of this environment."""
    return read_settings(home() / CONFIG, os.environ)


def content_here() -> Mapping[str, bytes]:
    """The working copy of this environment with its city pack, as raw files."""
    content = settings_here().content
    return read_content(home() / content.directory, content.city)
