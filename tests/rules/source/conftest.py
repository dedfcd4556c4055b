"""The examples of all rules on source, tried once: in a process that saves them, and in a fresh one that loads them."""

import importlib.util
import json

import pytest

from tests.conftest import Python, require_backend
from tests.rules.pages import every, sections

SOURCE = sorted(name for name, module in every().items() if ".source." in module.__name__)
TRYING = __file__.replace("conftest.py", "trying.py")


@pytest.fixture(scope="session")
def tried(tmp_path_factory):
    """Name of a rule -> what came of saving and loading its example, and what to use instead."""
    there = [name for name in ("torch", "jax", "tensorflow") if importlib.util.find_spec(name) is not None]
    require_backend(there[0] if there else "torch")
    folder = tmp_path_factory.mktemp("examples")
    for name in SOURCE:
        texts = sections(every()[name])
        for kind, heading in (("example", "Example"), ("instead", "Use instead")):
            (folder / f"{kind}_{name.replace('-', '_')}.py").write_text(texts[heading] + "\n")
    made = _told(folder, "make", there[0])
    (folder / "made.json").write_text(json.dumps(made))
    loaded = _told(folder, "load", there[0])
    return {
        name: {kind: {"saved": made[f"{kind}_{stem}"], "loaded": loaded.get(f"{kind}_{stem}")} for kind in KINDS}
        for name, stem in ((name, name.replace("-", "_")) for name in SOURCE)
    }


KINDS = ("example", "instead")


def _told(folder, task, backend):
    ended = Python(folder)(TRYING, task, str(folder), KERAS_BACKEND=backend, timeout=280)
    assert ended.code == 0, ended.err[-3000:]
    return json.loads(ended.out.splitlines()[-1])
