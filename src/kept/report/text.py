"""The report for people: aligned, one screen, colour only for meaning."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from difflib import get_close_matches

from rich.text import Text

from kept.errors import KeptError, Problem
from kept.findings import Finding
from kept.proof import Level, Outcome, Proof
from kept.report import Failure, Inspection, Report, Task, _comparisons, _findings, _inspections, _scans, _sources
from kept.report._style import BAD, COLOURS, DOUBTFUL, FAINT, GOOD, count, drawn, size, wrapped

__all__ = ["render", "statistics", "view"]

_NARROWEST_PATH, _SIZE_WIDTH, _STATEMENT_WIDTH = 12, 8, 38
_LABEL_WIDTH = 9
_SHOWN_DETAILS = 6
_Detail = tuple[str, str]


def render(report: Report, *, width: int = 80, colour: bool = False, verbose: bool = False) -> str:
    """The report as lines of text, the most important first.

    Args:
        report: What is to be told.
        width: Columns to fill; only a path or a word may be longer.
        colour: Whether to mark good and bad with ANSI colours.
        verbose: Show every detail instead of the first few.
    """
    if report.task == "inspect":
        return drawn(_inspections.lines(report, width, verbose), colour)
    if report.task == "scan":
        return drawn(_scans.lines(report, width, verbose), colour)
    if report.task == "diff":
        return drawn(_comparisons.lines(report, width, verbose), colour)
    told = _checks(report, width, verbose) if report.task == "check" else _outcomes(report, width, verbose)
    return drawn(told, colour)


def view(
    one: Inspection,
    *,
    layers: Iterable[str] = (),
    source: bool = False,
    tensors: bool = False,
    width: int = 80,
    colour: bool = False,
) -> str:
    """A part of what is in one file.

    Args:
        one: What the file holds.
        layers: These layers, by any of their paths.
        source: The embedded source.
        tensors: Every tensor.
        width: As for `render`.
        colour: As for `render`.

    Raises:
        KeptError: There is no such layer.
    """
    found: list[Text] = []
    for path in layers:
        layer = one.find(path)
        if layer is None:
            near = get_close_matches(path, [inside.path for inside in one.model.walk()][1:], 3, 0.4)
            hint = f"there is {', '.join(near)}" if near else "kept inspect -v shows all"
            raise KeptError("there is no such layer", path=one.path, found=path, hint=hint)
        found += [*([Text()] if found else []), *_inspections.layer_of(one, layer, width)]
    if source:
        found += _inspections.sources_of(one)
    if tensors and not layers:
        found += _inspections.tensors_of(one, width)
    return drawn(found, colour)


def statistics(report: Report, *, colour: bool = False) -> str:
    """How often each rule speaks, the most frequent first, and how many of its findings `kept fix` mends."""
    rules: dict[str, list[Finding]] = {}
    for one in report.findings:
        rules.setdefault(one.rule, []).append(one)
    every = sorted(rules.values(), key=lambda found: (-len(found), found[0].code))
    column = max(map(len, rules), default=0)
    lines = []
    for found in every:
        fixable = sum(one.fix is not None and one.fix.automatic for one in found)
        name = (f"{found[0].rule:<{column}}", COLOURS[found[0].severity])
        last = (f"  {fixable} fixable", FAINT) if fixable else ""
        lines.append(Text.assemble(f"{len(found):>6}  ", name, f"  {found[0].code}", last))
    return drawn(lines, colour)


def _checks(report: Report, width: int, verbose: bool) -> Iterator[Text]:
    """Live models and source may be told of in one report; what could not be checked stands with the models."""
    sources = [check for check in report.checks if check.file_count is not None]
    models = tuple(check for check in report.checks if check.file_count is None)
    for check in sources:
        yield from _sources.lines(check, width, verbose)
    if models or not sources:
        yield from _findings.lines(replace(report, checks=models), width, verbose)
        if sources:
            yield Text()
    else:
        for failure in report.failures:
            yield from (*_findings.failed(failure, width), Text())
    if sources:
        yield from _sources.closing(sources, () if models else report.failures, width)


def _outcomes(report: Report, width: int, verbose: bool) -> list[Text]:
    lines = [_headline(report)]
    files = list(_rows(report, width, verbose))
    if files:
        lines += [Text(), *files]
    closing = list(_closing(report.proofs, width, verbose))
    if closing:
        lines += [Text(), *closing]
    return lines


def _headline(report: Report) -> Text:
    proofs, failed = report.proofs, len(report.failures)
    total = len(proofs) + failed
    held = sum(proof.holds for proof in proofs)
    differing = sum(bool(proof.problems) for proof in proofs)
    noun = "save" if report.task == "save" else "file"
    done = "proven" if report.task == "save" else "verified"
    if total == 0:
        return Text("kept  no model was saved" if report.task == "save" else "kept  nothing to tell")
    if held == total:
        done_by = f" in {report.seconds:.1f} s, {'each ' if total > 1 else ''}loaded in a fresh process"
        return Text.assemble("kept  ", (f"{count(total, noun)} {done}", GOOD), done_by)
    head = Text(f"kept  {held} of {count(total, noun)} {done}" + (f" in {report.seconds:.1f} s" if proofs else ""))
    others = (
        (differing, "differs" if differing == 1 else "differ", BAD),
        (total - held - differing - failed, f"not {done}", DOUBTFUL),
        (failed, "failed", BAD),
    )
    for number, verdict, style in others:
        if number:
            head.append(", ").append(f"{number} {verdict}", style)
    return head


def _rows(report: Report, width: int, verbose: bool) -> Iterator[Text]:
    latest = {proof.path: proof for proof in report.proofs}  # in the order of the first save of each
    longest = max((len(path) for path in [*latest, *(failure.path for failure in report.failures)]), default=0)
    column = min(longest, max(width - _SIZE_WIDTH - _STATEMENT_WIDTH, _NARROWEST_PATH))
    for path, proof in latest.items():
        times = sum(one.path == path for one in report.proofs)
        amount = size(proof.nbytes) if proof.nbytes else ""
        style = BAD if proof.problems else "" if proof.holds else DOUBTFUL
        yield from _row(path, amount, _statement(proof), style, column, width)
        yield from _below(_details(proof, times), width, verbose)
    statement = "not saved" if report.task == "save" else "could not be loaded"
    for failure in report.failures:
        yield from _row(failure.path, "", statement, BAD, column, width)
        yield from _below(_reasons(failure, report.task), width, verbose)


def _reasons(failure: Failure, task: Task) -> Iterator[_Detail]:
    yield "error", failure.message
    if task == "verify":  # the command has told the rest on stderr
        return
    for problem in failure.problems:
        yield from (line for line in _problem(problem) if line[1] != failure.message)
    if failure.hint:
        yield "hint", failure.hint


def _row(path: str, amount: str, statement: str, style: str, column: int, width: int) -> Iterator[Text]:
    if len(path) > column:
        yield Text(f"  {path}")
        path = ""
    margin = f"  {path:<{column}}   {amount:>{_SIZE_WIDTH}}   "
    first, *rest = wrapped(statement, max(width - len(margin), _NARROWEST_PATH), "", "")
    yield Text.assemble(margin, (first, style))
    for line in rest:
        yield Text.assemble(" " * len(margin), (line, style))


def _details(proof: Proof, times: int) -> Iterator[_Detail]:
    if times > 1:
        yield "saved", f"{times} times, this is the last"
    if proof.level is None and proof.outputs_note:
        yield "because", proof.outputs_note
    for level, _, outcome, note in _compared(proof):
        if outcome is not Outcome.EQUAL and note and proof.level and proof.level.includes(level):
            yield level.value, note
    for repair in proof.repairs:
        yield "repaired", f"{repair.where} {repair.what}".lstrip()
    for edit in dict.fromkeys(repair.edit for repair in proof.repairs if repair.edit):
        yield "edit", edit
    for problem in proof.problems:
        yield from _problem(problem)


def _problem(problem: Problem) -> Iterator[_Detail]:
    yield "problem", f"{problem.where}: {problem.message}" if problem.where else problem.message
    for label, value in (("expected", problem.expected), ("found", problem.found), ("hint", problem.hint)):
        if value:
            yield label, value


def _below(details: Iterable[_Detail], width: int, verbose: bool) -> Iterator[Text]:
    every = list(details)
    for label, value in every if verbose or len(every) <= _SHOWN_DETAILS + 1 else every[:_SHOWN_DETAILS]:
        margin = f"      {label:<{_LABEL_WIDTH}} "
        yield from map(Text, wrapped(value, width, margin, " " * len(margin)))
    if not verbose and len(every) > _SHOWN_DETAILS + 1:
        yield Text(f"      +{len(every) - _SHOWN_DETAILS} more, -v shows them")


def _closing(proofs: Iterable[Proof], width: int, verbose: bool) -> Iterator[Text]:
    latest = {proof.path: proof for proof in proofs}
    paths: dict[tuple[str, ...], list[str]] = {}
    for path, proof in latest.items():
        if proof.stock:
            paths.setdefault(proof.stock, []).append(path)
    for stock, files in paths.items():
        shown = stock if verbose else stock[:_SHOWN_DETAILS]
        rest = [f"+{len(stock) - len(shown)} more"] if len(shown) < len(stock) else []
        reasons = "; ".join([*(reason.rstrip(".") for reason in shown), *rest])
        named = ", ".join(files[:_SHOWN_DETAILS]) + (" and others" if len(files) > _SHOWN_DETAILS else "")
        yield from map(Text, wrapped(f"Plain Keras could not have loaded {named}: {reasons}.", width, "  ", "    "))


def _statement(proof: Proof) -> str:
    if proof.problems:
        return f"{count(len(proof.problems), 'difference')} from what was saved"
    if proof.level is None:
        return "not proven"
    equal = [count(proof.variable_count, "variable") if proof.level.includes(Level.WEIGHTS) else "structure"]
    others: list[str] = []
    for level, name, outcome, _ in _compared(proof):
        if proof.level.includes(level):
            (equal if outcome is Outcome.EQUAL else others).append(name)
            if outcome is not Outcome.EQUAL:
                others[-1] += f" {outcome.value}"
    said = f"{', '.join(equal[:-1])} and {equal[-1]}" if len(equal) > 1 else equal[0]
    return ", ".join([f"{said} equal", *others])


def _compared(proof: Proof) -> tuple[tuple[Level, str, Outcome, str], ...]:
    return (
        (Level.OUTPUTS, "outputs", proof.outputs, proof.outputs_note),
        (Level.RESUME, "next step", proof.resume, proof.resume_note),
    )
