"""A city's settings stand over config.toml and under the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import read_settings
from bot.errors import ConfigurationError


def laid(folder: Path, city: str, config: str = "", pack: str = "city") -> Path:
    """A config.toml and a city pack beside it."""
    file = folder / "config.toml"
    file.write_text(config, encoding="utf-8")
    (folder / pack).mkdir()
    (folder / pack / "city.toml").write_text(city, encoding="utf-8")
    return file


def test_the_city_wins_over_the_file(tmp_path: Path) -> None:
    """What the pack sets counts; what it leaves out comes from config.toml."""
    file = laid(
        tmp_path, '[room]\ntitle = "市"\n', '[room]\ntitle = "縁側"\nneutral_name = "本棚"\n'
    )
    room = read_settings(file, {}).room
    assert (room.title, room.neutral_name) == ("市", "本棚")


def test_the_environment_wins_over_the_city(tmp_path: Path) -> None:
    """A variable of the environment has the last word."""
    file = laid(tmp_path, '[line]\nmode = "full"\n')
    assert read_settings(file, {"ENGAWA__LINE__MODE": "door_only"}).line.mode == "door_only"


def test_a_pack_in_another_folder(tmp_path: Path) -> None:
    """`content.city` names the pack, in the file or in the environment; empty means none."""
    file = laid(tmp_path, '[city]\nname = "別の市"\n', '[content]\ncity = "packs"\n', "packs")
    assert read_settings(file, {}).city.name == "別の市"
    assert read_settings(file, {"ENGAWA__CONTENT__CITY": ""}).city.name == ""


def test_a_queue_is_taken_whole(tmp_path: Path) -> None:
    """The city's hours of a queue replace the common ones; other queues stay."""
    file = laid(
        tmp_path,
        '[hours.counselors]\ntue = ["10:00-12:00"]\n',
        '[hours.counselors]\nmon = ["09:00-12:00"]\n[hours.night]\nfri = ["20:00-22:00"]\n',
    )
    hours = read_settings(file, {}).hours
    assert hours == {
        "counselors": {"tue": ["10:00-12:00"]},
        "night": {"fri": ["20:00-22:00"]},
    }


@pytest.mark.parametrize(
    ("city", "said"),
    [
        pytest.param('[line]\nmode = "ful"\n', "city/city.toml: line.mode: 'ful'", id="value"),
        pytest.param("[room]\ncolour = 1\n", "city/city.toml: room: there is no setting", id="key"),
        pytest.param(
            "[rum]\ntitle = 1\n", "city/city.toml: the settings: there is no", id="section"
        ),
        pytest.param("room = 1\n", "city/city.toml: room: expected a section", id="no section"),
        pytest.param("[room\n", "city/city.toml is not a TOML file", id="broken"),
        pytest.param(
            "[retention]\nmessages = 400\n",
            "city/city.toml: retention.messages: expected at most 90",
            id="hard maximum",
        ),
        pytest.param(
            '[database]\nurl = "x"\n',
            "city/city.toml: database: a city pack can't set this",
            id="of the machine",
        ),
    ],
)
def test_refusals_name_the_pack(tmp_path: Path, city: str, said: str) -> None:
    """What is wrong in the pack is told with its file and key."""
    file = laid(tmp_path, city)
    with pytest.raises(ConfigurationError) as refused:
        read_settings(file, {})
    assert said in str(refused.value)


def test_a_fault_of_the_file_is_not_put_on_the_city(tmp_path: Path) -> None:
    """A wrong value in config.toml is told as that, also with a pack over it."""
    file = laid(tmp_path, '[room]\ntitle = "市"\n', "[server]\nport = 'x'\n")
    with pytest.raises(ConfigurationError, match=r"config\.toml: server\.port"):
        read_settings(file, {})
