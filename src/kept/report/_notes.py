"""What a page says of a layer, a file or a line of source: findings of rules, and what differs between two files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from kept.findings import Finding
from kept.report import Comparison, LayerChange, TensorChange
from kept.report._boxes import printable
from kept.report._comparisons import said, summary, tensor_text
from kept.report._style import count
from kept.tree.change import Change

__all__ = ["Note", "changes", "lines", "note", "told"]

_TEXT_LENGTH = 2_000
_SHOWN_PLACES, _SHOWN_DETAILS = 20, 40
_SOURCE_LENGTH = 200_000


@dataclass(frozen=True, slots=True)
class Note:
    """Something to look at.

    Attributes:
        tone: `error`, `warning`, `note`; `added`, `removed`, `changed`; `good`.
        title: What it is called; may be empty.
        text: What is wrong; may be empty.
        where: Places as the rule names them.
        details: Label and text of what else is known.
        code: Source before, in and after a mark.
        boxes: Indices of the boxes that it concerns.
    """

    tone: str
    title: str
    text: str = ""
    where: tuple[str, ...] = ()
    details: tuple[tuple[str, str], ...] = ()
    code: tuple[str, str, str] | None = None
    boxes: tuple[int, ...] = ()


def note(finding: Finding) -> Note:
    """A finding of a rule."""
    location = finding.location
    known = [("plain Keras", finding.stock), ("kept", finding.kept)]
    if finding.fix is not None:
        known += [("to do", finding.fix.message), ("", finding.fix.code)]
    code = None
    if location.text:
        begin = max(location.column - 1, 0)
        end = max(location.end_column - 1, begin)
        pieces = (location.text[:begin].lstrip(), location.text[begin:end], location.text[end:])
        code = (printable(pieces[0]), printable(pieces[1]), printable(pieces[2]))
    places = (*([str(location)] if location.line else []), *finding.where)
    return Note(
        finding.severity.value,
        finding.rule,
        printable(finding.message, _TEXT_LENGTH),
        tuple(map(printable, places[:_SHOWN_PLACES])),
        tuple((label, lines(text)) for label, text in known if text),
        code,
    )


def changes(one: Comparison, side: Literal["a", "b"]) -> Iterator[tuple[Note, tuple[str, ...]]]:
    """What differs, each with the path of the layer in one of the files; none where it is in the other alone."""
    if not one.differs:
        yield Note("good", "equal", "The files are the same to the byte" if one.identical else "Nothing differs"), ()
    for layer in one.layers:
        if layer.differs:
            path = layer.a if side == "a" else layer.b
            yield _layer(layer), (path,) if path else ()
    for title, found in (("compiled", one.compiled), ("versions", one.versions)):
        if found:
            yield Note("changed", title, details=_settings(found)), ()
    for title, tensors in (("state of the optimizer", one.optimizer), ("tensors of no layer", one.others)):
        other = [tensor for tensor in tensors if not tensor.close]
        if other:
            yield Note("changed", title, f"{count(len(other), 'tensor')}", details=_tensors(other)), ()
    for title, found in (("asset", one.assets), ("embedded source", one.sources)):
        for change in found:
            yield Note(change.kind.value, title, printable(change.path)), ()
    for file in (one.a, one.b):
        if file.only:
            yield Note("note", f"only in {printable(file.path)}", printable(", ".join(file.only), _TEXT_LENGTH)), ()


def told(one: Comparison) -> str:
    """What differs, in a line."""
    return ", ".join(summary(one)) or ("the same to the byte" if one.identical else "nothing differs")


def _layer(layer: LayerChange) -> Note:
    tone = "added" if layer.a is None else "removed" if layer.b is None else "changed"
    details = [("was", printable(layer.a or ""))] if layer.renamed else []
    if layer.moved:
        details.append(("place", " → ".join("" if place is None else str(place + 1) for place in layer.places)))
    details += _settings(layer.changes)
    if tone == "changed":
        details += _tensors([tensor for tensor in layer.tensors if not tensor.close])
    kind = printable(layer.class_name.rpartition(">")[2] or layer.class_name)
    return Note(tone, printable(layer.path) or "the model", kind, details=tuple(details[:_SHOWN_DETAILS]))


def _settings(found: tuple[Change, ...]) -> tuple[tuple[str, str], ...]:
    return tuple((printable(one.path), printable(said(one), _TEXT_LENGTH)) for one in found[:_SHOWN_DETAILS])


def _tensors(found: list[TensorChange]) -> tuple[tuple[str, str], ...]:
    return tuple((printable(one.path), printable(tensor_text(one), _TEXT_LENGTH)) for one in found[:_SHOWN_DETAILS])


def lines(text: str) -> str:
    """Source as a page shows it: lines and tabs are kept, what else is not printed is escaped."""
    cut = text if len(text) <= _SOURCE_LENGTH else f"{text[:_SOURCE_LENGTH]}\n… {len(text):,} characters"
    return "\n".join(printable(line.expandtabs(4), _TEXT_LENGTH) for line in cut.split("\n"))
