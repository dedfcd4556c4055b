"""What a file may cost to look at.

A model file is data from somewhere else: nothing in it decides how much memory, disk or time its reader spends.
Every cap is far above what real models need; a caller who has a larger one passes its own `Limits`.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["DEFAULT_LIMITS", "Limits"]

_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """Every size, ratio, depth and time cap of the readers.

    Attributes:
        json_bytes: Size of one JSON document.
        json_depth: Nesting of one JSON document; Python's own parser gives up near 1000.
        json_value_count: Values and containers in one JSON document; less where it is compressed.
        member_count: Members of an archive, files of a folder.
        directory_bytes: Size of an archive's central directory.
        expansion_ratio: Largest ratio of declared to stored bytes; weights of real models come to 10 at most.
        expansion_free_bytes: Up to this size the ratio is not looked at.
        tensor_count: Datasets in a weights file.
        group_count: Groups in a weights file.
        group_depth: Nesting of groups in a weights file.
        name_bytes: Length of one inner path or member name.
        attribute_bytes: Size of all HDF5 attributes that are read from one file.
        protobuf_bytes: Size of one document of protocol buffers, which have no larger ones themselves.
        protobuf_field_count: Fields of one such document that are stepped over or read.
        protobuf_message_count: Messages of one such document that are kept in memory.
        npy_header_bytes: Size of the header of one array of numpy, which reads no longer one itself.
        source_bytes: Size of one file of Python source.
        notebook_bytes: Size of one Jupyter notebook, with the pictures in it.
        scan_seconds: How long the judgement of one file may take, and as long again for each GiB of it.
        scan_bytes: Memory of a process that judges files.
    """

    json_bytes: int = 256 * _MIB
    json_depth: int = 400
    json_value_count: int = 1_500_000
    member_count: int = 100_000
    directory_bytes: int = 64 * _MIB
    expansion_ratio: int = 100
    expansion_free_bytes: int = 64 * _MIB
    tensor_count: int = 1_000_000
    group_count: int = 4_000_000
    group_depth: int = 100
    name_bytes: int = 4096
    attribute_bytes: int = 64 * _MIB
    protobuf_bytes: int = 2048 * _MIB
    protobuf_field_count: int = 20_000_000
    protobuf_message_count: int = 4_000_000
    npy_header_bytes: int = 10_000
    source_bytes: int = 16 * _MIB
    notebook_bytes: int = 256 * _MIB
    scan_seconds: float = 60.0
    scan_bytes: int = 4096 * _MIB


DEFAULT_LIMITS = Limits()
