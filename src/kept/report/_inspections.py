"""What is in model files as text: what each is, kept's record, the layers in a table, what else is there."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from rich.text import Text

from kept.errors import shown
from kept.report import Compiled, Inspection, Layer, RecordCheck, Report, Required, Stored, is_weight
from kept.report._graphs import graph_lines
from kept.report._style import BAD, DOUBTFUL, FAINT, GOOD, count, labelled, safe, shape_text, size, wrapped

__all__ = ["layer_of", "lines", "sources_of", "tensors_of"]

_BACKENDS = {"tensorflow": "TensorFlow", "jax": "JAX", "torch": "Torch"}
# What a screen shows of a long table: its beginning and its end.
_FIRST_COUNT, _LAST_COUNT = 24, 8
_SHOWN_DIFFERING = 6
# How narrow the columns of a table may become.
_NAME_WIDTH, _CLASS_WIDTH, _SHAPE_WIDTH = 16, 14, 16
_Row = tuple[Text, ...]


def lines(report: Report, width: int, verbose: bool) -> Iterator[Text]:
    """A report of looks into files as lines; what could not be read is told of elsewhere.

    Args:
        report: What is to be told.
        width: Columns to fill; a table of long names may be wider.
        verbose: Whether every layer is shown, with its config in short, and the layers inside wrappers.
    """
    for index, one in enumerate(report.inspections):
        if index:
            yield Text()
        yield from _head(one, width)
        yield from _body(one, width, verbose)


def tensors_of(one: Inspection, width: int) -> Iterator[Text]:
    """What a file is, and every tensor in it."""
    yield from _head(one, width)
    yield Text()
    yield from _tensors((*one.tensors, *_state(one)))


def _state(one: Inspection) -> tuple[Stored, ...]:
    return one.compiled.tensors if one.compiled else ()


def _head(one: Inspection, width: int) -> Iterator[Text]:
    yield from _joined(Text.assemble(safe(one.path), "   "), _origin(one), width)
    yield from _joined(_title(one), _amounts(one), width)
    if one.record is not None:
        yield from _record(one.record, width)
    elif compared := sum(tensor.holds is True for tensor in (*one.tensors, *_state(one))):
        yield Text(f"{count(compared, 'checksum')} of the file's own compared: all equal")


def _body(one: Inspection, width: int, verbose: bool) -> Iterator[Text]:
    rows = _rows(one.model.layers, verbose)
    if rows:
        yield Text()
        yield from _table(rows, width, verbose)
    elif every := one.model.every_tensor or one.tensors:
        told = every if verbose else every[:_FIRST_COUNT]
        yield Text()
        yield from _tensors(told)
        if len(told) < len(every):
            yield Text(f"  ... {count(len(every) - len(told), 'more tensor')}; -v shows all", FAINT)
    ending = [*graph_lines(one.graphs, width, verbose), *_ending(one, width)]
    if ending:
        yield Text()
        yield from ending


def _joined(head: Text, parts: list[Text | str], width: int) -> Iterator[Text]:
    """Parts with commas between, on as many lines as they need."""
    line, indent = head, 4
    for index, part in enumerate(parts):
        piece = Text.assemble(part, "," if index < len(parts) - 1 else "")
        if index and len(line.plain) + len(piece.plain) + 1 > width:
            yield line
            line = Text(" " * indent)
        elif index:
            line.append(" ")
        line.append_text(piece)
    yield line


def _origin(one: Inspection) -> list[Text | str]:
    versions = one.versions
    backend = versions.get("backend", "")
    parts: list[Text | str] = [one.title, size(one.nbytes)]
    if "keras" in versions or backend:
        on = f" on {_BACKENDS.get(backend, safe(backend))}" if backend else ""
        parts.append(f"Keras {safe(versions.get('keras', ''))}".rstrip() + on)
    by = f" by kept {safe(versions['kept'])}" if "kept" in versions else ""
    if "tensorflow" in versions:
        parts.append(f"TensorFlow {safe(versions['tensorflow'])}")
    if one.saved or by:
        parts.append(" ".join(filter(None, ("saved", safe(one.saved)))) + by)
    return parts


def _title(one: Inspection) -> Text:
    model, bare = one.model, "graph" if one.graphs else "weights"
    named = f'"{safe(model.name)}"' if model.name else ""
    kind = safe(model.class_name.rpartition(">")[2]) or (f"{bare} of" if named else bare)
    head = " ".join(filter(None, (kind, named)))
    return Text(f"{head}{' *' if model.is_custom else ''}   ")


def _amounts(one: Inspection) -> list[Text | str]:
    model = one.model
    weights = [tensor for tensor in model.every_tensor if is_weight(tensor)]
    sizes = size(sum(tensor.nbytes for tensor in weights))
    frozen = sum(_own_count(layer) for layer in _frozen(model))
    parts: list[Text | str] = [f"{count(model.parameter_count, 'parameter')} ({sizes}{_types(model)})"]
    if not weights:
        parts = ["no weights"]
    if frozen:
        parts.append(f"{frozen:,} of them in frozen layers")
    if one.compiled is not None and one.compiled.optimizer:
        step = one.compiled.step
        parts.append(safe(one.compiled.optimizer) + ("" if step is None else f" at step {step:,}"))
    return parts


def _own_count(layer: Layer) -> int:
    return sum(math.prod(tensor.shape) for tensor in layer.tensors if is_weight(tensor))


def _frozen(model: Layer) -> Iterator[Layer]:
    for layer in model.walk():
        if layer.trainable is False:
            yield layer


def _types(layer: Layer) -> str:
    return f" {', '.join(layer.dtypes[:3])}" + (", ..." if len(layer.dtypes) > 3 else "") if layer.dtypes else ""


def _record(record: RecordCheck, width: int) -> Iterator[Text]:
    fingerprint = f"fingerprint from {record.device.upper()}" if record.device else "no fingerprint"
    parts: list[Text | str] = [fingerprint, *([] if record.outputs or not record.device else ["no outputs"])]
    total = count(record.checksum_count, "checksum")
    if not record.is_for_these_weights:
        yield Text("record does not hold: it is one of other weights", BAD)
    elif record.differing:
        yield Text(f"record does not hold: {count(len(record.differing), 'tensor')} of {record.checksum_count}", BAD)
    elif record.compared_count:
        compared = f"{record.compared_count} of {total} equal"
        yield from _joined(Text.assemble(("record holds", GOOD), ": "), [compared, *parts], width)
    else:
        yield from _joined(Text("record fits: "), [f"{total} not compared (--checksums)", *parts], width)
    for path in record.differing[:_SHOWN_DIFFERING]:
        yield Text(f"  {safe(path)}", BAD)
    if len(record.differing) > _SHOWN_DIFFERING:
        yield Text(f"  +{len(record.differing) - _SHOWN_DIFFERING} more")


def _rows(layers: Iterable[Layer], verbose: bool, depth: int = 0) -> list[tuple[int, Layer]]:
    found: list[tuple[int, Layer]] = []
    for layer in layers:
        if not layer.class_name and not layer.every_tensor and not verbose:
            continue
        found.append((depth, layer))
        if layer.is_model or (verbose and layer.layers):
            found += _rows(layer.layers, verbose, depth + 1)
    return found


def _table(rows: list[tuple[int, Layer]], width: int, verbose: bool) -> Iterator[Text]:
    hidden = 0 if verbose or len(rows) <= _FIRST_COUNT + _LAST_COUNT + 1 else len(rows) - _FIRST_COUNT - _LAST_COUNT
    shown = rows if not hidden else [*rows[:_FIRST_COUNT], *rows[-_LAST_COUNT:]]
    table = _fitted([_cells(depth, layer) for depth, layer in shown], width)
    drawn = _aligned(table, "<<<>>")
    for index, ((depth, layer), line) in enumerate(zip(shown, drawn, strict=True)):
        if hidden and index == _FIRST_COUNT:
            yield Text(f"  ... {count(hidden, 'more layer')}; -v shows all", FAINT)
        yield line
        if verbose and layer.summary:
            yield Text(f"{' ' * (4 + 2 * depth)}{safe(layer.summary)}", FAINT)


def _cells(depth: int, layer: Layer) -> _Row:
    mark = " *" if layer.is_custom else ""
    kind = Text(safe(layer.class_name.rpartition(">")[2]) + mark, DOUBTFUL if mark else "")
    return (
        Text("  " * depth + safe(layer.name)),
        kind if layer.class_name else Text(safe(layer.group), FAINT),
        Text("" if layer.shape is None else shape_text(layer.shape), FAINT),
        Text(f"{layer.parameter_count:,}" if layer.every_tensor else ""),
        Text(size(layer.nbytes) if layer.every_tensor else ""),
        Text("frozen" if layer.trainable is False else "", FAINT),
    )


def _fitted(rows: list[_Row], width: int) -> list[_Row]:
    """Rows whose classes, names and shapes are cut, in this order, where the table would be wider."""
    widths = [max((len(row[index].plain) for row in rows), default=0) for index in range(6)]
    over = 2 + sum(one + 2 for one in widths if one) - 2 - width
    for index, least in ((1, _CLASS_WIDTH), (0, _NAME_WIDTH), (2, _SHAPE_WIDTH)):
        cut = min(max(over, 0), max(widths[index] - least, 0))
        widths[index], over = widths[index] - cut, over - cut
    return [(*(_cut(cell, most) for cell, most in zip(row[:3], widths, strict=False)), *row[3:]) for row in rows]


def _aligned(rows: list[_Row], sides: str) -> Iterator[Text]:
    """Rows as lines, two columns apart; what stands after the columns of `sides` is put at the end as it is."""
    widths = [max((len(row[index].plain) for row in rows), default=0) for index in range(len(sides))]
    for row in rows:
        line = Text("  ")
        for cell, side, width in zip(row, sides, widths, strict=False):
            gap = " " * (width - len(cell.plain))
            line.append_text(Text.assemble(gap, cell) if side == ">" else Text.assemble(cell, gap))
            line.append("  " if width else "")
        for cell in row[len(sides) :]:
            line.append_text(cell)
        line.rstrip()
        yield line


def _cut(text: Text, width: int) -> Text:
    if len(text.plain) <= width:
        return text
    mark = " *" if text.plain.endswith(" *") else ""
    return Text(text.plain[: max(width - 3 - len(mark), 0)] + "..." + mark, text.style)


def _ending(one: Inspection, width: int) -> Iterator[Text]:
    if one.compiled is not None:
        yield from labelled("compiled" if one.compiled.loss else "optimizer", _compiled(one.compiled), width)
    if one.others:
        nbytes = sum(tensor.nbytes for tensor in one.others)
        yield from labelled("beside", f"{count(len(one.others), 'tensor')} of no layer, {size(nbytes)}", width)
    if one.assets:
        names = ", ".join(safe(name) for name in list(one.assets)[:3]) + (", ..." if len(one.assets) > 3 else "")
        yield from labelled("assets", f"{names} ({size(sum(one.assets.values()))})", width)
    for required in one.required:
        yield from _required(required, width)
    for source in one.sources:
        if not source.holds:
            yield Text(f"  the source of {safe(source.module)} does not have its recorded hash", BAD)


def _compiled(compiled: Compiled) -> str:
    rate = compiled.settings.get("learning_rate")
    optimizer = safe(compiled.optimizer) + (f"(learning_rate={rate:g})" if isinstance(rate, (int, float)) else "")
    state = f"{count(len(compiled.tensors), 'tensor')} of state, {size(compiled.nbytes)}" if compiled.nbytes else ""
    parts = [optimizer, f"loss {safe(compiled.loss)}" if compiled.loss else ""]
    parts += [f"metrics {safe(compiled.metrics)}" if compiled.metrics else "", state]
    return "; ".join(filter(None, parts))


def _required(required: Required, width: int) -> Iterator[Text]:
    module, _, name = required.import_path.partition(":")
    place = f", from {module}" if module != "__main__" else "; the file does not say where it is from"
    if required.file and required.line:
        place = f", from {required.file.rpartition('/')[2]}:{required.line}"
    inside = "; source inside (--source)" if required.is_embedded else ""
    if module == "bytecode":
        places = ", ".join(required.places[:2]) + (", ..." if len(required.places) > 2 else "")
        said = f"* a function as bytecode, at {places}"
    else:
        said = f"* {name} is custom{place}{inside}"
    for line in wrapped(safe(said), width, "  ", "    "):
        yield Text(line, DOUBTFUL)


def layer_of(one: Inspection, layer: Layer, width: int) -> Iterator[Text]:
    """One layer: where it is, its config, its tensors."""
    shape = f"   {shape_text(layer.shape)}" if layer.shape is not None else ""
    mark = " *" if layer.is_custom else ""
    yield Text(f"{safe(layer.path)}   {safe(layer.class_name)}{mark}{shape}".rstrip())
    places = (("in", one.path), ("config", layer.node), ("weights", layer.group), ("dtype", layer.dtype))
    for label, text in places:
        if text:
            yield from labelled(label, safe(text), width)
    settings = {key: shown(value) for key, value in layer.config.items()} | layer.objects
    if settings:
        yield Text()
        yield from _aligned([(Text(safe(key), FAINT), Text(safe(text))) for key, text in settings.items()], "<")
    if layer.every_tensor:
        yield Text()
        yield from _tensors(layer.every_tensor)


def _tensors(tensors: Iterable[Stored]) -> Iterator[Text]:
    rows: list[_Row] = []
    for tensor in tensors:
        row: _Row = (
            Text(safe(tensor.path)),
            Text(shape_text(tensor.shape), FAINT),
            Text(tensor.dtype),
            Text(size(tensor.nbytes)),
        )
        holds = {None: Text(""), True: Text("holds  ", GOOD), False: Text("damaged  ", BAD)}[tensor.holds]
        rows.append((*row, holds, Text(safe(tensor.name), FAINT)))
        if tensor.stats is not None:
            rows.append((_stats(tensor),))
    tables = [row for row in rows if len(row) > 1]
    drawn = iter(list(_aligned(tables, "<<<>")))
    for row in rows:
        yield next(drawn) if len(row) > 1 else row[0]


def _stats(tensor: Stored) -> Text:
    stats = tensor.stats
    assert stats is not None
    line = Text("    ")
    told = (("min", stats.minimum), ("max", stats.maximum), ("mean", stats.mean), ("std", stats.std))
    line.append("  ".join(f"{name} {value:.4g}" for name, value in told if value is not None), FAINT)
    for number, name, style in (
        (stats.zero_count, "zero", FAINT),
        (stats.nan_count, "NaN", BAD),
        (stats.infinite_count, "infinite", BAD),
    ):
        if number:
            line.append("  " if len(line.plain) > 4 else "").append(f"{number:,} {name}", style)
    return line


def sources_of(one: Inspection) -> Iterator[Text]:
    """The embedded source of a file as it is."""
    for source in one.sources:
        yield Text(f"# {safe(source.module)}, sha256:{safe(source.sha256)}, from {safe(one.path)}", FAINT)
        if not source.holds:
            yield Text("# this text does not have that hash", BAD)
        for line in source.text.splitlines():
            yield Text(safe(line.replace("\t", "    ")))
