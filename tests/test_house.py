"""Polices the code: sizes, names, docstrings, and where sentences may stand."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.repository import ROOT, TRACKED, named

MOST_LINES = 400
LONG_FUNCTION = 40
VAGUE = {"util", "utils", "helper", "helpers", "manager", "managers", "base", "misc", "common"}
# Folders of tests that mirror no room of bot/.
OWN_FOLDERS = {
    "browser",
    "broken_flows",
    "conversation_runner",
    "conversations",
    "corpora",
    "leaks",
    "platforms",
    "provision",
    "torture",
}
HANGING = {"time.sleep", "asyncio.sleep"}
SKIPPING = {"skip", "skipif", "xfail", "importorskip"}
SENTENCE = re.compile(r"[ぁ-んァ-ヶ一-龠ー、]{5,}[。！？]")


BOT = [path for path in TRACKED if named(path).startswith("bot/")]
BOT_CODE = [path for path in BOT if path.suffix == ".py"]
TEST_CODE = [path for path in TRACKED if named(path).startswith("tests/") and path.suffix == ".py"]


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def _functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_no_file_outgrows_its_name() -> None:
    """A module of bot/ has 400 lines at most; a longer one is two things and is split."""
    sizes = {named(path): len(path.read_text(encoding="utf-8").splitlines()) for path in BOT_CODE}
    assert {name: size for name, size in sizes.items() if size > MOST_LINES} == {}


def test_a_long_function_says_why() -> None:
    """A function of over 40 lines in bot/ carries a comment `# Long because …`."""
    silent = []
    for path in BOT_CODE:
        lines = path.read_text(encoding="utf-8").splitlines()
        for function in _functions(_tree(path)):
            end = function.end_lineno or function.lineno
            body = "\n".join(lines[function.lineno - 1 : end])
            if end - function.lineno + 1 > LONG_FUNCTION and "# Long because " not in body:
                silent.append(f"{named(path)}:{function.lineno} {function.name}")
    assert silent == []


def test_names_say_what_a_thing_is() -> None:
    """No module or folder is called utils, helpers, manager, base or the like."""
    code = [*BOT_CODE, *TEST_CODE]
    parts = {(named(path), part) for path in code for part in path.relative_to(ROOT).parts}
    assert [name for name, part in sorted(parts) if part.removesuffix(".py") in VAGUE] == []


def test_every_module_introduces_itself() -> None:
    """Each module of bot/ and of the tests opens with a docstring."""
    code = [*BOT_CODE, *TEST_CODE]
    assert [named(path) for path in code if not ast.get_docstring(_tree(path))] == []


def test_every_test_says_what_one_can_rely_on() -> None:
    """Each test function has a docstring that is one sentence."""
    silent = []
    for path in TEST_CODE:
        for function in _functions(_tree(path)):
            if function.name.startswith("test_"):
                words = (ast.get_docstring(function) or "").strip()
                if not words.endswith((".", "?", "!", "。")) or "\n\n" in words:
                    silent.append(f"{named(path)}:{function.lineno} {function.name}")
    assert silent == []


def test_tests_neither_sleep_nor_skip() -> None:
    """No test waits for the clock (a bare yield, sleep(0), is allowed) or leaves itself out."""
    found = []
    for path in TEST_CODE:
        for node in ast.walk(_tree(path)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in HANGING:
                if ast.unparse(node) != "asyncio.sleep(0)":
                    found.append(f"{named(path)}:{node.lineno} {ast.unparse(node)}")
            elif isinstance(node, ast.Attribute) and _is_skipping(node):
                found.append(f"{named(path)}:{node.lineno} {ast.unparse(node)}")
    assert found == []


def _is_skipping(node: ast.Attribute) -> bool:
    return node.attr in SKIPPING and ast.unparse(node).startswith("pytest.")


def test_tests_mirror_the_rooms() -> None:
    """Every folder of tests is named after a room of bot/, or is one of the few of its own."""
    folders = {path.relative_to(ROOT / "tests").parts[0] for path in TEST_CODE}
    folders = {folder for folder in folders if not folder.endswith(".py")}
    rooms = {path.relative_to(ROOT / "bot").parts[0].removesuffix(".py") for path in BOT_CODE}
    assert folders - rooms - OWN_FOLDERS == set()


def test_sentences_live_in_messages() -> None:
    """No Japanese sentence stands in the code or the templates of bot/, outside of docstrings."""
    found = []
    for path in BOT_CODE:
        tree = _tree(path)
        docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        strings = (node for node in ast.walk(tree) if isinstance(node, ast.Constant))
        found += [
            f"{named(path)}:{node.lineno} {node.value!r}"
            for node in strings
            if id(node) not in docstrings and SENTENCE.search(str(node.value))
        ]
    for path in BOT:
        if path.suffix in {".html", ".jinja", ".j2"}:
            text = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
            found += [f"{named(path)}: {sign}" for sign in re.findall(r"[ぁ-んァ-ヶ一-龠]+", text)]
    assert found == []
