"""What bytes are by their beginning, where they are a program, a pickle or an archive. Nothing is run or unpickled."""

from __future__ import annotations

import bz2
import io
import lzma
import re
import zlib
from collections.abc import Callable

__all__ = ["HEAD_NBYTES", "is_pickle", "kind_of"]

# As much of a content as is looked at.
HEAD_NBYTES = 1 << 12
_MACH_O = (b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe")
_SCRIPT = re.compile(rb"#! ?/|<\?php|@echo off", re.IGNORECASE)
_BYTECODES = range(3000, 4500)
_OBJECTS = re.compile(rb"""['"]descr['"]\s*:[^}]*?['"][<>=|]?O\d*['"]""")
# Opcodes that call something, or name what is called.
_CALLING = frozenset({"REDUCE", "INST", "OBJ", "NEWOBJ", "NEWOBJ_EX", "BUILD"})
_NAMING = frozenset({"GLOBAL", "STACK_GLOBAL", "INST", "EXT1", "EXT2", "EXT4"})
_FEW_OPCODES, _MANY_OPCODES = 4, 12
_LZMA_MEMORY = 64 << 20
_PACKERS: dict[bytes, Callable[[], Callable[[bytes, int], bytes]]] = {
    b"\x78\x01": lambda: zlib.decompressobj().decompress,
    b"\x78\x5e": lambda: zlib.decompressobj().decompress,
    b"\x78\x9c": lambda: zlib.decompressobj().decompress,
    b"\x78\xda": lambda: zlib.decompressobj().decompress,
    b"\x1f\x8b": lambda: zlib.decompressobj(zlib.MAX_WBITS | 16).decompress,
    b"BZh": lambda: bz2.BZ2Decompressor().decompress,
    b"\xfd7zXZ\0": lambda: lzma.LZMADecompressor(memlimit=_LZMA_MEMORY).decompress,
}


def kind_of(head: bytes) -> str:
    """What a content is, with its article; empty for what does nothing, as text, numbers and pictures.

    Args:
        head: Its first `HEAD_NBYTES`, or all of it.
    """
    if head.startswith(b"\x7fELF") or head.startswith(_MACH_O) or _is_windows_program(head):
        return "a program"
    if head.startswith(b"\0asm"):
        return "a program of WebAssembly"
    if len(head) >= 4 and head[2:4] == b"\r\n" and int.from_bytes(head[:2], "little") in _BYTECODES:
        return "bytecode of Python"
    if _SCRIPT.match(head):
        return "a script"
    if head.startswith(b"\x93NUMPY") and _OBJECTS.search(head):
        return "an array of pickled objects"
    if is_pickle(head):
        return "a pickle"
    if is_pickle(_unpacked(head)):
        return "a compressed pickle"
    return "a zip archive" if head.startswith(b"PK\x03\x04") else ""


def is_pickle(head: bytes) -> bool:
    """Whether a content is one. A text may begin with an opcode, and with two; it does not go on as a pickle does.

    Args:
        head: Its first `HEAD_NBYTES`, or all of it.
    """
    if head[:1] == b"\x80":
        return len(head) > 2 and head[1] in range(2, 6) and len(_opcodes(head)[0]) > 1
    if head[:1] not in _first_opcodes():
        return False
    names, ended_at = _opcodes(head)
    if 0 <= ended_at < len(head) or (ended_at < 0 and len(head) < HEAD_NBYTES):
        return False  # it goes on behind the end, or has none
    calls = not _CALLING.isdisjoint(names) and not _NAMING.isdisjoint(names)
    return calls or len(names) >= (_FEW_OPCODES if ended_at >= 0 else _MANY_OPCODES)


def _first_opcodes() -> tuple[bytes, ...]:
    return tuple(bytes([one]) for one in b"(c]}lidIFSVLNKJMUXT)")


def _opcodes(head: bytes) -> tuple[list[str], int]:
    """The opcodes of a pickle as far as they can be read, and where its end is; -1 where that was not reached."""
    import pickletools  # takes its time to import

    names: list[str] = []
    stream = io.BytesIO(head)
    try:
        for opcode, _, _ in pickletools.genops(stream):
            names.append(opcode.name)
    except Exception:  # whatever a damaged opcode raises
        return names, -1
    return names, stream.tell()


def _is_windows_program(head: bytes) -> bool:
    at = int.from_bytes(head[60:64], "little")
    return head.startswith(b"MZ") and len(head) > 64 and (head[at : at + 4] == b"PE\0\0" or b"DOS mode" in head[:256])


def _unpacked(head: bytes) -> bytes:
    for magic, packer in _PACKERS.items():
        if head.startswith(magic):
            try:
                return packer()(head, HEAD_NBYTES)
            except (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError):
                return b""
    return b""
