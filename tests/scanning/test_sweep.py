"""Many files, by several processes, each of which ends where its file takes too long."""

import json

import fsspec
import pytest

from kept.errors import KeptError
from kept.findings import Severity
from kept.limits import Limits
from kept.scanning.asked import Asked
from kept.scanning.sweep import scan_paths
from tests.attacks import configs

LARGE = json.dumps({**configs.dense(), "rest": [[0] * 1000] * 8000})


@pytest.fixture
def folder(tmp_path):
    for number in range(40):
        configs.archive(tmp_path / f"{number:02}.keras", configs.dense())
    configs.archive(tmp_path / "99.keras", configs.CODE["a lambda as a loss"])
    return tmp_path


def rules(scan):
    return [[one.rule for one in file.findings] for file in scan.files]


def test_every_file_is_judged_and_told_of_in_order(folder):
    scan = scan_paths([folder], jobs=2)
    assert [file.path for file in scan.files] == sorted(map(str, folder.iterdir()))
    assert rules(scan) == [[]] * 40 + [["code-payload"]]


def test_one_process_several_and_none_find_the_same(folder):
    found = [[file.findings for file in scan_paths([folder], jobs=jobs).files] for jobs in (0, 1, 2)]
    assert found[0] == found[1] == found[2]


def test_progress_is_told(folder):
    told = []
    scan_paths([folder], jobs=2, progress=lambda done, total: told.append((done, total)))
    assert told == [(number, 41) for number in range(1, 42)]


def test_a_file_that_takes_too_long_is_a_finding_and_the_others_are_judged(folder):
    (folder / "50.json").write_text(LARGE)
    scan = scan_paths(
        [folder / "50.json", folder / "99.keras"],
        Asked(limits=Limits(scan_seconds=0.3, json_value_count=10**8)),
        jobs=1,
    )
    assert rules(scan)[0] == ["unreadable-file"]
    assert scan.files[0].findings[0].message.startswith("judging it took longer than ")


def test_a_file_that_takes_too_much_memory_is_a_finding(folder):
    (folder / "50.json").write_text(LARGE)
    limits = Limits(scan_bytes=200 << 20, json_value_count=10**8)
    scan = scan_paths([folder / "50.json", folder / "99.keras"], Asked(limits=limits), jobs=1)
    assert rules(scan) == [["unreadable-file"], ["code-payload"]]
    assert scan.files[0].worst is Severity.ERROR


def test_a_process_that_dies_is_a_finding(folder, python):
    script = f"""
import os, kept, kept.scanning.workers as workers
before = os.fsdecode
os.fsdecode = lambda path: os.kill(os.getpid(), 11) if path[-8:] == b"00.keras" else before(path)
scan = kept.scan({str(folder)!r}, jobs=1)
print(len(scan.files), [one.message for one in scan])
"""
    python.write("s.py", script)
    died = "the process that judged it has died, by signal 11"
    assert python("s.py").out == f"41 {[died, 'Python bytecode of a lambda, as Keras marshals it']}\n"


def test_no_process_is_left_behind(python, folder):
    script = f"""
import os, kept
kept.scan({str(folder)!r}, jobs=2)
try:
    os.waitpid(-1, os.WNOHANG)
except ChildProcessError:
    print("none")
"""
    python.write("s.py", script)
    assert python("s.py").out == "none\n"


def test_a_process_with_threads_asks_a_new_python(python, folder):
    script = f"""
import threading, kept
threading.Thread(target=threading.Event().wait, daemon=True).start()
print(len(kept.scan({str(folder)!r}, jobs=1).files))
"""
    python.write("s.py", script)
    assert python("s.py").out == "41\n"


def test_neither_keras_nor_a_backend_is_imported(python, folder):
    script = f"""
import sys, kept
kept.scan({str(folder)!r}, jobs=0)
print(sorted({{"keras", "tensorflow", "jax", "torch"}} & set(sys.modules)))
"""
    python.write("s.py", script)
    assert python("s.py").out == "[]\n"


def test_a_rule_that_is_not_there_is_an_error(folder):
    with pytest.raises(KeptError, match="no rule is called 'misplaced'"):
        scan_paths([folder], Asked(select=("misplaced",)))


def test_rules_are_chosen(folder):
    assert rules(scan_paths([folder / "99.keras"], Asked(ignore=("KPT306",)), jobs=0)) == [[]]
    assert rules(scan_paths([folder / "99.keras"], Asked(select=("code-payload",)), jobs=0)) == [["code-payload"]]


def test_a_file_behind_a_url_is_judged(folder):
    memory = fsspec.filesystem("memory")
    memory.put(str(folder / "99.keras"), "/models/99.keras")
    here, there = (scan_paths([one], jobs=0) for one in (folder / "99.keras", "memory://models/99.keras"))
    assert rules(there) == rules(here) != [[]]
    assert there.files[0].nbytes == here.files[0].nbytes > 0
    assert there.files[0].findings[0].location.file == "memory://models/99.keras"
