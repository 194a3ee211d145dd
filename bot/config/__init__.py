"""config.toml and the environment, as frozen settings. Imports bot.errors only."""

from bot.config.reading import read_settings
from bot.config.secrets import Secrets, read_secrets
from bot.config.settings import Settings
from bot.config.table import environment_table, settings_table

__all__ = [
    "Secrets",
    "Settings",
    "environment_table",
    "read_secrets",
    "read_settings",
    "settings_table",
]
