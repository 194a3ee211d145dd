"""Quiet hours: a stretch of every day in which nothing speaks up by itself. Pure.

Times are UTC milliseconds outside and wall-clock minutes of Japan inside, which has no summer time.
Imports errors and this room's hours.
"""

from __future__ import annotations

import msgspec

from bot.errors import ConfigurationError
from bot.flow.hours import parse_hours

_MINUTE = 60_000
_DAY = 1_440
_JAPAN = 9 * 60


class Quiet(msgspec.Struct, frozen=True):
    """The same stretch every day, in minutes from midnight; `end` is above 1440 where it runs into
    the next day. Of no length: never quiet.
    """

    start: int = 0
    end: int = 0


NEVER_QUIET = Quiet()


def parse_quiet(span: str, where: str = "room.quiet") -> Quiet:
    """Quiet hours out of "22:00-07:00" (over midnight too); "" is never.

    Raises ConfigurationError that names `where`.
    """
    if not span.strip():
        return NEVER_QUIET
    try:
        hours = parse_hours({"mon": [span.strip()]}, where)
    except ConfigurationError as error:
        raise ConfigurationError(
            f'{where} is {span!r}. Expected a stretch such as "22:00-07:00"; "" is never.'
        ) from error
    return Quiet(*hours.week[0][0])


def quiet_until(quiet: Quiet, now: int) -> int:
    """When it is loud again (UTC ms); `now` itself where it is not quiet."""
    minute = now // _MINUTE
    of_day = (minute + _JAPAN) % _DAY
    for passed in (of_day, of_day + _DAY):
        if quiet.start <= passed < quiet.end:
            return (minute + quiet.end - passed) * _MINUTE
    return now


def is_quiet(quiet: Quiet, now: int) -> bool:
    """Whether nobody is to be disturbed at `now`; the end of the stretch is loud again."""
    return quiet_until(quiet, now) > now
