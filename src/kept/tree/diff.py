"""What differs between two configs, layer by layer: added, removed, renamed, moved, changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeGuard

from ..errors import LimitExceededError
from .change import Change, Kind
from .matching import Entry, matched
from .nodes import Form, Node
from .parse import plain
from .values import OF_LAYERS, changes, origin_changes, settings_digest
from .walk import layers_of

__all__ = ["Evidence", "Pair", "diff", "placed"]

# Called with a place in the graph: `["dense", 0, 0]`.
_HISTORY_LENGTH = 3
_OUTER = frozenset({"input_layers", "output_layers"})
_NOT_COMPARED = frozenset({"name", "layers", *_OUTER})


@dataclass(frozen=True, slots=True)
class Evidence:
    """What else is known of a layer, to tell which is which.

    Attributes:
        shapes: A digest of the shapes of its tensors.
        content: A digest of their values; may be empty.
    """

    shapes: str = ""
    content: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """A layer in both trees, or in one of them.

    Attributes:
        a: Its node in the first tree; None where it has none.
        b: That in the second.
        places: Its places among the layers of its model, from 0.
        moved: Whether it stands elsewhere among them.
        changes: What differs in its config, the layers inside left out.
    """

    a: Node | None
    b: Node | None
    places: tuple[int | None, int | None] = (None, None)
    moved: bool = False
    changes: tuple[Change, ...] = ()

    @property
    def renamed(self) -> bool:
        """Whether it has another name."""
        return self.a is not None and self.b is not None and self.a.name != self.b.name

    @property
    def differs(self) -> bool:
        """Whether there is anything to tell."""
        return self.a is None or self.b is None or self.moved or self.renamed or bool(self.changes)

    def mirrored(self) -> Pair:
        """The same seen from the other side."""
        mirrored = tuple(one.mirrored() for one in self.changes)
        return replace(self, a=self.b, b=self.a, places=self.places[::-1], changes=mirrored)


def diff(
    a: Node, b: Node, evidence_a: Mapping[str, Evidence] | None = None, evidence_b: Mapping[str, Evidence] | None = None
) -> tuple[Pair, ...]:
    """Compares two configs.

    Args:
        a: The root of one.
        b: That of the other.
        evidence_a: What else is known of layers of the first, by the paths of their nodes.
        evidence_b: That of the second.

    Returns:
        The roots, then every layer of either in the order of the model, those inside a layer after it; equal ones too.

    Raises:
        LimitExceededError: They are nested deeper than Python can follow.
    """
    try:
        return tuple(_Diff(evidence_a or {}, evidence_b or {}).of(a, b, (None, None), False))
    except RecursionError as error:
        raise LimitExceededError("the config is nested too deep", found="more than Python follows") from error


@dataclass(frozen=True, slots=True)
class _Diff:
    evidence_a: Mapping[str, Evidence]
    evidence_b: Mapping[str, Evidence]

    def of(self, a: Node, b: Node, places: tuple[int | None, int | None], moved: bool) -> Iterator[Pair]:
        layers_a, layers_b = layers_of(a), layers_of(b)
        entries_a = [_entry(node, self.evidence_a) for node in layers_a]
        found = matched(entries_a, [_entry(node, self.evidence_b) for node in layers_b])
        names = _Names(layers_a, layers_b, {one.a: one.b for one in found})
        yield Pair(a, b, places, moved, tuple(_own(a, b, names)))
        inputs = {one.a: _connections(layers_a[one.a], layers_b[one.b], names) for one in found}
        moves = {one.a: one.moved for one in found}
        for left, right in placed([(one.a, one.b) for one in found], len(layers_a), len(layers_b)):
            if left is None and right is not None:
                yield from _alone(layers_b[right], right, False)
            elif right is None and left is not None:
                yield from _alone(layers_a[left], left, True)
            elif left is not None and right is not None:
                first, *inside = self.of(layers_a[left], layers_b[right], (left, right), moves[left])
                yield replace(first, changes=(*first.changes, *inputs[left]))
                yield from inside


def _alone(node: Node, place: int, in_a: bool) -> Iterator[Pair]:
    yield Pair(node, None, (place, None)) if in_a else Pair(None, node, (None, place))
    for index, one in enumerate(layers_of(node)):
        yield from _alone(one, index, in_a)


def placed(pairs: Sequence[tuple[int, int]], count_a: int, count_b: int) -> Iterator[tuple[int | None, int | None]]:
    """Everything in either of two lists, in the order of the second; what only the first has, after what it follows.

    Args:
        pairs: Places of what is in both.
        count_a: Length of the first list.
        count_b: Length of the second.
    """
    to_b, to_a = dict(pairs), {b: a for a, b in pairs}
    after: dict[int, list[int]] = {}
    last = -1
    for a in range(count_a):
        last = to_b.get(a, last)
        if a not in to_b:
            after.setdefault(last, []).append(a)
    for b in range(-1, count_b):
        if b >= 0:
            yield to_a.get(b), b
        for a in after.get(b, ()):
            yield a, None


def _entry(node: Node, evidence: Mapping[str, Evidence]) -> Entry:
    known = evidence.get(node.path, Evidence())
    kind = node.class_name.rpartition(">")[2]
    return Entry(node.name, kind, f"{settings_digest(node)} {known.shapes}", known.content)


class _Names:
    """Names of layers of the first model as those of the second, for what is connected with what."""

    def __init__(self, a: Sequence[Node], b: Sequence[Node], pairs: Mapping[int, int]) -> None:
        self._to_b = {a[one].name: b[other].name for one, other in pairs.items()}
        self._taken = frozenset(self._to_b.values())

    def translated(self, history: tuple[Any, ...]) -> tuple[Any, ...]:
        name = history[0]
        return (self._to_b.get(name, f"{name}'" if name in self._taken else name), *history[1:])


def _own(a: Node, b: Node, names: _Names) -> Iterator[Change]:
    """What differs in two nodes themselves: class, config, the outer ends of a graph, and the rest."""
    if a.form is not b.form or a.class_name.rpartition(">")[2] != b.class_name.rpartition(">")[2]:
        yield Change("class", Kind.CHANGED, a.class_name, b.class_name)
    yield from origin_changes(a, b, "")
    inner_a, inner_b = a.fields.get("config"), b.fields.get("config")
    if isinstance(inner_a, Mapping) and isinstance(inner_b, Mapping):
        without = _NOT_COMPARED if layers_of(a) or layers_of(b) else frozenset({"name"})
        yield from changes(inner_a, inner_b, without=without)
        for key in sorted(_OUTER) if layers_of(a) and layers_of(b) else ():
            yield from _ends(key, inner_a.get(key), inner_b.get(key), names)
    elif not (layers_of(a) or layers_of(b)):
        yield from changes(inner_a, inner_b, "config")
    rest_a, rest_b = ({key: one for key, one in node.fields.items() if key not in OF_LAYERS} for node in (a, b))
    yield from (replace(one, follows=True) for one in changes(rest_a, rest_b))


def _ends(key: str, a: Any, b: Any, names: _Names) -> Iterator[Change]:
    ends_a, ends_b = list(_histories(a)), list(_histories(b))
    if [names.translated(one) for one in ends_a] != ends_b:
        yield Change(key, Kind.CHANGED, list(map(_said, ends_a)), list(map(_said, ends_b)))


def _connections(a: Node, b: Node, names: _Names) -> Iterator[Change]:
    """What differs in how a layer is called: on which tensors, with which arguments."""
    given_a, given_b = a.fields.get("inbound_nodes"), b.fields.get("inbound_nodes")
    calls_a, calls_b = list(_histories(given_a)), list(_histories(given_b))
    if [names.translated(one) for one in calls_a] != calls_b:
        yield Change("inputs", Kind.CHANGED, list(map(_said, calls_a)), list(map(_said, calls_b)))
    elif _is_old(given_a) is _is_old(given_b):
        yield from changes(_without_tensors(given_a), _without_tensors(given_b), "inbound_nodes")


def _is_old(calls: Any) -> bool:
    """Whether calls are written as Keras 2 did, as lists of lists."""
    return isinstance(calls, tuple) and bool(calls) and isinstance(calls[0], tuple)


def _histories(value: Any) -> Iterator[tuple[Any, ...]]:
    """Names and places of the tensors that stand in a value, in order."""
    if isinstance(value, Node):
        history = value.config.get("keras_history")
        if value.class_name == "__keras_tensor__" and _is_history(history):
            yield tuple(history[:_HISTORY_LENGTH])
            return
        value = value.fields
    if _is_history(value):
        yield tuple(value[:_HISTORY_LENGTH])
    elif isinstance(value, (Mapping, tuple)):
        for one in value.values() if isinstance(value, Mapping) else value:
            yield from _histories(one)


def _is_history(value: Any) -> TypeGuard[tuple[Any, ...]]:
    if not isinstance(value, tuple) or len(value) < _HISTORY_LENGTH:
        return False
    return isinstance(value[0], str) and type(value[1]) is int and type(value[2]) is int


def _without_tensors(value: Any) -> Any:
    if isinstance(value, Node) and value.class_name == "__keras_tensor__":
        return "a tensor"
    if isinstance(value, Node) and value.form is Form.OBJECT:
        return value
    if _is_history(value):
        return ("a tensor", *value[_HISTORY_LENGTH:])
    if isinstance(value, tuple):
        return tuple(map(_without_tensors, value))
    if isinstance(value, Mapping):
        return dict(zip(value, map(_without_tensors, value.values()), strict=True))
    return plain(value)


def _said(history: tuple[Any, ...]) -> str:
    name, call, place = history
    return f"{name}" + (f", output {place}" if place else "") + (f", call {call}" if call else "")
