"""The report for programs: one JSON object."""

from __future__ import annotations

import json
from dataclasses import asdict

from kept.report import Report

__all__ = ["render"]

_VERSION = 1


def render(report: Report) -> str:
    """The report as one JSON object and a newline; `version` grows when a field changes its meaning."""
    tree = {
        "version": _VERSION,
        "task": report.task,
        "proofs": [{**proof.to_dict(), "holds": proof.holds} for proof in report.proofs],
        "checks": [
            {
                "subject": check.subject,
                "seconds": check.seconds,
                "file_count": check.file_count,
                "findings": [one.to_dict() for one in check],
            }
            for check in report.checks
        ],
        "inspections": [one.to_dict() for one in report.inspections],
        "scans": [one.to_dict() for one in report.scans],
        "comparisons": [one.to_dict() for one in report.comparisons],
        "failures": [asdict(failure) for failure in report.failures],
    }
    return json.dumps(tree, indent=2, ensure_ascii=False) + "\n"
