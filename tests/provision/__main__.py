"""`python -m tests.provision`: makes sure that there is a browser, and says which one it is."""

import sys

from tests.provision import CannotProvide, provide, provide_checkers


def _say(line: str) -> None:
    print(f"      {line}", flush=True)


def main() -> int:
    """Provide the browser; 1 and one sentence where that cannot be done."""
    try:
        browser = provide(say=_say)
        provide_checkers(say=_say)
    except CannotProvide as error:
        print(error, file=sys.stderr)
        return 1
    print(f"      {browser.version}, Japanese font: {browser.font}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
