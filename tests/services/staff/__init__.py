"""Tests of the staff services."""
