"""What the browser tests need and a bare machine lacks: a Chromium, a Japanese font, and axe-core.

`python -m tests.provision` fetches them once into `.cache/`; `provide()` and `provide_checkers()`
hand them out.
"""

from tests.provision.browser import Browser, CannotProvide, provide
from tests.provision.checkers import Checkers, provide_checkers

__all__ = ["Browser", "CannotProvide", "Checkers", "provide", "provide_checkers"]
