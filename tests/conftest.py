"""What every test run may be told: `--update` rewrites the expectations of conversation files."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update",
        action="store_true",
        help="rewrite says, state and events in tests/conversations/*.yaml to what happened",
    )
