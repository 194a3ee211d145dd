"""What the browser tests need and a bare machine lacks: a Chromium and a Japanese font.

`python -m tests.provision` fetches them once into `.cache/`; `provide()` hands them out.
"""

from tests.provision.browser import Browser, CannotProvide, provide

__all__ = ["Browser", "CannotProvide", "provide"]
