"""The file asks for far more memory or time than it is worth.

What it does:
    Compares what a file declares with what is really in it: members, tensors and documents that expand, layers whose
    weights would be far larger than all tensors of the file, lengths beyond any machine, and graphs that are small
    on disk and take millions of calls to build.

Why it matters:
    Who loads it sits before a machine that has stopped to answer, before the first line of the model is run.

Example:
    import json
    from pathlib import Path

    shape = {"input_shape": [None, 1000000]}
    config = {"name": "d", "units": 1000000000000}
    dense = {"module": "keras.layers", "class_name": "Dense", "config": config, "build_config": shape}
    model = {"module": "keras", "class_name": "Sequential", "config": {"name": "m", "layers": [dense]}}
    Path("model.json").write_text(json.dumps(model))

Use instead:
    import json
    from pathlib import Path

    shape = {"input_shape": [None, 1000]}
    config = {"name": "d", "units": 1000}
    dense = {"module": "keras.layers", "class_name": "Dense", "config": config, "build_config": shape}
    model = {"module": "keras", "class_name": "Sequential", "config": {"name": "m", "layers": [dense]}}
    Path("model.json").write_text(json.dumps(model))

Fix safety:
    There is no fix. A file that expands and that you expect to can be read with your own `kept.Limits`.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.errors import ExpansionError
from kept.findings import Finding, Rule, Severity
from kept.rules.subject import FileSubject
from kept.tree.nodes import Form, Node
from kept.tree.sizes import attempts, calls, dimensions, is_built, parameters
from kept.tree.walk import layers_of

__all__ = ["RULE", "check"]

RULE = Rule("KPT330", __name__, Severity.ERROR)
_LENGTH = 1 << 40
_PARAMETER_COUNT = 1 << 40
_CALL_COUNT = 2_000_000
# Fewer layers are gone over in no time, in whatever order they stand.
_LAYER_COUNT = 1000
# Values of two bits are the smallest that Keras stores; layers that are not built yet have no weights in the file.
_VALUES_PER_BYTE = 4
_FREE_NBYTES = 4 << 20


def check(subject: FileSubject) -> Iterator[Finding]:
    """Yields what the page above describes."""
    failure = subject.failure
    if isinstance(failure, ExpansionError):
        yield RULE.finding(f"{failure.message} ({failure.found})", where=tuple(filter(None, [failure.where])))
    for name, tree in subject.trees.items():
        called = calls(tree)
        if called > _CALL_COUNT:
            yield RULE.finding(f"building it takes {_shown(called)} calls", where=(name,) if name else ())
    found = list(subject.nodes())
    yield from _lengths(found)
    yield from _slow_graphs(found)
    yield from _sizes(subject, found)


def _lengths(nodes: list[Node]) -> Iterator[Finding]:
    for node in nodes:
        large = next((one for one in dimensions(node) if one[1] > _LENGTH), None)
        if large is not None and node.form is Form.OBJECT:
            yield RULE.finding(f"{large[0]} of {_shown(large[1])}", where=(node.path,), kind=node.class_name)


def _slow_graphs(nodes: list[Node]) -> Iterator[Finding]:
    for node in nodes:
        tried = attempts(node) if len(node.children) > _LAYER_COUNT < len(layers_of(node)) else 0
        if tried > _CALL_COUNT:
            message = f"its layers stand in an order that takes {_shown(tried)} attempts"
            yield RULE.finding(message, where=tuple(filter(None, [node.path])), kind=node.class_name)


def _sizes(subject: FileSubject, nodes: list[Node]) -> Iterator[Finding]:
    counts: dict[tuple[str, str, int], str] = {}
    for node in nodes:
        if count := parameters(node):
            counts.setdefault((node.class_name, node.name, count), node.path)  # a shared layer may be written twice
    if not counts:
        return
    artifact = subject.artifact
    weighed = artifact is not None and artifact.format != "architecture_json" and is_built(iter(nodes))
    stored = sum(tensor.nbytes for tensor in artifact.tensors.values()) if weighed and artifact else 0
    most = (stored + _FREE_NBYTES) * _VALUES_PER_BYTE if weighed else _PARAMETER_COUNT
    total = sum(count for _, _, count in counts)
    if total > most:
        kind, _, largest = max(counts, key=lambda one: one[2])
        told = f"the tensors of the file are {_shown(stored)} bytes" if weighed else f"at most {_shown(most)} are built"
        message = f"its layers declare {_shown(total)} parameters, and {told}"
        yield RULE.finding(message, where=(counts[kind, _, largest],), kind=kind)


def _shown(count: int) -> str:
    """With commas; a power of ten where nobody would read the digits."""
    return f"{count:,}" if count < 10**15 else f"more than 10**{(count.bit_length() - 1) * 30103 // 100000}"
