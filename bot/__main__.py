"""`python -m bot` is the command `engawa`; imports nothing but the command line."""

import sys

from bot.cli import main

if __name__ == "__main__":
    sys.exit(main())
