"""Engawa (縁側): an anonymous first contact, on LINE, on Telegram, in a web room, in a terminal."""

__version__ = "0.1.0"
