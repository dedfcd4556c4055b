"""What a run has to tell, and every way to write it down: one module per output, found by looking into the package.

A module of this package has one public function, `render(report, ...) -> str`.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from kept.errors import KeptError, Problem
from kept.findings import Applicability, Finding
from kept.proof import Proof
from kept.report._inspection import (
    Argument,
    Compiled,
    Embedded,
    Graph,
    Inspection,
    Layer,
    RecordCheck,
    Required,
    Signature,
    Stats,
    Stored,
    is_weight,
)
from kept.report._scan import Scan, Scanned

__all__ = [
    "Argument",
    "Check",
    "Compiled",
    "Embedded",
    "Failure",
    "Graph",
    "Inspection",
    "Layer",
    "RecordCheck",
    "Report",
    "Required",
    "Scan",
    "Scanned",
    "Signature",
    "Stats",
    "Stored",
    "Task",
    "is_weight",
    "outputs",
]

Task = Literal["save", "verify", "check", "inspect", "scan"]


@dataclass(frozen=True, slots=True)
class Check:
    """What the rules found in one subject: false when that is nothing, and otherwise a sequence of findings.

    Attributes:
        subject: What was looked at, as the caller named it.
        findings: One per cause; of a model in the order of the rules, of source in the order of files and lines.
        seconds: Wall time.
        file_count: How many files of source were read; None for a live model.
    """

    subject: str
    findings: tuple[Finding, ...] = ()
    seconds: float = 0.0
    file_count: int | None = None

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __len__(self) -> int:
        return len(self.findings)

    def __getitem__(self, index: int) -> Finding:
        return self.findings[index]

    def fixes(self, promise: Applicability) -> int:
        """How many findings have a fix that promises this."""
        return sum(one.fix is not None and one.fix.applicability is promise for one in self.findings)

    def __str__(self) -> str:
        from kept.report import text

        return text.render(Report("check", checks=(self,))).rstrip("\n")


@dataclass(frozen=True, slots=True)
class Failure:
    """A save, a verification or a check that ended in an error, as plain data.

    Attributes:
        path: The file, as the caller named it.
        kind: Class name of the error.
        message: What happened, one sentence.
        problems: Every single thing that is wrong, where there is more than one.
        hint: What the reader can do; may be empty.
    """

    path: str
    kind: str
    message: str
    problems: tuple[Problem, ...] = ()
    hint: str = ""

    @classmethod
    def of(cls, path: str, error: BaseException) -> Failure:
        """What `error` says about `path`; the error itself, and the frames it holds, are let go."""
        kind = type(error).__name__
        if not isinstance(error, KeptError):
            return cls(path, kind, " ".join(str(error).split()) or kind)
        own = Problem(error.message, error.where, error.expected, error.found)
        problems = tuple(error.problems)
        if own.where or own.expected or own.found:
            problems = (replace(own, message=error.message), *problems)
        return cls(path, kind, error.message, problems, error.hint)


@dataclass(frozen=True, slots=True)
class Report:
    """Everything one command did.

    Attributes:
        task: What was done with each file.
        proofs: The outcomes, in the order in which they came.
        failures: What could not be done.
        checks: What rules found, in the order in which it came.
        inspections: What files hold, in the order in which they were looked into.
        scans: What rules said of files, in the order in which it came.
    """

    task: Task
    proofs: tuple[Proof, ...] = ()
    failures: tuple[Failure, ...] = ()
    checks: tuple[Check, ...] = ()
    inspections: tuple[Inspection, ...] = ()
    scans: tuple[Scan, ...] = ()

    @classmethod
    def of(cls, task: Task, entries: Iterable[Proof | Failure | Check | Inspection | Scan]) -> Report:
        """Sorts a list of outcomes by what they are."""
        every = tuple(entries)
        return cls(
            task,
            tuple(one for one in every if isinstance(one, Proof)),
            tuple(one for one in every if isinstance(one, Failure)),
            tuple(one for one in every if isinstance(one, Check)),
            tuple(one for one in every if isinstance(one, Inspection)),
            tuple(one for one in every if isinstance(one, Scan)),
        )

    @property
    def seconds(self) -> float:
        """Time that kept took, without the script's own."""
        every: tuple[Proof | Check | Scan, ...] = (*self.proofs, *self.checks, *self.scans)
        return sum(one.seconds for one in every)

    @property
    def judged(self) -> tuple[Check, ...]:
        """Every subject that rules were asked about: the checks, and each file of a scan as if it were one."""
        files = (one for scan in self.scans for one in scan.files)
        return (*self.checks, *(Check(one.path, one.findings, one.seconds) for one in files))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding of every subject."""
        return tuple(finding for check in self.judged for finding in check)


def outputs() -> list[str]:
    """Names of every output there is: `text`, `json`, ..."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))
