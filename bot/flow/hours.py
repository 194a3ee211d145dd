"""Opening hours as one pure type, for guards, queues and directory alike. Imports errors only.

Times are UTC milliseconds outside and wall-clock minutes of the hours' own zone inside.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from bot.errors import ConfigurationError

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DEFAULT_ZONE = "Asia/Tokyo"

Span = tuple[int, int]
"""Minutes from midnight; the end is above 1440 where the span runs into the next day."""

_DAY_MINUTES = 1440
_SPAN = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-4]):([0-5][0-9])\Z")
# Long enough for any yearly pattern; hours without an opening in it are never open.
_SEARCH_DAYS = 400


class Hours(msgspec.Struct, frozen=True):
    """A weekly pattern (`week[0]` is Monday) and what overrides it.

    `holidays` holds on Japanese public holidays (None: as on any day), `exceptions` by date win
    over both.
    """

    week: tuple[tuple[Span, ...], ...]
    holidays: tuple[Span, ...] | None = None
    exceptions: Mapping[date, tuple[Span, ...]] = {}
    zone: str = DEFAULT_ZONE


def is_open(hours: Hours, now_ms: int) -> bool:
    """Whether it is open at `now_ms`; the end of a span is already closed."""
    moment = _local(hours, now_ms)
    minute = moment.hour * 60 + moment.minute
    today = moment.date()
    yesterday = today - timedelta(days=1)
    return any(start <= minute < end for start, end in _spans_on(hours, today)) or any(
        minute < end - _DAY_MINUTES for _, end in _spans_on(hours, yesterday)
    )


def next_opening(hours: Hours, now_ms: int) -> int | None:
    """The next moment (UTC ms) at which it opens.

    `now_ms` itself while it is open, None if it never opens.
    """
    if is_open(hours, now_ms):
        return now_ms
    zone = _zone(hours.zone)
    today = _local(hours, now_ms).date()
    for day in (today + timedelta(days=ahead) for ahead in range(_SEARCH_DAYS)):
        for start, _ in sorted(_spans_on(hours, day)):
            moment = datetime.combine(day, time(start // 60, start % 60), zone)
            opens = int(moment.timestamp()) * 1000
            if opens > now_ms:
                return opens
    return None


def parse_hours(shape: Mapping[str, object], where: str = "hours") -> Hours:
    """Hours out of config's shape; raises ConfigurationError that names `where`.

    `mon` … `sun` are lists of spans such as "09:00-17:00" (left out: closed), `holidays` is
    "closed", "open" or such a list, `exceptions` maps a date to such a list, `zone` names a zone.
    """
    for key in shape:
        if key not in (*DAYS, "holidays", "exceptions", "zone"):
            raise ConfigurationError(
                f"{where} has no key «{key}». It may have {', '.join(DAYS)}, holidays, "
                "exceptions, zone."
            )
    week = tuple(_parse_day(shape.get(day, []), f"{where}.{day}") for day in DAYS)
    holidays = shape.get("holidays", "open")
    zone = shape.get("zone", DEFAULT_ZONE)
    return Hours(
        week,
        _parse_holidays(holidays, f"{where}.holidays"),
        _parse_exceptions(shape.get("exceptions", {}), f"{where}.exceptions"),
        _check_zone(zone, f"{where}.zone"),
    )


def is_holiday(day: date) -> bool:
    """Whether the day is a public holiday in Japan."""
    return day in _holidays(day.year)


def _local(hours: Hours, now_ms: int) -> datetime:
    return datetime.fromtimestamp(now_ms / 1000, _zone(hours.zone))


@lru_cache(maxsize=8)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@lru_cache(maxsize=64)
def _holidays(year: int) -> frozenset[date]:
    # Imported here: the package takes longer to import than a turn takes.
    import holidays

    return frozenset(holidays.country_holidays("JP", years=year))


def _spans_on(hours: Hours, day: date) -> tuple[Span, ...]:
    exception = hours.exceptions.get(day)
    if exception is not None:
        return exception
    if hours.holidays is not None and is_holiday(day):
        return hours.holidays
    return hours.week[day.weekday()]


def _parse_day(node: object, where: str) -> tuple[Span, ...]:
    if not isinstance(node, list):
        raise ConfigurationError(
            f'{where} is {node!r}. Expected a list such as ["09:00-12:00", "13:00-17:00"]; '
            "[] is closed."
        )
    return tuple(sorted(_parse_span(item, where) for item in node))


def _parse_span(node: object, where: str) -> Span:
    found = _SPAN.match(node) if isinstance(node, str) else None
    if found is None:
        raise ConfigurationError(f'{where} holds {node!r}. Expected a span such as "09:00-17:00".')
    start = int(found[1]) * 60 + int(found[2])
    end = int(found[3]) * 60 + int(found[4])
    if end > _DAY_MINUTES or start == end:
        raise ConfigurationError(
            f"{where} holds {node!r}. A span ends by 24:00 and is not empty; all day is "
            '"00:00-24:00".'
        )
    return (start, end if end > start else end + _DAY_MINUTES)


def _parse_holidays(node: object, where: str) -> tuple[Span, ...] | None:
    if node == "open":
        return None
    return () if node == "closed" else _parse_day(node, where)


def _parse_exceptions(node: object, where: str) -> dict[date, tuple[Span, ...]]:
    if not isinstance(node, Mapping):
        raise ConfigurationError(f'{where} is {node!r}. Expected {{"2026-12-29" = []}}.')
    return dict(_exceptions(node, where))


def _exceptions(
    node: Mapping[object, object], where: str
) -> Iterator[tuple[date, tuple[Span, ...]]]:
    for key, value in node.items():
        try:
            day = date.fromisoformat(str(key))
        except ValueError as error:
            raise ConfigurationError(
                f"{where} names {key!r}. Expected a date such as 2026-12-29."
            ) from error
        yield day, _parse_day(value, f"{where}.{day}")


def _check_zone(node: object, where: str) -> str:
    try:
        return _zone(str(node)).key
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ConfigurationError(
            f"{where} is {node!r}. Expected a zone such as {DEFAULT_ZONE}; on a system without "
            "zone data, install the package tzdata."
        ) from error
