"""Reads a QR code's modules: a reader of the tests' own, written from the standard and not from the
library that draws. It corrects no errors, so every module has to be right. Versions 1 to 6.
"""

from collections.abc import Iterator, Sequence

Modules = Sequence[Sequence[bool]]

# By level (the two bits of the format): data codewords and blocks of versions 1 to 6.
DATA = {
    0b01: (19, 34, 55, 80, 108, 136),
    0b00: (16, 28, 44, 64, 86, 108),
    0b11: (13, 22, 34, 48, 62, 76),
    0b10: (9, 16, 26, 36, 46, 60),
}
BLOCKS = {
    0b01: (1, 1, 1, 1, 1, 2),
    0b00: (1, 1, 1, 2, 2, 4),
    0b11: (1, 1, 2, 2, 4, 4),
    0b10: (1, 1, 2, 4, 4, 4),
}
MASKS = (
    lambda row, column: (row + column) % 2 == 0,
    lambda row, column: row % 2 == 0,
    lambda row, column: column % 3 == 0,
    lambda row, column: (row + column) % 3 == 0,
    lambda row, column: (row // 2 + column // 3) % 2 == 0,
    lambda row, column: row * column % 2 + row * column % 3 == 0,
    lambda row, column: (row * column % 2 + row * column % 3) % 2 == 0,
    lambda row, column: ((row + column) % 2 + row * column % 3) % 2 == 0,
)
FORMAT_MASK = 0x5412


def read_qr(modules: Modules) -> str:
    """The text in a code of byte mode; `modules` are its rows, True for dark, no quiet zone."""
    version = (len(modules) - 17) // 4
    level, mask = _format(modules)
    bits = "".join(
        str(int(modules[row][column] != MASKS[mask](row, column)))
        for row, column in _path(len(modules))
    )
    words = [int(bits[at : at + 8], 2) for at in range(0, len(bits) - 7, 8)]
    data = _joined(words, DATA[level][version - 1], BLOCKS[level][version - 1])
    stream = "".join(f"{word:08b}" for word in data)
    assert stream[:4] == "0100", "byte mode"
    length = int(stream[4:12], 2)
    found = [int(stream[12 + at * 8 : 20 + at * 8], 2) for at in range(length)]
    return bytes(found).decode()


def _format(modules: Modules) -> tuple[int, int]:
    """Level and mask, from the copy around the upper left corner."""
    around = [(8, column) for column in (0, 1, 2, 3, 4, 5, 7, 8)]
    around += [(row, 8) for row in (7, 5, 4, 3, 2, 1, 0)]
    value = int("".join(str(int(modules[row][column])) for row, column in around), 2) ^ FORMAT_MASK
    return value >> 13, value >> 10 & 0b111


def _path(size: int) -> Iterator[tuple[int, int]]:
    """The modules that hold data, in their order: two columns at a time, up and down."""
    upward = True
    for right in (*range(size - 1, 6, -2), *range(5, 0, -2)):
        for row in range(size - 1, -1, -1) if upward else range(size):
            for column in (right, right - 1):
                if not _is_fixed(row, column, size):
                    yield row, column
        upward = not upward


def _is_fixed(row: int, column: int, size: int) -> bool:
    """Finders with what surrounds them, timing, the alignment pattern."""
    finder = (row < 9 and column < 9) or (row < 9 and column >= size - 8)
    finder = finder or (row >= size - 8 and column < 9)
    aligned = size > 21 and abs(row - (size - 7)) <= 2 and abs(column - (size - 7)) <= 2
    return finder or aligned or row == 6 or column == 6


def _joined(words: Sequence[int], data: int, blocks: int) -> list[int]:
    """The data codewords in order; they are dealt out to the blocks like cards."""
    short, longer = divmod(data, blocks)
    sizes = [short] * (blocks - longer) + [short + 1] * longer
    hands: list[list[int]] = [[] for _ in sizes]
    dealt = iter(words)
    for place in range(max(sizes)):
        for hand, size in zip(hands, sizes, strict=True):
            if place < size:
                hand.append(next(dealt))
    return [word for hand in hands for word in hand]
