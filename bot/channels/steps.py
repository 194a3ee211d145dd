"""What connecting and disconnecting tell, one line for each step. Imports nothing of ours."""

from __future__ import annotations

from typing import Literal, NamedTuple

StepState = Literal["done", "same", "note", "refused"]


class Step(NamedTuple):
    """One thing that was done, stood so already, is worth knowing, or was refused."""

    state: StepState
    text: str
