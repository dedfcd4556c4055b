"""What a save or a verification has proved, as plain data: runtime makes it, report shows it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any

from .errors import Problem

__all__ = ["Level", "Outcome", "Proof", "Repair"]


class Level(str, Enum):
    """How much is compared; each level includes those before it."""

    STRUCTURE = "structure"
    WEIGHTS = "weights"
    OUTPUTS = "outputs"
    RESUME = "resume"

    @property
    def rank(self) -> int:
        """0 for structure up to 3 for resume."""
        return list(Level).index(self)

    def includes(self, other: Level) -> bool:
        """Whether proving this level proves `other` too."""
        return self.rank >= other.rank


class Outcome(str, Enum):
    """How one comparison ended."""

    EQUAL = "equal"
    CLOSE = "close"
    DIFFERENT = "different"
    NOT_COMPARED = "not compared"


@dataclass(frozen=True, slots=True)
class Repair:
    """One thing that plain Keras could not have restored, and what kept did about it.

    Attributes:
        where: Object path in the live model.
        what: What was repaired, one sentence without a full stop.
        edit: The edit to the user's source that makes the repair unnecessary; may be empty.
    """

    where: str
    what: str
    edit: str = ""


@dataclass(frozen=True, slots=True)
class Proof:
    """What is known about a file after it was saved or verified.

    Attributes:
        path: The file, as the caller named it.
        nbytes: Its size in bytes.
        level: The level that was asked for; None when nothing was verified.
        backend: Backend of the verifying process (`tensorflow`, `jax`, `torch`).
        device: Device of the verifying process (`cpu`, `cuda`, ...).
        variable_count: Variables compared bit for bit.
        outputs: How the comparison of outputs ended.
        outputs_note: Why outputs were not compared, or the largest difference; may be empty.
        resume: How the comparison of one training step ended.
        repairs: What was repaired.
        stock: Why plain Keras could not have loaded this file, one sentence each.
        problems: Differences; only `kept.verify` returns a proof that has any.
        seconds: Wall time of the whole operation.
    """

    path: str
    nbytes: int
    level: Level | None = None
    backend: str = ""
    device: str = ""
    variable_count: int = 0
    outputs: Outcome = Outcome.NOT_COMPARED
    outputs_note: str = ""
    resume: Outcome = Outcome.NOT_COMPARED
    resume_note: str = ""
    repairs: tuple[Repair, ...] = ()
    stock: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    seconds: float = 0.0

    @property
    def holds(self) -> bool:
        """Whether the file was verified and nothing differed."""
        return self.level is not None and not self.problems

    def to_dict(self) -> dict[str, Any]:
        """The proof as JSON-able data."""
        return asdict(self)
