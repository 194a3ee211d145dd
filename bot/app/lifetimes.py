"""How long rows live, from the settings: longer than the default only with the city's reason."""

from __future__ import annotations

from bot.config import Settings
from bot.config.settings import RetentionDays
from bot.errors import ConfigurationError
from bot.services.ports import Retention

DAY = 86_400_000


def retention_of(settings: Settings) -> Retention:
    """How long rows live; raises ConfigurationError for longer than the default without a reason.

    The hard maxima are refused where the settings are read.
    """
    days, default = settings.retention, RetentionDays()
    names = Retention.__struct_fields__
    longer = [name for name in names if getattr(days, name) > getattr(default, name)]
    if longer and not days.reason.strip():
        name = longer[0]
        raise ConfigurationError(
            f"retention.{name} is {getattr(days, name)} days, longer than the default of "
            f"{getattr(default, name)}, and retention.reason is empty. Say there why the city "
            "keeps it longer, or keep it no longer."
        )
    return Retention(**{name: getattr(days, name) * DAY for name in names})
