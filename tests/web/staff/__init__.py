"""Tests of the staff pages: real services over a store in memory, clock and chance stand still."""
