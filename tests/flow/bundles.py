"""The small valid bundle in tests/flow/data, which the gallery of broken files is laid over."""

from pathlib import Path

DATA = Path(__file__).parent / "data"


def base_files() -> dict[str, bytes]:
    """Its raw files by relative path, as `load_bundle` takes them."""
    return {path.relative_to(DATA).as_posix(): path.read_bytes() for path in DATA.rglob("*.yaml")}


def with_file(path: str, content: str | bytes) -> dict[str, bytes]:
    """The base files with one more, or one replaced."""
    data = content if isinstance(content, bytes) else content.encode()
    return {**base_files(), path: data}
