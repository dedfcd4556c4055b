"""The fresh process that proves: started by the first save, it has imported Keras and its backend and nothing else.

Each proof runs in a fork of it, so that every proof starts from the same nothing. It ends with the process that started
it, also when that one is killed.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from multiprocessing.connection import Pipe
from typing import IO, Any

import keras
import numpy as np

from ..errors import VerificationError
from ..formats.target import writing
from . import wire

__all__ = ["Answer", "Prover", "prover"]

_BOOT = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]);"
    "from kept.runtime.proving_process import main; main(int(sys.argv[2]), int(sys.argv[3]))"
)
_NO_ACCELERATOR = {
    "CUDA_VISIBLE_DEVICES": "",
    "HIP_VISIBLE_DEVICES": "",
    "JAX_PLATFORMS": "cpu",
    "KERAS_TORCH_DEVICE": "cpu",
}
# Beside this process, which may hold nearly all memory of the accelerator; and Torch must look for one without
# beginning to use it, or what is forked could not use it.
_SHARED_ACCELERATOR = {
    "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
    "TF_FORCE_GPU_ALLOW_GROWTH": "true",
    "PYTORCH_NVML_BASED_CUDA_CHECK": "1",
}
_LAST_WORDS_BYTES = 2000

Answer = tuple[dict[str, Any], list[np.ndarray]]


class Prover:
    """One proving process.

    Args:
        accelerator: Whether it may use an accelerator; without, it sees only the CPU.
    """

    def __init__(self, *, accelerator: bool = False) -> None:
        self.owner = os.getpid()
        self.settings = _settings(accelerator)
        with writing("the log of the verifying process"):
            self._log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  lives as long as the process
        self._asking = threading.Lock()
        self._said = 0  # where the log ended when the last question was asked
        self._connection, theirs = Pipe()
        environment = dict(os.environ, **self.settings["environment"])
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-c", _BOOT, json.dumps(sys.path), str(theirs.fileno()), str(os.getpid())],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=self._log,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        except OSError as error:
            raise VerificationError(
                "the verifying process cannot be started", expected=sys.executable, found=str(error)
            ) from error
        finally:
            theirs.close()

    @property
    def usable(self) -> bool:
        """Whether it is alive, belongs to this process, and was started under the settings that now hold."""
        accelerator = self.settings["accelerator"]
        alive = self._process.poll() is None
        return alive and self.owner == os.getpid() and self.settings == _settings(accelerator)

    def ask(self, question: dict[str, Any], arrays: list[np.ndarray], timeout: float) -> Answer:
        """Sends a question and waits for its answer.

        Args:
            question: JSON-able.
            arrays: Sent with it.
            timeout: Seconds.

        Raises:
            VerificationError: The process died, or gave no answer in time; it is ended then.
        """
        with self._asking:
            return self._ask(question, arrays, timeout)

    def _ask(self, question: dict[str, Any], arrays: list[np.ndarray], timeout: float) -> Answer:
        question = {**question, "keras": self.settings["keras"]}
        self._said = self._log.seek(0, os.SEEK_END)
        late = threading.Event()
        # A process that stops reading, or stops amid its answer, blocks this one: only its end sets it free.
        watch = threading.Timer(min(timeout, threading.TIMEOUT_MAX), self._end_late, [late])
        watch.daemon = True
        watch.start()
        try:
            wire.send(self._connection, question, arrays)
            answer = wire.receive(self._connection)
        except (EOFError, OSError) as error:
            if isinstance(error, VerificationError):
                raise
            raise (self._too_late(timeout) if late.is_set() else self._died()) from error
        except BaseException:  # an interrupt: the answer that is still to come belongs to no question
            self.close()
            raise
        finally:
            watch.cancel()
        if "died" in answer[0]:
            raise self._died(str(answer[0]["died"]))
        return answer

    def _end_late(self, late: threading.Event) -> None:
        late.set()
        self._kill()

    def _too_late(self, timeout: float) -> VerificationError:
        self.close()
        return VerificationError(
            "the verifying process gave no answer in time",
            expected=f"an answer within {timeout:g} s",
            found="none; the process was ended",
            hint="give it longer with timeout=, or compare less with verify='weights'",
        )

    def _died(self, how: str = "") -> VerificationError:
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = self._process.wait(0 if how else 1)
            how = how or (f"signal {-code}" if code < 0 else f"exit code {code}")
        words = self._last_words()
        self.close()
        return VerificationError(
            "the verifying process died",
            expected="an answer",
            found=", after saying: ".join(filter(None, (how, words))),
        )

    def _last_words(self) -> str:
        try:
            size = self._log.seek(0, os.SEEK_END)
            self._log.seek(max(self._said, size - _LAST_WORDS_BYTES))
            lines = self._log.read().decode(errors="replace").strip().splitlines()
        except (OSError, ValueError):
            return ""
        return lines[-1] if lines else ""

    def close(self) -> None:
        """Ends the process and whatever it started."""
        if self.owner != os.getpid():
            return
        with contextlib.suppress(OSError):
            self._connection.close()
        if self._process.poll() is None:
            self._kill()
            self._process.wait()
        self._log.close()

    def _kill(self) -> None:
        if self._process.returncode is None:  # else the number may belong to another process by now
            with contextlib.suppress(OSError):
                os.killpg(self._process.pid, signal.SIGKILL)


def _settings(accelerator: bool) -> dict[str, Any]:
    """What a proving process must share with this one to speak of the same model."""
    environment = {"KERAS_BACKEND": keras.backend.backend(), "TF_CPP_MIN_LOG_LEVEL": "3"}
    environment |= _SHARED_ACCELERATOR if accelerator else _NO_ACCELERATOR
    return {
        "accelerator": accelerator,
        "environment": environment,
        "inherited": hash(tuple(sorted(os.environ.items()))),
        "path": list(sys.path),
        "folder": _folder(),
        "keras": {
            "floatx": keras.config.floatx(),
            "epsilon": keras.config.epsilon(),
            "image_data_format": keras.config.image_data_format(),
        },
    }


def _folder() -> str:
    try:
        return os.getcwd()
    except OSError:
        return ""


_standby: Prover | None = None
_starting = threading.Lock()


def prover(*, accelerator: bool = False) -> Prover:
    """The proving process of this process, started now if it is not there."""
    with _starting:
        return _current(accelerator)


def _current(accelerator: bool) -> Prover:
    global _standby
    current = _standby
    if current is None or not current.usable or current.settings["accelerator"] != accelerator:
        if current is not None:
            current.close()
        current = Prover(accelerator=accelerator)
        if _standby is None:
            atexit.register(_end)
        _standby = current
    return current


def _end() -> None:
    if _standby is not None:
        _standby.close()
