"""When a platform may take more than a door: what counts as the city's recorded decision."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.app.channels import check_modes, is_decided, modes_of
from bot.config import Secrets, Settings, read_settings
from bot.errors import ConfigurationError

ON = Secrets("secret", "token", "1:telegram", "secret", "")
TABLE = {"who": "所長", "when": "2026-11-01", "reference": "第12号"}
TEXT = "所長、令和8年11月1日、第12号"


def read(folder: Path, config: str = "", city: str = "", **environment: str) -> Settings:
    """Settings of a config.toml and a city pack with these texts, under this environment."""
    (folder / "config.toml").write_text(config, encoding="utf-8")
    (folder / "city").mkdir()
    (folder / "city" / "city.toml").write_text(city, encoding="utf-8")
    return read_settings(folder / "config.toml", environment)


def toml(name: str, decision: str) -> str:
    """A section in which this platform is full, by this decision."""
    return f'[{name}]\nmode = "full"\ndecision = {decision}\n'


@pytest.mark.parametrize("name", ["line", "telegram"])
@pytest.mark.parametrize("form", ["text", "table", "JSON", "city", "three variables"])
def test_every_form_of_a_decision_is_accepted(tmp_path: Path, name: str, form: str) -> None:
    """As a text or a table, in config.toml, in the city pack or in the environment."""
    table = "{" + ", ".join(f'{key} = "{value}"' for key, value in TABLE.items()) + "}"
    prefix = f"ENGAWA__{name.upper()}__"
    full = {f"{prefix}MODE": "full"}
    parts = {f"{prefix}DECISION__{key.upper()}": value for key, value in TABLE.items()}
    settings = {
        "text": lambda: read(tmp_path, toml(name, f'"{TEXT}"')),
        "table": lambda: read(tmp_path, toml(name, table)),
        "city": lambda: read(tmp_path, "", toml(name, table)),
        "JSON": lambda: read(tmp_path, **full, **{f"{prefix}DECISION": json.dumps(TABLE)}),
        "three variables": lambda: read(tmp_path, **full, **parts),
    }[form]()
    check_modes(settings, ON)
    assert modes_of(settings, demo=False)[name] == "full"


@pytest.mark.parametrize("name", ["line", "telegram"])
@pytest.mark.parametrize(
    ("decision", "accepted"),
    [
        pytest.param("Head of the centre, 2026-11-01, No. 12", True, id="who, when, where"),
        pytest.param("No. 12; R8.11.1; head", True, id="in another order"),
        pytest.param("所長　令和八年十一月一日　第十二号", True, id="numbers in kanji"),
        pytest.param("所長\n２０２６年１１月１日\n第１２号", True, id="line by line, full width"),
        pytest.param("", False, id="nothing"),
        pytest.param("yes", False, id="yes"),
        pytest.param("yes, yes, yes", False, id="three times yes"),
        pytest.param("2026-11-01", False, id="a date alone"),
        pytest.param("Head of the centre, 2026-11-01", False, id="no reference"),
        pytest.param(" , 2026-11-01, ", False, id="commas"),
        pytest.param({"who": "Head", "when": "2026-11-01"}, False, id="a table without reference"),
        pytest.param(
            {"who": "Head", "when": "yes", "reference": "x"}, False, id="a table without a date"
        ),
        pytest.param(
            {"who": " ", "when": "2026-11-01", "reference": "x"}, False, id="a table of nobody"
        ),
        pytest.param(TABLE, True, id="a table"),
    ],
)
def test_what_a_decision_says(
    tmp_path: Path, name: str, decision: str | dict[str, str], accepted: bool
) -> None:
    """Who, when and where it is written, one of them a date; less is refused with an example."""
    given = decision if isinstance(decision, str) else json.dumps(decision)
    prefix = f"ENGAWA__{name.upper()}__"
    settings = read(tmp_path, **{f"{prefix}MODE": "buttons_only", f"{prefix}DECISION": given})
    assert is_decided(getattr(settings, name)) is accepted
    if accepted:
        check_modes(settings, ON)
        return
    with pytest.raises(ConfigurationError, match=rf"^{name}\.mode is buttons_only, .*No\. 12"):
        check_modes(settings, ON)


@pytest.mark.parametrize("given", ["true", "12", "[]", '{"who": 1}', '{"whom": "x"}'])
def test_a_decision_of_another_shape_is_named(tmp_path: Path, given: str) -> None:
    """A switch, a number, a list or a wrong key is refused by the variable's name."""
    with pytest.raises(ConfigurationError, match=r"^ENGAWA__LINE__DECISION \(environment\): line"):
        read(tmp_path, **{"ENGAWA__LINE__DECISION": given})


def test_the_strictest_needs_no_decision(tmp_path: Path) -> None:
    """Unset, a platform is a door outside the demo; one that is off is not asked about."""
    assert modes_of(read(tmp_path), demo=False) == dict.fromkeys(("line", "telegram"), "door_only")
    check_modes(read_settings(tmp_path / "config.toml", {}), ON)
    off = {"ENGAWA__LINE__MODE": "full", "ENGAWA__TELEGRAM__MODE": "full"}
    check_modes(read_settings(tmp_path / "config.toml", off), Secrets("", "", "", "", ""))
