"""What kept is to reach, and whether it does: computed from the results, never written by hand."""

from __future__ import annotations

from dataclasses import dataclass

from .measured import checkpointing, files, loading, saving, small_model, start_up
from .races import BACKENDS, MODELS
from .results import Results

__all__ = ["TARGETS", "Target", "Verdict"]

SAFETENSORS = "safetensors"
FASTER, WITHIN, SECONDS, EXTRA, MEMORY = "faster", "within", "seconds", "extra", "memory"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was measured of a target, as a person reads it, and whether it is enough."""

    measured: str
    met: bool


@dataclass(frozen=True, slots=True)
class Target:
    """One thing to reach.

    Attributes:
        what: The work, as the table names it.
        benchmark: A module in `measured`.
        race: Title of the race, and its backend.
        way: That of kept.
        kind: FASTER: at least `limit` times faster than `peer`; WITHIN: at most `limit` times the time of `peer`;
            SECONDS: at most so many; EXTRA: at most so many bytes of memory beyond the weights; MEMORY: of a whole
            process.
        limit: See `kind`.
        peer: The other way of the comparison.
        headline: Whether the README quotes it.
        note: What the time is made of, where the target is not reached.
    """

    what: str
    benchmark: str
    race: tuple[str, str]
    way: str
    kind: str
    limit: float
    peer: str = ""
    headline: bool = False
    note: str = ""

    @property
    def wanted(self) -> str:
        """The target in words."""
        return {
            FASTER: f"at least {self.limit:g} times faster than {self.peer}",
            WITHIN: f"at most {self.limit:g} times {self.peer}",
            SECONDS: f"under {shown_seconds(self.limit)}",
            EXTRA: f"at most {shown_bytes(self.limit)} of memory beyond the weights",
            MEMORY: f"at most {shown_bytes(self.limit)} of memory",
        }[self.kind]

    def verdict(self, results: Results) -> Verdict | None:
        """What the results say; None where it was not measured."""
        quantity = "extra_bytes" if self.kind in (EXTRA, MEMORY) else "seconds"
        own = results.median(self.benchmark, *self.race, self.way, quantity)
        other = results.median(self.benchmark, *self.race, self.peer, quantity) if self.peer else 0.0
        if own is None or other is None:
            return None
        if self.kind == FASTER:
            return Verdict(f"{shown_ratio(other / own)} times", other / own >= self.limit)
        if self.kind == WITHIN:
            return Verdict(f"{own / other:.2f} times", own / other <= self.limit)
        shown = shown_seconds if quantity == "seconds" else shown_bytes
        return Verdict(shown(own), own <= self.limit)


def shown_seconds(seconds: float) -> str:
    """Seconds as a person reads them: `3.04 s`, `22 ms`."""
    return f"{seconds:.2f} s" if seconds >= 0.0995 else f"{seconds * 1000:.0f} ms"


def shown_ratio(ratio: float) -> str:
    """A ratio as a person reads it: `0.07`, `2.4`, `31`."""
    return f"{ratio:.2f}" if ratio < 1 else f"{ratio:.1f}" if ratio < 10 else f"{ratio:.0f}"


def shown_bytes(nbytes: float) -> str:
    """Bytes as a person reads them: `12 MB`."""
    return f"{nbytes / 1e6:.0f} MB"


_CONSTRUCTION = (
    "By profile: half is Keras's own construction from the config, which both pay; the rest is the first import of "
    "kept's modules, opening the file, and giving tensors to variables, in about equal parts."
)
_FRESH_MEMORY = (
    "What varies is the machine's work for 400 MB of fresh memory, which takes several times as long in one run as in "
    "another, with the same number of page faults; "
)
_JUDGING = "EfficientNetB0 has 1,104 objects, and there are 22 rules: Python takes about 18 microseconds for an object."
_MAPPING = "safetensors maps the file and copies nothing on Torch; `kept.load(mmap=True)` does the same."


def _loading() -> list[Target]:
    dense, net = MODELS["dense"], MODELS["efficient_net"]
    fast = {("jax", net): 15, ("jax", dense): 5, ("tensorflow", net): 2, ("torch", net): 2}
    faster = [
        Target(
            f"Load {title}",
            "loading",
            (title, backend),
            loading.KEPT,
            FASTER,
            limit,
            loading.KERAS,
            headline=True,
            note=f"{_FRESH_MEMORY}`kept.load(mmap=True)` asks for none." if title == dense else _CONSTRUCTION,
        )
        for (backend, title), limit in fast.items()
    ]
    races = [(dense, backend) for backend in BACKENDS]
    within = [
        Target(f"Load {dense}", "loading", race, loading.KEPT, WITHIN, 1.5, SAFETENSORS, note=_MAPPING)
        for race in races
    ]
    return faster + within + [Target(f"Load {dense}", "loading", race, loading.KEPT, EXTRA, 80e6) for race in races]


def _saving() -> list[Target]:
    what = f"Save {MODELS['dense']}"
    races = [(MODELS["dense"], backend) for backend in BACKENDS]
    kept, keras = saving.KEPT, saving.KERAS
    return [
        *(Target(what, "saving", race, kept, FASTER, 2.5, keras, headline=True) for race in races),
        *(Target(what, "saving", race, kept, WITHIN, 1.5, saving.RAW_SYNCED) for race in races),
        *(Target(what, "saving", race, kept, EXTRA, 80e6) for race in races),
    ]


def _small() -> list[Target]:
    limits = {"tensorflow": 0.5, "jax": 1.0, "torch": 0.5}
    made = []
    for backend, limit in limits.items():
        race = (small_model.RACE, backend)
        made.append(Target("First save of a small model", "small_model", race, small_model.UNPROVEN, SECONDS, 0.1))
        made.append(Target("Proven save of a small model", "small_model", race, small_model.SECOND, SECONDS, limit))
    return made


def _checkpointing() -> list[Target]:
    races = [(MODELS["dense"], backend) for backend in BACKENDS]
    first = (checkpointing.FIRST, WITHIN, 1.2, checkpointing.COPY)
    later = (checkpointing.LATER, WITHIN, 1.2, checkpointing.COPY_AGAIN)
    return [
        Target("Stall of a training", "checkpointing", race, *pair, note=note)
        for race in races
        for pair, note in ((first, f"{_FRESH_MEMORY}`fit` asks for it before the first batch."), (later, ""))
    ]


def _start_up() -> list[Target]:
    race = (start_up.RACE, "")
    return [
        Target("`import kept`, the whole process", "start_up", race, start_up.IMPORT, SECONDS, 0.03),
        Target("`kept --help`, the whole process", "start_up", race, start_up.HELP, SECONDS, 0.15),
    ]


def _files() -> list[Target]:
    net, dense = (files.FILES["efficient_net"], ""), (files.FILES["dense"], "")
    return [
        Target(f"Judge {net[0]}, open", "files", net, files.RULES, SECONDS, 0.005, note=_JUDGING),
        Target(f"Scan {files.SMALL.lower()}", "files", (files.SMALL, ""), files.CALL, SECONDS, 0.005),
        Target(f"`kept scan`, {net[0]}", "files", net, files.SCAN, SECONDS, 0.35),
        Target(f"`kept inspect`, {dense[0]}", "files", dense, files.INSPECT, SECONDS, 0.35),
        Target(f"`kept inspect`, {dense[0]}", "files", dense, files.INSPECT, MEMORY, 60e6),
    ]


TARGETS = (*_loading(), *_saving(), *_small(), *_checkpointing(), *_start_up(), *_files())
