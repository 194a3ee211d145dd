"""What a city has decided about its platforms, as an environment."""

DECISION = "Head of the centre, 2026-11-01, No. 12"


def decided(mode: str = "full") -> dict[str, str]:
    """An environment in which both platforms may take what `mode` says."""
    return {
        "ENGAWA__LINE__MODE": mode,
        "ENGAWA__LINE__DECISION": DECISION,
        "ENGAWA__TELEGRAM__MODE": mode,
        "ENGAWA__TELEGRAM__DECISION": DECISION,
    }
