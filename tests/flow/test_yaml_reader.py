"""What the YAML reader gives and refuses."""

import pytest

from bot.errors import ContentError, Place
from bot.flow.nodes import Listing, Scalar, Table
from bot.flow.yaml_reader import MAX_BYTES, read_yaml


def _issue(data: bytes) -> tuple[str, int, int]:
    with pytest.raises(ContentError) as caught:
        read_yaml("x.yaml", data)
    issue = caught.value.issues[0]
    return issue.code, issue.place.line, issue.place.column


def _scalar(text: str) -> Scalar:
    node = read_yaml("x.yaml", f"a: {text}\n".encode())
    assert isinstance(node, Table)
    value = node.get("a")
    assert isinstance(value, Scalar)
    return value


def test_every_part_knows_its_place() -> None:
    """Keys, values and items carry file, line and column, counted from one, in characters."""
    node = read_yaml("flows/a.yaml", "縁側: [あ, {い: う}]\n".encode())
    assert isinstance(node, Table)
    assert node.key("縁側").place == Place("flows/a.yaml", 1, 1)
    value = node.get("縁側")
    assert isinstance(value, Listing)
    first, second = value
    assert first.place == Place("flows/a.yaml", 1, 6)
    assert isinstance(second, Table)
    inner = second.get("い")
    assert inner is not None
    assert inner.place == Place("flows/a.yaml", 1, 13)


@pytest.mark.parametrize(
    ("text", "integer", "flag", "empty"),
    [
        pytest.param("12", 12, None, False, id="a number"),
        pytest.param("-3", -3, None, False, id="a negative number"),
        pytest.param("0", 0, None, False, id="zero"),
        pytest.param("012", None, None, False, id="a leading zero is a word"),
        pytest.param("22:30", None, None, False, id="a time of day is a word"),
        pytest.param("0x1f", None, None, False, id="hexadecimal is a word"),
        pytest.param("1_000", None, None, False, id="underscores make a word"),
        pytest.param("'12'", None, None, False, id="quotes make a word"),
        pytest.param("on", None, None, False, id="on is a word"),
        pytest.param("no", None, None, False, id="no is a word"),
        pytest.param("true", None, True, False, id="true"),
        pytest.param("false", None, False, False, id="false"),
        pytest.param("'true'", None, None, False, id="quoted true is a word"),
        pytest.param("", None, None, True, id="nothing"),
        pytest.param("null", None, None, True, id="null"),
        pytest.param("''", None, None, False, id="an empty text is a text"),
    ],
)
def test_scalars_follow_yaml_1_2(
    text: str, integer: int | None, flag: bool | None, empty: bool
) -> None:
    """Only plain decimal numbers, true, false and null mean more than their letters."""
    found = _scalar(text)
    assert (found.integer, found.flag, found.empty) == (integer, flag, empty)


@pytest.mark.parametrize(
    ("data", "issue"),
    [
        pytest.param(b"a:\n\tb: 1\n", ("tab", 2, 1), id="tab"),
        pytest.param(b"a: 1\nb: 2\na: 3\n", ("duplicate-key", 3, 1), id="duplicate key"),
        pytest.param(b"a: &x 1\n", ("anchor", 1, 4), id="anchor"),
        pytest.param(b"a: *x\n", ("alias", 1, 4), id="alias"),
        pytest.param(b"a: !b c\n", ("tag", 1, 4), id="tag"),
        pytest.param(b"a: 1\n---\nb: 2\n", ("second-document", 2, 1), id="second document"),
        pytest.param(b"a: \x00\n", ("control-character", 1, 4), id="NUL"),
        pytest.param("a: 1\nb: \u2028\n".encode(), ("control-character", 2, 4), id="U+2028"),
        pytest.param(b"a: [1\n", ("syntax", 2, 1), id="bracket left open"),
        pytest.param(b"a: 1\n b: 2\n", ("syntax", 2, 3), id="indentation"),
        pytest.param(b"a: \xff\n", ("not-utf-8", 1, 4), id="broken UTF-8"),
        pytest.param(b"a: 1\nb: \xed\xa0\x80\n", ("not-utf-8", 2, 4), id="encoded surrogate"),
        pytest.param(b"x" * (MAX_BYTES + 1), ("too-large", 1, 1), id="too large"),
        pytest.param(b"%YAML 9.9\n---\na: 1\n", ("syntax", 1, 1), id="unknown YAML version"),
    ],
)
def test_what_editors_should_not_write_is_refused(data: bytes, issue: tuple[str, int, int]) -> None:
    """Each forbidden thing is refused with a code and the exact line and column."""
    assert _issue(data) == issue


@pytest.mark.parametrize(
    ("encoding", "title"),
    [
        pytest.param("cp932", "it looks like Shift_JIS", id="Shift_JIS"),
        pytest.param("utf-16", "it looks like UTF-16", id="UTF-16"),
    ],
)
def test_the_encoding_is_guessed_for_the_editor(encoding: str, title: str) -> None:
    """A file saved in another encoding is refused with the likely one."""
    with pytest.raises(ContentError, match=title):
        read_yaml("x.yaml", "a: 縁側で話す\n".encode(encoding))


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"[" * 20_000, id="brackets"),
        pytest.param(b"{a: " * 20_000, id="braces"),
        pytest.param(b"- " * 20_000, id="dashes on one line"),
        pytest.param(b"".join(b" " * n + b"a:\n" for n in range(1000)), id="indentation"),
        pytest.param(b"? " * 20_000, id="explicit keys"),
    ],
)
def test_a_nest_of_twenty_thousand_is_refused(data: bytes) -> None:
    """A file nested without end is refused at depth 64, by no RecursionError and at once."""
    code, _, _ = _issue(data)
    assert code == "too-deep"


def test_bom_and_crlf_are_accepted() -> None:
    """A byte order mark and Windows line ends change neither content nor places."""
    node = read_yaml("x.yaml", b"\xef\xbb\xbfa: 1\r\nb: two\r\n")
    assert isinstance(node, Table)
    value = node.get("b")
    assert value == Scalar("two", True, Place("x.yaml", 2, 4))


def test_several_faults_are_told_at_once() -> None:
    """Duplicate keys, anchors and tags of one file are reported together."""
    with pytest.raises(ContentError) as caught:
        read_yaml("x.yaml", b"a: &x 1\na: 2\nb: !c d\n")
    assert {issue.code for issue in caught.value.issues} == {"anchor", "duplicate-key", "tag"}
