"""What a page says of one model file, ready for a template."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from kept.findings import Finding, Severity
from kept.report import Compiled, Inspection, RecordCheck, Required
from kept.report._boxes import Box, boxes_of, concerned, kinds, page_data, printable
from kept.report._inspections import BACKENDS
from kept.report._layout import BOX_WIDTH
from kept.report._style import count, size
from kept.report._tiles import Area, areas

__all__ = ["Note", "Sheet", "note", "sheet"]

_SHOWN_NOTES, _SHOWN_KINDS, _SHOWN_REQUIRED = 500, 8, 100
_SOURCE_LENGTH = 200_000


@dataclass(frozen=True, slots=True)
class Note:
    """Something to look at, with the box that it concerns.

    Attributes:
        severity: `error`, `warning` or `note`.
        title: What it is called; may be empty.
        text: What is wrong.
        where: Places as the rule names them.
        boxes: Indices of those that it concerns.
        details: Label and text of what else is known.
        code: Lines of source before, in and after a mark.
    """

    severity: str
    title: str
    text: str
    where: tuple[str, ...] = ()
    boxes: tuple[int, ...] = ()
    details: tuple[tuple[str, str], ...] = ()
    code: tuple[str, str, str] | None = None


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
        notes: What to look at first.
        required: Label and text of code that it needs.
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
    notes: tuple[Note, ...]
    required: tuple[tuple[str, str], ...]
    sources: tuple[tuple[str, str, str, bool], ...]
    boxes: tuple[Box, ...]
    left_out: int
    areas: tuple[Area, ...]
    data: dict[str, Any]

    def worst(self, box: Box) -> str:
        """`error` for a box with one among its findings."""
        error = Severity.ERROR.value
        return error if any(self.data["findings"][one][0] == error for one in box.findings) else ""


def sheet(one: Inspection, findings: Sequence[Finding] = ()) -> Sheet:
    """What is told of a file.

    Args:
        one: What it holds.
        findings: What rules say of it; `where` are paths in its config, in its weights file, or of layers by name.
    """
    boxes, left_out = boxes_of(one.model)
    notes = [note(found, places) for found, places in zip(findings, concerned(boxes, findings), strict=True)]
    notes = [*notes, *_marred(one, boxes)][:_SHOWN_NOTES]
    for number, told in enumerate(notes):
        for place in told.boxes:
            boxes[place].findings.append(number)
    path = PurePath(one.path)
    return Sheet(
        title=printable(one.path),
        name=printable(path.name or one.path),
        place=printable("/".join(path.parts[-2:])),
        origin=" · ".join(_origin(one)),
        figures=tuple(_figures(one, boxes)),
        facts=tuple(_facts(one, boxes)),
        notes=tuple(notes),
        required=tuple(map(_required, one.required[:_SHOWN_REQUIRED])),
        sources=tuple(
            (printable(source.module), printable(source.sha256), _lines(source.text), source.holds)
            for source in one.sources
        ),
        boxes=tuple(boxes),
        left_out=left_out,
        areas=areas(one, boxes),
        data={
            "width": BOX_WIDTH,
            "boxes": page_data(boxes),
            "findings": [[one.severity, one.title, one.text] for one in notes],
        },
    )


def note(finding: Finding, boxes: tuple[int, ...] = ()) -> Note:
    """A finding of a rule, with the boxes that it concerns."""
    location = finding.location
    told = [("plain Keras", finding.stock), ("kept", finding.kept)]
    if finding.fix is not None:
        told += [("to do", finding.fix.message), ("", finding.fix.code)]
    code = None
    if location.text:
        begin = max(location.column - 1, 0)
        end = max(location.end_column - 1, begin)
        pieces = (location.text[:begin].lstrip(), location.text[begin:end], location.text[end:])
        code = (printable(pieces[0]), printable(pieces[1]), printable(pieces[2]))
    return Note(
        finding.severity.value,
        finding.rule,
        printable(finding.message, 2_000),
        tuple(map(printable, (*([str(location)] if location.file else []), *finding.where)))[:20],
        boxes,
        tuple((label, _lines(text)) for label, text in told if text),
        code,
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
                yield Note("warning", "numbers", f"{told} in a tensor", (printable(tensor.path),), (box.index,))


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


def _lines(text: str) -> str:
    """Source as a page shows it: lines and tabs are kept, what else is not printed is escaped."""
    cut = text if len(text) <= _SOURCE_LENGTH else f"{text[:_SOURCE_LENGTH]}\n… {len(text):,} characters"
    return "\n".join(printable(line.expandtabs(4), 2_000) for line in cut.split("\n"))
