"""The links of an HDF5 group that has many: a heap with them, and a tree of the sums of their names.

What kept writes, and nothing else: a fractal heap whose root has direct blocks alone, and a tree of version 2 by name
(sections III.A.2 and III.G of the specification). Each has checksums.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from itertools import pairwise

from ...errors import CorruptFileError
from .links import Link, link_in
from .stretch import UNDEFINED, Stretch, need

__all__ = ["dense_links"]

_SUM_NBYTES = 4
_HEAP_NBYTES, _ROOT = 146, struct.Struct("<QH")
# Identifiers of 7 bytes, no filters, sums over direct blocks, objects of at most 4096 bytes, none of them elsewhere.
_HEAP_HEAD = b"FRHP" + struct.pack("<BHHBIQQ", 0, 7, 0, 2, 4096, 0, UNDEFINED)
_HEAP_NONE_LARGE = bytes(4 * 8)
_WIDTH, _FIRST_NBYTES, _MOST_ROWS = 4, 512, 9
_HEAP_TABLE = struct.pack("<HQQHH", _WIDTH, _FIRST_NBYTES, 1 << 16, 32, 1)
_HEAP_SIZES = struct.Struct("<6Q")
_ROOM, _ROOM_NBYTES = struct.Struct("<6s4Q16sQQQ"), 82
_ROOM_CLASSES = struct.pack("<4HQ", 4, 80, 120, 32, 1 << 16)
_ROOMS = struct.Struct("<4sBQ")
_BLOCK = struct.Struct("<4sBQI")
_DIRECT_NBYTES = _BLOCK.size + _SUM_NBYTES
_TREE_NBYTES, _NODE_NBYTES = 38, 512
_TREE_HEAD = b"BTHD" + struct.pack("<BBIHHBB", 0, 5, _NODE_NBYTES, 11, 0, 100, 40)
_DEPTH_AT = 12
_TREE_ROOT = struct.Struct("<QHQ")
_RECORD = struct.Struct("<IBIH")
# By depth, what a pointer to a node holds behind its address: how many records it has, and how many are under it.
_COUNTS = ((), (1,), (1, 2))


def dense_links(file: Stretch, heap: int, tree: int) -> list[Link]:
    """The links in the order of their names."""
    records = _records(file, tree)
    blocks = _blocks(file, heap, len(records))
    found: list[tuple[int, bytes, Link]] = []
    for said, kind, offset, nbytes in records:
        begin = _start(offset)
        need(kind == 0 and begin in blocks)
        at = offset - begin
        content = blocks[begin][at : at + nbytes]
        need(at >= _DIRECT_NBYTES and len(content) == nbytes)
        link = link_in(content)
        file.check(link.name, said)
        found.append((said, link.name, link))
    need(all(one[:2] < other[:2] for one, other in pairwise(found)))
    links = sorted((link for *_, link in found), key=lambda link: link.name)
    need(all(one.name != other.name for one, other in pairwise(links)))
    return links


def _row(number: int) -> int:
    """The size of the blocks in a row."""
    return _FIRST_NBYTES << max(0, number - 1)


def _start(offset: int) -> int:
    """Where in the heap the block begins that has an offset."""
    row_begin = 0
    for number in range(_MOST_ROWS):
        row_end = row_begin + _WIDTH * _row(number)
        if offset < row_end:
            return offset - (offset - row_begin) % _row(number)
        row_begin = row_end
    return -1


def _taken(file: Stretch, address: int, nbytes: int, summed: int | None = None) -> bytes:
    """A piece whose checksum stands at its end, or at the end of that part of it that has one."""
    piece = file.take(address, nbytes)
    end = nbytes if summed is None else summed
    file.check(piece[: end - _SUM_NBYTES], int.from_bytes(piece[end - _SUM_NBYTES : end], "little"))
    return piece


def _blocks(file: Stretch, heap: int, count: int) -> dict[int, bytes]:
    """The direct blocks of a heap of so many objects, by their place in it."""
    head = _taken(file, heap, _HEAP_NBYTES)
    need(head.startswith(_HEAP_HEAD) and head[78:110] == _HEAP_NONE_LARGE and head[110:132] == _HEAP_TABLE)
    free, room, nbytes, used, following, held = _HEAP_SIZES.unpack_from(head, len(_HEAP_HEAD))
    address, rows = _ROOT.unpack_from(head, len(_HEAP_HEAD) + _HEAP_SIZES.size + len(_HEAP_NONE_LARGE + _HEAP_TABLE))
    if not nbytes:  # HDF5 would end the process with it
        raise CorruptFileError("a heap of links that has no room", path=file.source.path)
    need(rows <= _MOST_ROWS and held == count and free < nbytes and following <= nbytes)
    need(nbytes == (sum(_WIDTH * _row(number) for number in range(rows)) if rows else _FIRST_NBYTES))
    if room != UNDEFINED:
        _check_room(file, room)
    if rows:
        found = dict(_under_root(file, heap, address, rows))
    else:
        found = {0: _direct(file, heap, address, 0, _FIRST_NBYTES)}
    need(used == sum(map(len, found.values())))
    return found


def _under_root(file: Stretch, heap: int, address: int, rows: int) -> Iterator[tuple[int, bytes]]:
    root = _taken(file, address, _BLOCK.size + 8 * _WIDTH * rows + _SUM_NBYTES)
    need(_BLOCK.unpack_from(root) == (b"FHIB", 0, heap, 0))
    at = 0
    for index, (child,) in enumerate(struct.iter_unpack("<Q", root[_BLOCK.size : -_SUM_NBYTES])):
        size = _row(index // _WIDTH)
        if child != UNDEFINED:
            yield at, _direct(file, heap, child, at, size)
        at += size


def _check_room(file: Stretch, address: int) -> None:
    """Where the heap has room, which HDF5 looks at when it is asked how large the group is."""
    head, space, count, stored, others, classes, listed, used, nbytes = _ROOM.unpack_from(
        _taken(file, address, _ROOM_NBYTES)
    )
    need(head == b"FSHD\0\0" and classes == _ROOM_CLASSES and space > 0 and count == stored > 0 and others == 0)
    need(_ROOMS.size + _SUM_NBYTES < used <= nbytes)
    need(_ROOMS.unpack_from(_taken(file, listed, nbytes, used)) == (b"FSSE", 0, address))


def _direct(file: Stretch, heap: int, address: int, at: int, nbytes: int) -> bytes:
    block = file.take(address, nbytes)
    need(_BLOCK.unpack_from(block) == (b"FHDB", 0, heap, at))
    said = int.from_bytes(block[_BLOCK.size : _DIRECT_NBYTES], "little")
    file.check(block[: _BLOCK.size] + bytes(_SUM_NBYTES) + block[_DIRECT_NBYTES:], said)
    return block


def _records(file: Stretch, tree: int) -> list[tuple[int, int, int, int]]:
    """Every record of the tree in its order."""
    head = _taken(file, tree, _TREE_NBYTES)
    depth = int.from_bytes(head[_DEPTH_AT : _DEPTH_AT + 2], "little")
    need(head[:_DEPTH_AT] + bytes(2) + head[_DEPTH_AT + 2 : 16] == _TREE_HEAD and depth < len(_COUNTS))
    address, count, total = _TREE_ROOT.unpack_from(head, 16)
    found = _under(file, address, count, depth)
    need(len(found) == total)
    return found


def _under(file: Stretch, address: int, count: int, depth: int) -> list[tuple[int, int, int, int]]:
    widths = (8, *_COUNTS[depth])
    pointers_at = 6 + count * _RECORD.size
    used = pointers_at + (count + 1) * sum(widths) * bool(depth) + _SUM_NBYTES
    need(count > 0 and used <= _NODE_NBYTES)
    node = _taken(file, address, _NODE_NBYTES, used)
    need(node[:6] == (b"BTIN" if depth else b"BTLF") + b"\0\5")
    own = list(_RECORD.iter_unpack(node[6:pointers_at]))
    if not depth:
        return own
    found: list[tuple[int, int, int, int]] = []
    for index in range(count + 1):
        at = pointers_at + index * sum(widths)
        child, held, *under = (int.from_bytes(one, "little") for one in _cut(node, at, widths))
        below = _under(file, child, held, depth - 1)
        need(len(below) == (under[0] if under else held))
        found += below + own[index : index + 1]
    return found


def _cut(content: bytes, at: int, widths: tuple[int, ...]) -> Iterator[bytes]:
    for width in widths:
        yield content[at : at + width]
        at += width
