"""Marks of codes: different things, different marks; nothing of them can be read back."""

from bot.privacy.codes import door_mark, return_mark, tries_key

KEY = b"k" * 32


def test_each_code_has_a_mark_of_its_own() -> None:
    """Other words, another order, another key and another kind of code give another mark."""
    marks = {
        return_mark(KEY, (1, 2, 3, 4)),
        return_mark(KEY, (4, 3, 2, 1)),
        return_mark(KEY, (12, 3, 4, 5)),
        return_mark(KEY, (1, 23, 4, 5)),
        return_mark(b"o" * 32, (1, 2, 3, 4)),
        door_mark(KEY, "1.2.3.4"),
        door_mark(KEY, "\ud800"),
    }
    assert len(marks) == 7
    assert {len(mark) for mark in marks} == {32}


def test_tries_are_counted_apart() -> None:
    """One address's tries are not another's, and not everybody's."""
    keys = {tries_key(KEY, "all"), tries_key(KEY, "one", b"a"), tries_key(KEY, "one", b"b")}
    assert len(keys) == 3
