"""The report for programs that read as they go: one JSON object on each line."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from kept.report import Report

__all__ = ["render"]


def render(report: Report) -> str:
    """A line for each finding, proof, failure and file that was skipped; its `type` says which."""
    told: list[dict[str, Any]] = [
        {"type": "finding", "subject": check.subject, **one.to_dict()} for check in report.judged for one in check
    ]
    told += [{"type": "proof", **proof.to_dict(), "holds": proof.holds} for proof in report.proofs]
    told += [
        {"type": "skipped", "path": one.path, "reason": one.skipped}
        for scan in report.scans
        for one in scan.files
        if one.skipped
    ]
    told += [{"type": "failure", **asdict(failure)} for failure in report.failures]
    return "".join(f"{json.dumps(one)}\n" for one in told)
