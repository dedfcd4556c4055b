"""A graph of TensorFlow in the file does more than compute.

What it does:
    Looks at the operations of a SavedModel. Those that compute stand in a list, made of what TensorFlow registers;
    everything else is reported: operations that read or write files, run Python, or talk to other machines, those by
    which TensorFlow saves where its own saver is not, and those that no TensorFlow has. Also files that a graph calls
    assets and that lie elsewhere.

Why it matters:
    A graph is a program. To call a signature, or only to load a model with one, runs such operations with the rights
    of whoever loads it. What has the name of TensorFlow's own saver is taken for it: to know better, TensorFlow would
    have to be asked.

Example:
    from pathlib import Path


    def message(number, content):
        return bytes([number << 3 | 2, len(content)]) + content


    node = message(1, b"x") + message(2, b"WriteFile")
    graph = message(2, message(1, node))
    Path("model").mkdir()
    Path("model/saved_model.pb").write_bytes(message(2, graph))

Use instead:
    from pathlib import Path


    def message(number, content):
        return bytes([number << 3 | 2, len(content)]) + content


    node = message(1, b"x") + message(2, b"Placeholder")
    graph = message(2, message(1, node))
    Path("model").mkdir()
    Path("model/saved_model.pb").write_bytes(message(2, graph))

Fix safety:
    There is no fix: ask for the model as `.keras`, which has no graph.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from kept.findings import Finding, Rule, Severity
from kept.rules.subject import FileSubject

if TYPE_CHECKING:
    from kept.formats.tensorflow.saved_model import ServedGraph

__all__ = ["RULE", "check"]

RULE = Rule("KPT334", __name__, Severity.ERROR)
# By which TensorFlow itself saves and restores, in functions of its own.
_SAVER = frozenset({"MergeV2Checkpoints", "RestoreV2", "SaveV2", "ShardedFilename"})
_TABLE = frozenset({"InitializeTableFromTextFile", "InitializeTableFromTextFileV2"})
_KNOWN = (
    (re.compile(r"PyFunc"), "runs Python", Severity.ERROR),
    (re.compile(r"MergeV2Checkpoints|ShardedFile"), "writes and removes files", Severity.ERROR),
    (re.compile(r"Write(File|Raw|Sum|Sca|Gra|Hist|Ima|Aud)|^(Save|Dump|DistributedSave)|ToTFRecord|Summary|Calibration"),
     "writes files", Severity.ERROR),
    (re.compile(r"Rpc|DataService|^Register|Remote|FileSystem|^_?(Send|Recv)$|Collective|^Debug"),
     "talks to other machines", Severity.ERROR),
    (re.compile(r"File|Reader|TFRecord|TextLine|FixedLength|LMDB|Sql|CSVDataset|^Load(Dataset|And)|Snapshot|Vocab"
                r"|RecordInput|Skipgram|ImmutableConst|Unigram|Restore|DecodeProto|EncodeProto|CacheDataset"),
     "reads files", Severity.ERROR),
    (re.compile(r"XlaCustomCall"), "calls a function of the process", Severity.ERROR),
    (re.compile(r"^Abort$"), "ends the process", Severity.ERROR),
    (re.compile(r"^Print"), "prints, or writes to a file", Severity.WARNING),
)  # fmt: skip


def check(subject: FileSubject) -> Iterator[Finding]:
    """Yields what the page above describes."""
    artifact = subject.artifact
    graphs: tuple[ServedGraph, ...] = artifact.extras.get("graphs", ()) if artifact is not None else ()
    for graph in graphs:
        tags = ", ".join(graph.tags)
        yield from _judged(graph.ops, f"graph {tags}".strip(), graph)
        yield from _judged(graph.function_ops, f"functions of graph {tags}".strip(), graph)
        for name in graph.assets:
            if name.startswith("/") or any(part in ("..", "") for part in name.split("/")) or "\\" in name:
                yield RULE.finding("an asset of a graph lies outside of the folder", where=(name,))


def _judged(ops: Mapping[str, int], where: str, graph: ServedGraph) -> Iterator[Finding]:
    for name, count in ops.items():
        if name in _allowed() or (name in _SAVER and where.startswith("functions") and count <= _saving(graph, name)):
            continue
        if name in _TABLE and graph.assets:
            continue  # a vocabulary that the SavedModel brings along
        words, severity = next(
            ((words, severity) for pattern, words, severity in _KNOWN if pattern.search(name)),
            ("is not known to compute only", Severity.WARNING),
        )
        yield RULE.finding(f"{name} {words}", where=(where,), kind=name, severity=severity)


def _saving(graph: ServedGraph, name: str) -> int:
    """How many operations of a name are in the functions by which TensorFlow saves and restores."""
    return graph.saver_ops.get(name, 0)


@cache
def _allowed() -> frozenset[str]:
    return frozenset(files(__package__).joinpath("tensorflow_ops.txt").read_text("ascii").split())
