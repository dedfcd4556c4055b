"""What a page says of one model file, ready for a template."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

from kept.findings import Severity
from kept.report import Argument, Compiled, Graph, Inspection, RecordCheck, Required
from kept.report._boxes import Box, boxes_of, concerned, kinds, page_data, printable
from kept.report._inspections import BACKENDS, shape_text
from kept.report._layout import BOX_WIDTH
from kept.report._notes import Note, lines
from kept.report._style import count, size
from kept.report._tiles import Area, areas

__all__ = ["Sheet", "sheet"]

_TONES = ("error", "removed", "warning", "changed", "added", "note", "good")
_SHOWN_NOTES, _SHOWN_KINDS, _SHOWN_REQUIRED = 500, 8, 100


@dataclass(frozen=True, slots=True)
class Sheet:
    """One file.

    Attributes:
        title: Its path.
        name: The end of that.
        place: The same with the folder that it is in.
        origin: What it is, from what, and when.
        figures: The numbers that say most: number, unit, what it is of.
        facts: Label and text of what else is known.
        heading: What the notes are: findings, or differences from another file.
        notes: What to look at first.
        required: Label and text of code that it needs.
        signatures: What of a SavedModel can be called: name, what it takes and gives.
        sources: Embedded source: module, hash, text, whether it has that hash.
        boxes: Its layers.
        left_out: How many layers are too many for a page.
        areas: The treemap.
        data: What the script of the page knows.
    """

    title: str
    name: str
    place: str
    origin: str
    figures: tuple[tuple[str, str, str], ...]
    facts: tuple[tuple[str, str], ...]
    heading: str
    notes: tuple[Note, ...]
    required: tuple[tuple[str, str], ...]
    signatures: tuple[tuple[str, str], ...]
    sources: tuple[tuple[str, str, str, bool], ...]
    boxes: tuple[Box, ...]
    left_out: int
    areas: tuple[Area, ...]
    data: dict[str, Any]

    def tone(self, box: Box) -> str:
        """The gravest of what is said of a box."""
        return min((self.notes[one].tone for one in box.findings), key=_TONES.index, default="")


def sheet(
    one: Inspection, told: Iterable[tuple[Note, Sequence[str]]] = (), trusted: Sequence[str] = (), beside: str = ""
) -> Sheet:
    """What is told of a file.

    Args:
        one: What it holds.
        told: Notes, each with its places: paths in the config, in the weights file, or of layers by name.
        trusted: What allows the code that it needs, as `kept.load` takes it.
        beside: What it is compared with, and how that ended.
    """
    boxes, left_out = boxes_of(one.model)
    given = list(told)
    notes = [
        replace(each, boxes=places)
        for (each, _), places in zip(given, concerned(boxes, (places for _, places in given)), strict=True)
    ]
    notes = [*notes, *_marred(one, boxes)][:_SHOWN_NOTES]
    for number, each in enumerate(notes):
        for place in each.boxes:
            boxes[place].findings.append(number)
    required = [*map(_required, one.required[:_SHOWN_REQUIRED])]
    if trusted:
        required.append(("to trust it", printable(f"kept.load(path, trusted={list(trusted)!r})", 1_000)))
    path = PurePath(one.path)
    return Sheet(
        title=printable(one.path),
        name=printable(path.name or one.path),
        place=printable("/".join(path.parts[-2:])),
        origin=" · ".join([*([beside] if beside else []), *_origin(one)]),
        figures=tuple(_figures(one, boxes)),
        facts=tuple(_facts(one, boxes)),
        heading="Differences" if beside else "Findings",
        notes=tuple(notes),
        required=tuple(required),
        signatures=tuple(_signatures(one.graphs)),
        sources=tuple(
            (printable(source.module), printable(source.sha256), lines(source.text), source.holds)
            for source in one.sources
        ),
        boxes=tuple(boxes),
        left_out=left_out,
        areas=areas(one, boxes),
        data={
            "width": BOX_WIDTH,
            "boxes": page_data(boxes),
            "findings": [[each.tone, each.title, each.text, each.details] for each in notes],
        },
    )


def _marred(one: Inspection, boxes: Sequence[Box]) -> Iterator[Note]:
    """What can be seen without any rule: numbers that are none, and tensors that are not as they were recorded."""
    error = Severity.ERROR.value
    if one.record is not None and not one.record.is_for_these_weights:
        yield Note(error, "record", "kept's record is one of other weights")
    for path in one.record.differing[:_SHOWN_NOTES] if one.record is not None else ():
        yield Note(error, "record", "This tensor is not what kept's record says", (printable(path),))
    for source in one.sources:
        if not source.holds:
            yield Note(error, "source", f"The source of {printable(source.module)} does not have its recorded hash")
    for box in boxes:
        for tensor in box.layer.tensors:
            stats = tensor.stats
            odd = ((stats.nan_count, "NaN"), (stats.infinite_count, "infinite")) if stats else ()
            told = " and ".join(f"{number:,} {word}" for number, word in odd if number)
            if told:
                yield Note("warning", "numbers", f"{told} in a tensor", (printable(tensor.path),), boxes=(box.index,))


def _origin(one: Inspection) -> Iterator[str]:
    versions = one.versions
    yield one.title
    yield size(one.nbytes)
    backend = versions.get("backend", "")
    on = f"on {BACKENDS.get(backend, printable(backend))}" if backend else ""
    keras = f"Keras {printable(versions['keras'])}" if "keras" in versions else ""
    yield from filter(None, [" ".join(filter(None, (keras, on)))])
    by = f"by kept {printable(versions['kept'])}" if "kept" in versions else ""
    if one.saved or by:
        yield " ".join(filter(None, ("saved", printable(one.saved), by)))


def _figures(one: Inspection, boxes: Sequence[Box]) -> Iterator[tuple[str, str, str]]:
    for number, what in ((float(boxes[0].parameter_count), "parameters"), (float(one.nbytes), "bytes")):
        unit = 0
        while number >= 999.5 and unit < 4:
            number, unit = number / 1000, unit + 1
        letters = ("", "k", "M", "G", "T") if what == "bytes" else ("", "k", "M", "B", "T")
        text = f"{number:.0f}" if not unit or number >= 99.95 else f"{number:.1f}"
        yield (text, f"{letters[unit]}B", "file") if what == "bytes" else (text, letters[unit], what)
    layers = sum(not box.is_series for box in boxes[1:])
    yield f"{layers:,}", "", "layer" if layers == 1 else "layers"


def _facts(one: Inspection, boxes: Sequence[Box]) -> Iterator[tuple[str, str]]:
    model = one.model
    name = f"“{printable(model.name)}”" if model.name else ""
    told = [("model", " ".join(filter(None, (boxes[0].kind, name))))]
    frozen = sum(_own(box) for box in boxes if box.is_frozen)
    exact = f"{boxes[0].parameter_count:,}" + (f", {frozen:,} of them frozen" if frozen else "")
    told += [("parameters", exact), ("types", ", ".join(map(printable, model.dtypes[:4])))]
    frequent = kinds(boxes)
    classes = ", ".join(f"{number}\u00a0{kind}" for kind, number in frequent[:_SHOWN_KINDS])
    told.append(("layers", classes + (f" and {len(frequent) - _SHOWN_KINDS} more" if len(frequent) > 8 else "")))
    told += _compiled(one.compiled) if one.compiled is not None else ()
    if one.others:
        beside = f"{count(len(one.others), 'tensor')} of no layer, {size(sum(each.nbytes for each in one.others))}"
        told.append(("beside", beside))
    if one.assets:
        told.append(("assets", ", ".join(f"{printable(name)} ({size(n)})" for name, n in list(one.assets.items())[:8])))
    told.append(("record", _record(one.record) if one.record is not None else "none: kept did not write this file"))
    told.append(("python", printable(one.versions.get("python", ""))))
    yield from ((label, text) for label, text in told if text)


def _own(box: Box) -> int:
    return 0 if box.kids else box.parameter_count


def _compiled(compiled: Compiled) -> Iterator[tuple[str, str]]:
    rate = compiled.settings.get("learning_rate")
    step = "" if compiled.step is None else f", step {compiled.step:,}"
    given = f" (learning rate {rate:g})" if isinstance(rate, (int, float)) else ""
    state = f", {size(compiled.nbytes)} of state" if compiled.nbytes else ""
    yield "optimizer", f"{printable(compiled.optimizer) or 'unknown'}{given}{step}{state}"
    yield "loss", printable(compiled.loss)
    yield "metrics", printable(compiled.metrics)


def _record(record: RecordCheck) -> str:
    total = count(record.checksum_count, "checksum")
    if not record.holds:
        return "does not hold"
    if record.compared_count:
        return f"holds: {record.compared_count} of {total} equal"
    return f"fits: {total} not compared (--checksums)"


def _required(required: Required) -> tuple[str, str]:
    module, _, name = required.import_path.partition(":")
    if module == "bytecode":
        return "bytecode", f"a function as bytecode, at {printable(', '.join(required.places[:2]))}"
    place = f"from {module}" if module != "__main__" else "the file does not say where it is from"
    if required.file and required.line:
        place = f"from {required.file.rpartition('/')[2]}:{required.line}"
    inside = ", source inside" if required.is_embedded else ""
    return printable(name), f"{printable(place)}{inside}"


def _signatures(graphs: Iterable[Graph]) -> Iterator[tuple[str, str]]:
    for graph in graphs:
        for one in graph.signatures[:_SHOWN_REQUIRED]:
            takes, gives = (", ".join(map(_argument, some[:_SHOWN_KINDS])) for some in (one.inputs, one.outputs))
            yield printable(one.name), f"{takes or 'nothing'} → {gives or 'nothing'}"
        frequent = sorted(graph.ops.items(), key=lambda item: -item[1])[:_SHOWN_KINDS]
        if frequent:
            told = ", ".join(f"{number:,}\u00a0{printable(name)}" for name, number in frequent)
            yield "operations", told + (f" and {len(graph.ops) - len(frequent)} more" if len(graph.ops) > 8 else "")


def _argument(one: Argument) -> str:
    shape = "" if one.shape is None else printable(shape_text(one.shape))
    return " ".join(filter(None, (printable(one.name), printable(one.dtype), shape)))
