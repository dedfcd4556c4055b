"""The report for editors and `grep`: one line for each thing, its place first."""

from __future__ import annotations

from kept.findings import Finding
from kept.report import Report

__all__ = ["render"]


def render(report: Report) -> str:
    """One line for each finding, difference and failure: `file:line:column: KPT205 rebuild-differs message`."""
    lines = [_finding(check.subject, one) for check in report.judged for one in check]
    for proof in report.proofs:
        lines += [f"{proof.path}: {problem.lines()[0]}" for problem in proof.problems]
    lines += [f"{one.path}: not judged: {one.skipped}" for scan in report.scans for one in scan.files if one.skipped]
    lines += [f"{failure.path}: {failure.kind} {failure.message}" for failure in report.failures]
    return "".join(f"{line}\n" for line in lines)


def _finding(subject: str, one: Finding) -> str:
    where = f" ({one.where[0]}{f', +{len(one.where) - 1} more' if len(one.where) > 1 else ''})" if one.where else ""
    return f"{str(one.location) or subject}: {one.code} {one.rule} {one.message}{where}"
