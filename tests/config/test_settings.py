"""Settings: one file, overridden by the environment; every refusal names its key and its origin."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import (
    Settings,
    environment_table,
    read_secrets,
    read_settings,
    settings_table,
)
from bot.errors import ConfigurationError


def written(folder: Path, text: str) -> Path:
    """A config.toml with this text."""
    file = folder / "config.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_no_file_means_all_defaults(tmp_path: Path) -> None:
    """A missing config.toml gives the defaults."""
    assert read_settings(tmp_path / "config.toml", {}) == Settings()


def test_the_shipped_file_is_accepted(pytestconfig: pytest.Config) -> None:
    """The config.toml of the repository reads without complaint."""
    settings = read_settings(pytestconfig.rootpath / "config.toml", {})
    assert settings.hours["counselors"]["holidays"] == "closed"


@pytest.mark.parametrize(
    ("environment", "section", "key", "value"),
    [
        pytest.param({"PORT": "9001"}, "server", "port", 9001, id="short name"),
        pytest.param({"HOST": "0.0.0.0"}, "server", "host", "0.0.0.0", id="an address stays text"),
        pytest.param(
            {"ENGAWA__SESSION__LIFE_DAYS": "3"}, "session", "life_days", 3, id="section and key"
        ),
        pytest.param({"ENGAWA__SERVER__DEBUG": "true"}, "server", "debug", True, id="a switch"),
        pytest.param(
            {"DATABASE_URL": "sqlite:////tmp/x.db"},
            "database",
            "url",
            "sqlite:////tmp/x.db",
            id="database",
        ),
    ],
)
def test_the_environment_overrides_the_file(
    tmp_path: Path, environment: dict[str, str], section: str, key: str, value: object
) -> None:
    """A variable of the environment wins over config.toml."""
    file = written(tmp_path, "[server]\nport = 8000\n[session]\nlife_days = 7\n")
    assert getattr(getattr(read_settings(file, environment), section), key) == value


@pytest.mark.parametrize(
    ("text", "environment", "said"),
    [
        pytest.param(
            "",
            {"PORT": "abc"},
            "server.port: expected a whole number, got a text",
            id="env",
        ),
        pytest.param("[server]\nprot = 1\n", {}, "server: there is no setting `prot`", id="typo"),
        pytest.param(
            "[retention]\nmessages = 400\n",
            {},
            "retention.messages: expected at most 90",
            id="max",
        ),
        pytest.param(
            "",
            {"ENGAWA__FOO__BAR": "1"},
            "ENGAWA__FOO__BAR (environment): the settings: there is no setting `foo`",
            id="a section of its own",
        ),
        pytest.param(
            "",
            {"ENGAWA__LINE__MODE": "half"},
            "ENGAWA__LINE__MODE (environment): line.mode: 'half' is none of the words",
            id="no such word",
        ),
        pytest.param("[server\n", {}, "is not a TOML file", id="broken file"),
        pytest.param(
            "server = 1\n", {"PORT": "1"}, "reaches below 'server'", id="override below a value"
        ),
    ],
)
def test_a_wrong_setting_is_refused_by_name(
    tmp_path: Path, text: str, environment: dict[str, str], said: str
) -> None:
    """A refusal names the file or variable, the key and what was expected."""
    with pytest.raises(ConfigurationError) as refusal:
        read_settings(written(tmp_path, text), environment)
    assert said in str(refusal.value)


def test_a_secret_may_stand_in_a_file_that_the_environment_names(tmp_path: Path) -> None:
    """NAME_FILE is read where NAME is not wanted in the environment."""
    file = tmp_path / "secret"
    file.write_text("s3cret\n", encoding="utf-8")
    secrets = read_secrets(
        {"LINE_CHANNEL_SECRET_FILE": str(file), "LINE_CHANNEL_ACCESS_TOKEN": "token"}
    )
    assert secrets.line_secret == "s3cret"
    assert secrets.line


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ("LINE_CHANNEL_SECRET", "LINE_CHANNEL_ACCESS_TOKEN"),
        ("LINE_CHANNEL_ACCESS_TOKEN", "LINE_CHANNEL_SECRET"),
        ("TELEGRAM_BOT_TOKEN", "TELEGRAM_WEBHOOK_SECRET"),
        ("TELEGRAM_WEBHOOK_SECRET", "TELEGRAM_BOT_TOKEN"),
    ],
)
def test_half_a_pair_of_secrets_is_refused(given: str, missing: str) -> None:
    """A channel with one secret of two does not start half; the missing one is named."""
    with pytest.raises(ConfigurationError, match=f"{missing} is missing"):
        read_secrets({given: "x"})


@pytest.mark.parametrize("secret", ["two words", "花", "s" * 257])
def test_a_secret_that_telegram_would_refuse(secret: str) -> None:
    """Refused before Telegram does, without printing it."""
    given = {"TELEGRAM_BOT_TOKEN": "1:x", "TELEGRAM_WEBHOOK_SECRET": secret}
    with pytest.raises(ConfigurationError, match="1 to 256 letters") as refusal:
        read_secrets(given)
    assert secret not in str(refusal.value)


def test_an_unreadable_secret_file_is_refused(tmp_path: Path) -> None:
    """A file that isn't there is named in the refusal."""
    with pytest.raises(ConfigurationError, match="LINE_CHANNEL_SECRET_FILE names"):
        read_secrets({"LINE_CHANNEL_SECRET_FILE": str(tmp_path / "no")})


def test_secrets_never_show_in_a_repr() -> None:
    """Printing the secrets shows which are given, not what they are."""
    secrets = read_secrets({"LINE_CHANNEL_SECRET": "canary", "LINE_CHANNEL_ACCESS_TOKEN": "canary"})
    assert "canary" not in repr(secrets)
    assert "line_secret" in repr(secrets)


def test_the_tables_name_every_setting_with_its_purpose() -> None:
    """No setting is undocumented."""
    rows = settings_table().splitlines()[2:]
    assert all(row.count("|") == 4 and not row.endswith("|  |") for row in rows)
    assert "`server.port`" in settings_table()
    assert "`ENGAWA_KEY_FILE`" in environment_table()
