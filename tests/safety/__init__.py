"""Tests of bot/safety."""
