"""A scan as text: what is unsafe or broken first, what needs trust next, and what is clean only when asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.text import Text

from kept.findings import Finding, Severity
from kept.report import Report, Required, Scan, Scanned
from kept.report._style import BAD, COLOURS, DOUBTFUL, FAINT, GOOD, count, safe, size, wrapped

__all__ = ["lines"]

_SHOWN_PLACES = 3
_SHOWN_CLASSES = 12
_LABEL_WIDTH = 7
_TRUST = "needs-trust"


def lines(report: Report, width: int, verbose: bool) -> Iterator[Text]:
    """A report of scans as lines.

    Args:
        report: What is to be told.
        width: Columns to fill; only a path or a word may be longer.
        verbose: Name clean files and every place.
    """
    for number, scan in enumerate(report.scans):
        if number:
            yield Text()
        yield from _scan(scan, width, verbose)
    for failure in report.failures:
        yield Text.assemble((safe(failure.path), "bold"), "  ", (failure.kind, BAD))
        yield from map(Text, wrapped(failure.message, width, "  ", "  "))


def _scan(scan: Scan, width: int, verbose: bool) -> Iterator[Text]:
    yield _headline(scan)
    told = [one for one in scan.files if one.findings or one.required]
    for one in sorted(told, key=lambda one: not one.is_alarming):
        yield Text()
        yield from _file(one, width, verbose)
    skipped = [one for one in scan.files if one.skipped]
    clean = [one for one in scan.files if not (one.findings or one.required or one.skipped)]
    for others, what, style in ((skipped, "not judged", DOUBTFUL), (clean if verbose else [], "nothing found", GOOD)):
        if others:
            yield Text()
        for one in others:
            beside = one.skipped or _about(one)
            yield Text.assemble((safe(one.path), "bold"), "  ", (what, style), f": {safe(beside)}")


def _headline(scan: Scan) -> Text:
    judged = [one for one in scan.files if not one.skipped]
    head = Text(f"kept  {count(len(judged), 'file')} judged in {scan.seconds:.1f} s")
    parts = [
        (sum(one.worst is Severity.ERROR for one in judged), "unsafe or broken", BAD),
        (sum(one.worst is Severity.WARNING for one in judged), "doubtful", DOUBTFUL),
        (sum(not one.is_alarming and bool(one.required) for one in judged), "to be trusted", "blue"),
        (sum(one.worst is None and not one.required for one in judged), "clean", GOOD),
        (len(scan.files) - len(judged), "not judged", DOUBTFUL),
    ]
    told = [(number, what, style) for number, what, style in parts if number]
    for index, (number, what, style) in enumerate(told):
        head.append(", " if index else ": ").append(what if len(scan.files) == 1 else f"{number} {what}", style)
    return head


def _file(one: Scanned, width: int, verbose: bool) -> Iterator[Text]:
    yield Text.assemble((safe(one.path), "bold"), f"  {_about(one)}")
    for finding in one.findings:
        if finding.rule != _TRUST:
            yield from _finding(finding, width, verbose)
    if one.required:
        yield from _trust(one, width, verbose)


def _about(one: Scanned) -> str:
    return ", ".join(filter(None, (one.title, size(one.nbytes))))


def _finding(one: Finding, width: int, verbose: bool) -> Iterator[Text]:
    label = (f"  {one.severity.value:<{_LABEL_WIDTH}}  ", COLOURS[one.severity])
    yield Text.assemble(label, (one.rule, "bold"), f"  {one.code}")
    margin = " " * (_LABEL_WIDTH + 4)
    yield from map(Text, wrapped(safe(_sentence(one.message, one.stock)), width, margin, margin))
    for place in _places(one.where, verbose):
        yield Text(f"{margin}{place}", FAINT)


def _sentence(message: str, stock: str) -> str:
    return f"{message}: {stock}" if stock else message


def _places(where: Iterable[str], verbose: bool) -> Iterator[str]:
    every = [safe(one) or "the file itself" for one in where]
    shown = every if verbose else every[:_SHOWN_PLACES]
    yield from shown
    if len(shown) < len(every):
        yield f"+{len(every) - len(shown)} more, -v shows them"


def _trust(one: Scanned, width: int, verbose: bool) -> Iterator[Text]:
    shown = one.required if verbose else one.required[:_SHOWN_CLASSES]
    rows = [(safe(required.import_path), safe(_origin(required))) for required in shown]
    column = min(max(len(path) for path, _ in rows), width // 2)
    yield Text.assemble(("  trust    ", "blue"), "loading needs this code")
    margin = " " * (_LABEL_WIDTH + 4)
    for path, origin in rows:
        yield Text.assemble(margin, f"{path:<{column}}  ", (origin, FAINT))
    if len(shown) < len(one.required):
        yield Text(f"{margin}+{len(one.required) - len(shown)} more, -v shows them", FAINT)
    yield Text()
    yield from (Text(f"{margin}{line}") for line in wrapped(safe(_load(one)), width - len(margin), "", "    "))


def _load(one: Scanned) -> str:
    """What to write in order to load the file."""
    homes = [name for name in one.trusted if name != "__main__"]
    if homes:
        return f"kept.load({one.path!r}, trusted={homes!r})"
    names = [required.registered_name for required in one.required]
    return f"kept.load({one.path!r}, custom_objects={{{', '.join(f'{name!r}: ...' for name in names)}}})"


def _origin(one: Required) -> str:
    source = "its source is in the file" if one.is_embedded else ""
    defined = f"{one.file}:{one.line}" if one.file and one.line else one.file
    place = (one.places[0] or "the model itself") if one.places else ""
    more = f", +{len(one.places) - 1}" if len(one.places) > 1 else ""
    return ", ".join(filter(None, (defined, source))) or f"{place}{more}"
