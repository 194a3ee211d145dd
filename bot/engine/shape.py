"""Where a session stands, without what was told. Imports the engine's own data only."""

from __future__ import annotations

from bot.engine.session import Session


def shape(session: Session) -> str:
    """The session without what was told: its status, its states and the names of its answers.

    Two sessions of one shape behave alike after a new revision; services turn it into a keyed code.
    """
    frames = (f"{f.flow}.{f.state}({','.join(sorted(f.answers))})" for f in session.stack)
    return f"{session.status}:{'>'.join(frames)}"
