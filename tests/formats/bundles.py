"""Checkpoints and messages of TensorFlow, written byte by byte: sound ones, and any that are not."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np

from kept.formats.tensorflow import MAGIC
from kept.formats.tensorflow.bundle import TYPES, slice_key
from kept.formats.tensorflow.crc32c import crc32c

NUMBERS = {name: number for number, name in reversed(TYPES.items())}


def masked(data: bytes, start: int = 0) -> int:
    crc = crc32c(data, start)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    found = bytearray()
    while value >= 0x80:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])


def message(*fields: tuple[int, object]) -> bytes:
    """Fields as (number, value): an int is a varint, a float a fixed32 of its whole number, else bytes or text."""
    parts = []
    for number, value in fields:
        if isinstance(value, float):
            parts.append(varint(number << 3 | 5) + int(value).to_bytes(4, "little"))
        elif isinstance(value, int):
            parts.append(varint(number << 3) + varint(value))
        else:
            data = value.encode() if isinstance(value, str) else bytes(value)
            parts.append(varint(number << 3 | 2) + varint(len(data)) + data)
    return b"".join(parts)


def shape(lengths) -> bytes:
    return message(*((2, message((1, length))) for length in lengths))


def entry(dtype, lengths, shard=0, offset=0, nbytes=0, crc=0, slices=()) -> bytes:
    number = NUMBERS.get(dtype, dtype)
    return message(
        (1, number),
        (2, shape(lengths)),
        (3, shard),
        (4, offset),
        (5, nbytes),
        (6, float(crc)),
        *((7, s) for s in slices),
    )


def block(entries, restart_every=4) -> bytes:
    """A block of a table, with its trailer."""
    found, restarts, last = bytearray(), [], b""
    for index, (key, value) in enumerate(entries):
        shared = 0
        if index % restart_every:
            while shared < min(len(key), len(last)) and key[shared] == last[shared]:
                shared += 1
        else:
            restarts.append(len(found))
        found += varint(shared) + varint(len(key) - shared) + varint(len(value)) + key[shared:] + value
        last = key
    for at in restarts or [0]:
        found += at.to_bytes(4, "little")
    found += len(restarts or [0]).to_bytes(4, "little")
    found += b"\0"
    return bytes(found) + masked(bytes(found)).to_bytes(4, "little")


def table(entries: dict[bytes, bytes], per_block=3) -> bytes:
    """A table with its keys in order."""
    data, index, items = b"", [], sorted(entries.items())
    for at in range(0, len(items), per_block):
        one = block(items[at : at + per_block])
        index.append((items[min(at + per_block, len(items)) - 1][0], varint(len(data)) + varint(len(one) - 5)))
        data += one
    return close_table(data, index)


def close_table(data: bytes, index) -> bytes:
    """Data blocks with everything that follows them."""
    meta, keys = block([]), block(index, 1)
    places = (len(data), len(meta) - 5, len(data) + len(meta), len(keys) - 5)
    return data + meta + keys + b"".join(map(varint, places)).ljust(40, b"\0") + MAGIC


def texts(values) -> tuple[bytes, int]:
    """A tensor of texts as the data has it, and its checksum."""
    fixed = b"".join(len(value).to_bytes(4, "little") for value in values)
    check = masked(fixed).to_bytes(4, "little")
    rest = check + b"".join(values)
    return b"".join(varint(len(value)) for value in values) + rest, masked(rest, crc32c(fixed))


def write_bundle(prefix: Path, arrays, shard_count=1, big_endian=False, more=None) -> None:
    """A checkpoint of arrays by key, one after the other in each shard.

    Args:
        prefix: The path without `.index`.
        arrays: By key, a text or bytes; lists of bytes are tensors of texts.
        shard_count: How many files of data.
        big_endian: Whether numbers have their highest byte first.
        more: Entries of the table that replace or join those that follow.
    """
    prefix.parent.mkdir(parents=True, exist_ok=True)
    shards = [bytearray() for _ in range(shard_count)]
    entries = {b"": message((1, shard_count), (2, int(big_endian)), (3, message((1, 1))))}
    for index, (key, array) in enumerate(arrays.items()):
        shard = index % shard_count
        if isinstance(array, list):
            (data, crc), dtype, lengths = texts(array), "string", (len(array),)
        else:
            swapped = array.astype(array.dtype.newbyteorder(">")) if big_endian else array
            data, dtype, lengths = swapped.tobytes(), array.dtype.name, array.shape
            crc = masked(data)
        entries[key if isinstance(key, bytes) else key.encode()] = entry(
            dtype, lengths, shard, len(shards[shard]), len(data), crc
        )
        shards[shard] += data
    prefix.with_name(prefix.name + ".index").write_bytes(table(entries | (more or {})))
    for index, data in enumerate(shards):
        prefix.with_name(f"{prefix.name}.data-{index:05d}-of-{shard_count:05d}").write_bytes(data)


def tensor_info(dtype, lengths) -> bytes:
    return message((2, NUMBERS[dtype]), (3, shape(lengths)))


def pair(key, value) -> bytes:
    """An entry of a map."""
    return message((1, key), (2, value))


def graph(ops=("Placeholder", "MatMul"), function=("MatMul", "Relu")) -> bytes:
    """A graph with one function, which it calls."""
    nodes = [(1, message((1, f"n{index}"), (2, op))) for index, op in enumerate((*ops, "double"))]
    inner = message((1, message((1, "double"))), *((3, message((1, op), (2, op))) for op in function))
    return message(*nodes, (2, message((1, inner))))


def saved_model(*more, objects=b"", of=None) -> bytes:
    """All of `saved_model.pb`: a graph with one signature; `more` are further fields of the meta graph."""
    x, y = pair("x", tensor_info("float32", (-1, 3))), pair("y", tensor_info("float32", (-1, 1)))
    served = pair("serving_default", message((1, x), (2, y), (3, "tensorflow/serving/predict")))
    about = message((4, "serve"), (5, "2.21.0"))
    held = [(1, about), (2, of if of is not None else graph()), (5, served), *more]
    return message((1, 1), (2, message(*held, *([(7, objects)] if objects else []))))


def extents(*bounds) -> bytes:
    """A slice; None for all of a dimension."""
    return message(*((1, message() if one is None else message((1, one[0]), (2, one[1]))) for one in bounds))


def partitioned(name, array, cuts) -> dict[bytes, np.ndarray]:
    """The entries of a variable that is cut along its first dimension, without the one for the whole."""
    rest = [(0, None)] * (array.ndim - 1)
    return {slice_key(name, [(start, end - start), *rest]): array[start:end] for start, end in pairwise(cuts)}
