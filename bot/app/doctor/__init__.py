"""Doctor: looks at everything this service stands on and changes nothing. `--launch` lists what
still forbids opening.
"""

from bot.app.doctor.launch import LaunchItem, launch_items
from bot.app.doctor.rounds import examine

__all__ = ["LaunchItem", "examine", "launch_items"]
