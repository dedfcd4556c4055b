"""What differs between model files as text: the answer, then what changed in the order of the model, then the rest."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any

from rich.text import Text

from kept.report import Comparison, LayerChange, Report, TensorChange, is_weight
from kept.report._inspections import shape_text
from kept.report._style import BAD, FAINT, GOOD, count, safe, size, wrapped
from kept.tree.change import Change, Kind

__all__ = ["lines", "said", "summary", "tensor_text"]

# What a screen shows of a long table: its beginning and its end.
_FIRST_COUNT, _LAST_COUNT = 24, 8
_SHOWN_CHANGES, _SHOWN_NAMES = 6, 4
_PATH_WIDTH, _CLASS_WIDTH, _VALUE_LENGTH = 24, 20, 48


def lines(report: Report, width: int, verbose: bool) -> Iterator[Text]:
    """A report of comparisons as lines; what could not be read is told of elsewhere.

    Args:
        report: What is to be told.
        width: Columns to fill; only a path or a word may be longer.
        verbose: Whether every layer, tensor and change is shown, and what the two files are.
    """
    for index, one in enumerate(report.comparisons):
        if index:
            yield Text()
        yield from _head(one, width, verbose)
        for part in (_layers(one, width, verbose), _beside(one, width, verbose), _notes(one, width)):
            told = list(part)
            if told:
                yield Text()
                yield from told


def _head(one: Comparison, width: int, verbose: bool) -> Iterator[Text]:
    both = f"{safe(one.a.path)} and {safe(one.b.path)}"
    if one.differs:
        first, *rest = wrapped(f"{both} differ: {', '.join(summary(one))}", width, "", "    ")
        at = first.find(" differ")
        yield Text.assemble(first[:at], (first[at : at + 7], BAD), first[at + 7 :]) if at >= 0 else Text(first)
        yield from map(Text, rest)
    else:
        yield Text.assemble(f"{both} are ", ("the same to the byte" if one.identical else "equal", GOOD))
    if not one.identical:
        yield from (Text(line, FAINT) for line in wrapped(_counts(one), width, "", "    "))
    if verbose or (one.a.title != one.b.title and not one.identical):
        for side in (one.a, one.b):
            saved = f", saved {safe(side.saved)}" if side.saved else ""
            yield Text(f"  {safe(side.path)}   {side.title}, {size(side.nbytes)}{saved}", FAINT)


def summary(one: Comparison) -> Iterator[str]:
    """What differs, in a few words each."""
    layers = one.layers
    for word, number in (
        ("added", sum(layer.a is None for layer in layers)),
        ("removed", sum(layer.b is None for layer in layers)),
    ):
        if number:
            yield f"{count(number, 'layer')} {word}"
    both = [layer for layer in layers if layer.a is not None and layer.b is not None]
    for what, number in (
        ("renamed", sum(layer.renamed for layer in both)),
        ("moved", sum(layer.moved for layer in both)),
    ):
        if number:
            yield f"{number:,} {what}"
    for what, number in (
        ("settings", sum(bool(layer.changes) for layer in both)),
        ("weights", sum(any(map(_is_other_weight, layer.tensors)) for layer in both)),
        ("random states", sum(any(map(_is_other_state, layer.tensors)) for layer in both)),
    ):
        if number:
            yield f"{what} of {count(number, 'layer')}"
    for what, found in (
        ("compilation", one.compiled),
        ("optimizer state", [tensor for tensor in one.optimizer if not tensor.close]),
        ("tensors of no layer", [tensor for tensor in one.others if not tensor.close]),
        ("versions", one.versions),
        ("assets", one.assets),
        ("embedded source", one.sources),
    ):
        if found:
            yield what


def _is_random(tensor: TensorChange) -> bool:
    return not all(is_weight(one) for one in (tensor.a, tensor.b) if one is not None)


def _is_other_weight(tensor: TensorChange) -> bool:
    return not tensor.close and not _is_random(tensor)


def _is_other_state(tensor: TensorChange) -> bool:
    return not tensor.close and _is_random(tensor)


def _counts(one: Comparison) -> str:
    close = [tensor.deviation for tensor in one.tensors if tensor.close and tensor.deviation is not None]
    other = sum(tensor.a is not None and tensor.b is not None and not tensor.close for tensor in one.tensors)
    parts = [f"{count(one.layer_count, 'layer')} and {count(one.tensor_count, 'tensor')} in both"]
    if other:
        parts.append(f"{count(other, 'tensor')} {'differs' if other == 1 else 'differ'}")
    if close:
        largest = max(deviation.largest for deviation in close)
        parts.append(f"{count(len(close), 'tensor')} equal within the tolerance, apart by at most {largest:.3g}")
    if one.unread_count:
        parts.append(f"values of {count(one.unread_count, 'tensor')} not compared")
    return "; ".join(parts)


def _layers(one: Comparison, width: int, verbose: bool) -> Iterator[Text]:
    told = [layer for layer in one.layers if layer.differs and not _is_renamed_only(layer)]
    hidden = 0 if verbose or len(told) <= _FIRST_COUNT + _LAST_COUNT + 1 else len(told) - _FIRST_COUNT - _LAST_COUNT
    shown = told if not hidden else [*told[:_FIRST_COUNT], *told[-_LAST_COUNT:]]
    rows = _table([_cells(layer) for layer in shown], width)
    if len(rows) > len(shown):
        yield rows.pop(0)
    for index, (layer, row) in enumerate(zip(shown, rows, strict=True)):
        if hidden and index == _FIRST_COUNT:
            yield Text(f"  ... {count(hidden, 'more layer')}; -v shows all", FAINT)
        yield row
        yield from _details(layer, width, verbose)
    renamed = [layer for layer in one.layers if _is_renamed_only(layer)]
    if renamed:
        names = [f"{_last(layer.a)} -> {_last(layer.b)}" for layer in (renamed if verbose else renamed[:_SHOWN_NAMES])]
        rest = f", +{len(renamed) - len(names)} more" if len(names) < len(renamed) else ""
        yield from _labelled("renamed", ", ".join(names) + rest, width)


def _is_renamed_only(layer: LayerChange) -> bool:
    if not layer.renamed or layer.moved or not layer.depth:
        return False
    return not layer.changes and all(tensor.close for tensor in layer.tensors)


def _last(path: str | None) -> str:
    return safe((path or "").rpartition("/")[2])


def _cells(layer: LayerChange) -> tuple[str, str, tuple[str, ...], str]:
    """Path and class of a layer, then how far its tensors are apart, or in a word what became of it, and a colour."""
    head = safe(layer.path or "the model"), safe(layer.class_name)
    if layer.a is None or layer.b is None:
        stored = [one for tensor in layer.tensors for one in (tensor.a, tensor.b) if one is not None]
        held = f", {count(len(stored), 'tensor')}, {size(sum(one.nbytes for one in stored))}" if stored else ""
        return (*head, (("added" if layer.a is None else "removed") + held,), GOOD if layer.a is None else BAD)
    other = [tensor for tensor in layer.tensors if _is_other_weight(tensor)]
    if not other:
        return (*head, (), "")
    told = f"{len(other)} of {layer.tensor_count}"
    deviations = [tensor.deviation for tensor in other if tensor.deviation is not None]
    if not deviations:
        return (*head, (told, "", ""), "")
    distance, length = (math.hypot(*(getattr(one, key) for one in deviations)) for key in ("distance", "length"))
    return (*head, (told, f"{max(one.largest for one in deviations):.3g}", _percent(distance / (length or 1.0))), "")


def _table(rows: list[tuple[str, str, tuple[str, ...], str]], width: int) -> list[Text]:
    """The lines of layers; over them a line of titles, where there are numbers."""
    titles = ("tensors", "largest", "relative")
    numbers = [numbers for _, _, numbers, _ in rows if len(numbers) == len(titles)]
    widths = [max(map(len, column)) for column in zip(*numbers, titles, strict=True)] if numbers else []
    kinds = min(max((len(kind) for _, kind, _, _ in rows), default=0), _CLASS_WIDTH)
    room = max(width - 2 - (kinds + 2) * bool(kinds) - sum(2 + one for one in widths), _PATH_WIDTH)
    paths = min(max((len(path) for path, _, _, _ in rows), default=0), room)
    if numbers:
        paths = max(paths, len("layer"))
        rows = [("layer", "class" if kinds else "", titles, FAINT), *rows]
    lines = []
    for path, kind, told, style in rows:
        line = f"  {_cut_front(path, paths):<{paths}}  " + (f"{_cut(kind, kinds):<{kinds}}  " if kinds else "")
        if len(told) == len(titles):
            told = tuple(f"{text:>{room}}" for text, room in zip(told, widths, strict=True))
        lines.append(Text((line + "  ".join(told)).rstrip(), style))
    return lines


def _percent(part: float) -> str:
    return f"{100 * part:.2g} %" if part < 1 else f"{100 * part:.0f} %"


def _details(layer: LayerChange, width: int, verbose: bool) -> Iterator[Text]:
    """Lines below a layer: its names and places, its settings, its tensors where there is more to say than how far."""
    told: list[tuple[str, str]] = []
    if layer.renamed:
        told.append(("was", _last(layer.a)))
    if layer.moved:
        places = [place + 1 if place is not None else 0 for place in layer.places]
        told.append(("place", f"{places[0]} -> {places[1]}"))
    told += [(one.path, said(one)) for one in layer.changes]
    if layer.a is not None and layer.b is not None:
        told += _tensor_details(layer.tensors, verbose)
    shown = told if verbose or len(told) <= _SHOWN_CHANGES + 1 else told[:_SHOWN_CHANGES]
    column = min(max((len(key) for key, _ in shown), default=0), _PATH_WIDTH)
    for key, text in shown:
        margin = f"    {safe(key):<{column}}  "
        for index, line in enumerate(wrapped(safe(text), width, margin, " " * (column + 6))):
            yield Text.assemble((line[: len(margin)], FAINT), line[len(margin) :]) if not index else Text(line)
    if len(shown) < len(told):
        yield Text(f"    +{len(told) - len(shown)} more, -v shows them", FAINT)


def _tensor_details(tensors: Iterable[TensorChange], verbose: bool) -> Iterator[tuple[str, str]]:
    for one in tensors:
        if verbose or one.what != "values" or one.unequal or (one.deviation is not None and one.deviation.nan_count):
            yield one.path, tensor_text(one)
        elif _is_other_state(one):
            yield one.path, "another random state"
        elif one.deviation is not None and not one.close and one.deviation.largest == 0:
            yield one.path, "equal numbers in other bits (the sign of zeros, or kinds of NaN)"


def tensor_text(one: TensorChange) -> str:
    """What differs in a tensor, in a line."""
    a, b = one.a, one.b
    if a is None or b is None:
        stored = a or b
        assert stored is not None
        return f"{one.what}: {stored.dtype} {shape_text(stored.shape)}"
    parts = []
    if a.shape != b.shape:
        parts.append(f"{shape_text(a.shape)} -> {shape_text(b.shape)}")
    if a.dtype != b.dtype:
        parts.append(f"{a.dtype} -> {b.dtype}")
    if one.moved:
        parts.append(f"stood at {a.path}")
    if one.unequal:
        parts.append("another checksum")
    if one.deviation is not None:
        parts.append(_deviation(one))
    return ", ".join(parts)


def _deviation(one: TensorChange) -> str:
    found = one.deviation
    assert found is not None
    if not found.differing_count:
        return "equal numbers"
    nan = f", {found.nan_count:,} NaN in one of the two" if found.nan_count else ""
    close = ", within the tolerance" if found.close else ""
    apart = f"by at most {found.largest:.3g}, {_percent(found.relative)}"
    return f"{found.differing_count:,} of {count(found.count, 'number')} {apart}{nan}{close}"


def _beside(one: Comparison, width: int, verbose: bool) -> Iterator[Text]:
    for label, changes in (("compiled", one.compiled), ("versions", one.versions)):
        if changes:
            each = [f"{change.path} {said(change)}" for change in changes]
            shown = each if verbose or len(each) <= _SHOWN_CHANGES + 1 else each[:_SHOWN_CHANGES]
            rest = [f"+{len(each) - len(shown)} more"] if len(shown) < len(each) else []
            yield from _labelled(label, "; ".join([*shown, *rest]), width)
    for label, tensors in (("optimizer", one.optimizer), ("beside", one.others)):
        if any(not tensor.close for tensor in tensors):
            told = _state(tensors, "its state" if label == "optimizer" else "no layer")
            before, after = one.steps
            stepped = label == "optimizer" and None not in one.steps and before != after
            step = f"step {before:,} -> {after:,}; " if stepped else ""
            yield from _labelled(label, f"{step}{told}", width)
            if verbose:
                yield from (Text(f"    {safe(tensor.path)}  {tensor_text(tensor)}", FAINT) for tensor in tensors)
    for change in one.assets:
        sizes = [size(nbytes) for nbytes in (change.a, change.b) if nbytes is not None]
        text = change.kind.value if change.kind is not Kind.CHANGED else "other content" * (change.a == change.b)
        yield from _labelled("asset", f"{change.path}  {text or ' -> '.join(sizes)}", width)
    for change in one.sources:
        text = "differs" if change.kind is Kind.CHANGED else change.kind.value
        yield from _labelled("source", f"of {change.path} {text} (kept inspect --source)", width)


def _state(tensors: tuple[TensorChange, ...], of: str) -> str:
    told = []
    other = [one for one in tensors if one.a is not None and one.b is not None and not one.close]
    if other:
        largest = [one.deviation.largest for one in other if one.deviation is not None]
        apart = f", apart by at most {max(largest):.3g}" if largest else ""
        told.append(f"{count(len(other), 'tensor')} of {of} {'differs' if len(other) == 1 else 'differ'}{apart}")
    for word, number in (
        ("added", sum(one.a is None for one in tensors)),
        ("removed", sum(one.b is None for one in tensors)),
    ):
        if number:
            told.append(f"{count(number, 'tensor')} of {of} {word}")
    return "; ".join(told)


def _notes(one: Comparison, width: int) -> Iterator[Text]:
    for side in (one.a, one.b):
        if side.only:
            told = f"Only in {safe(side.path)}: {', '.join(side.only)}."
            yield from (Text(line, FAINT) for line in wrapped(told, width, "  ", "    "))
    hits = [f"{word} ({number:,})" for word, number in one.ignored.items() if number]
    if hits:
        yield from (
            Text(line, FAINT) for line in wrapped(f"Ignored: {', '.join(map(safe, hits))}.", width, "  ", "    ")
        )
    missed = [safe(word) for word, number in one.ignored.items() if not number]
    if missed and not one.identical:
        yield from (
            Text(line, FAINT) for line in wrapped(f"Nothing to ignore for: {', '.join(missed)}.", width, "  ", "    ")
        )


def _labelled(label: str, text: str, width: int) -> Iterator[Text]:
    for index, line in enumerate(wrapped(safe(text), width, f"  {label:<9} ", " " * 12)):
        yield Text.assemble((line[:12], FAINT), line[12:]) if not index else Text(line)


def said(change: Change) -> str:
    """A change in short: `8 -> 16`, `added: 0.5`."""
    if change.kind is not Kind.CHANGED:
        return f"{change.kind.value}: {_value(change.a if change.kind is Kind.REMOVED else change.b)}"
    a, b = _value(change.a), _value(change.b)
    if a == b:
        a, b = _cut(repr(change.a), _VALUE_LENGTH), _cut(repr(change.b), _VALUE_LENGTH)
    if a == b and isinstance(change.a, list) and isinstance(change.b, list):
        return f"{count(len(change.a), 'entry').replace('ys', 'ies')} -> {len(change.b):,}, other ones"
    return f"{a} -> {b}"


def _value(value: Any) -> str:
    if isinstance(value, dict) and isinstance(value.get("class_name"), str):
        config = value.get("config")
        if value["class_name"] == "function" and isinstance(config, str):
            return config
        inner = {} if not isinstance(config, dict) else config
        given = [f"{key}={_value(one)}" for key, one in inner.items() if key != "name" and one is not None]
        return _cut(f"{value['class_name'].rpartition('>')[2]}({', '.join(given)})", _VALUE_LENGTH)
    if isinstance(value, dict):
        return _cut("{" + ", ".join(f"{key}: {_value(one)}" for key, one in value.items()) + "}", _VALUE_LENGTH)
    if isinstance(value, list) and value and all(isinstance(one, str) for one in value[:_VALUE_LENGTH]):
        return _cut(", ".join(value[:_VALUE_LENGTH]), _VALUE_LENGTH)
    if isinstance(value, list):
        told = [_value(one) for one in value[:_VALUE_LENGTH]]
        return _cut(f"({', '.join(told)}{',' if len(value) == 1 else ''})", _VALUE_LENGTH)
    if isinstance(value, float):
        return f"{value:.7g}"
    return _cut(str(value) if value != "" else "''", _VALUE_LENGTH)


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 3] + "..."


def _cut_front(text: str, length: int) -> str:
    return text if len(text) <= length else "..." + text[3 - length :]
