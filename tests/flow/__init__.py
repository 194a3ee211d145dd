"""Tests of bot/flow."""
