"""Two warm processes for each backend: one where models are made and saved, one that never saw their code."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from multiprocessing.connection import Pipe
from pathlib import Path

from tests.conftest import QUIET, ROOT

LIMIT_SECONDS = 120


def _compiling_once(folder):
    """What makes the processes of JAX share what one of them has compiled."""
    return {
        "JAX_COMPILATION_CACHE_DIR": str(folder),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
    }


@dataclass(frozen=True)
class Answer:
    """What came of one script; asking for the result of one that failed fails the test."""

    given: dict
    warnings: list = field(default_factory=list)

    @property
    def result(self):
        assert "error" not in self.given, self.given["error"]["trace"]
        return self.given["result"]

    @property
    def error(self):
        assert "error" in self.given, f"no error; the result is {self.given.get('result')}"
        return self.given["error"]


class Worker:
    """One warm process."""

    def __init__(self, backend, role, folder, python=sys.executable):
        self.connection, theirs = Pipe()
        environment = {
            **os.environ,
            **QUIET,
            **_compiling_once(folder),
            "KERAS_BACKEND": backend,
            "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
        }
        self.log = Path(folder, f"{backend}-{role}.log").open("wb")  # noqa: SIM115  open as long as the process runs
        self.process = subprocess.Popen(
            [python, str(ROOT / "tests" / "runtime" / "warm.py"), str(theirs.fileno()), role],
            cwd=folder,
            env=environment,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
        )
        theirs.close()

    def run(self, path, given, *, fork):
        request = {"path": str(path), "given": given, "fork": fork}
        self.connection.send_bytes(json.dumps(request).encode())
        assert self.connection.poll(LIMIT_SECONDS), f"no answer in {LIMIT_SECONDS} s: {path}"
        answer = json.loads(self.connection.recv_bytes())
        return Answer(answer, answer.pop("warnings"))

    def close(self):
        self.connection.close()
        self.process.kill()
        self.process.wait()
        self.log.close()


class Laboratory:
    """Every warm process of a test session, started when first asked for."""

    def __init__(self, folder, python=sys.executable):
        self.folder = folder
        self.python = python
        self.workers = {}

    def worker(self, backend, role):
        for each in ("saves", "loads"):
            if (backend, each) not in self.workers:
                self.workers[backend, each] = Worker(backend, each, self.folder, self.python)
        return self.workers[backend, role]

    def close(self):
        for worker in self.workers.values():
            worker.close()


class Lab:
    """The processes of one backend, and the folder of one test; scripts find the folder as `folder`."""

    def __init__(self, laboratory, backend, folder):
        self.laboratory = laboratory
        self.backend = backend
        self.folder = folder
        self.file = folder / "model.keras"

    def here(self, *source, **given):
        """Runs a script where models are made."""
        return self._run("saves", source, given, fork=False)

    def elsewhere(self, *source, **given):
        """Runs a script in a process that has Keras and kept, and has never run anything else."""
        return self._run("loads", source, given, fork=True)

    def on(self, backend):
        """The same folder on another backend."""
        return Lab(self.laboratory, backend, self.folder)

    def _run(self, role, source, given, *, fork):
        path = self.folder / f"script_{role}.py"
        path.write_text("\n".join(source))
        names = {"folder": str(self.folder), "file": str(self.file), **given}
        return self.laboratory.worker(self.backend, role).run(path, names, fork=fork)
