"""What a run took, step by step, and how much of it went into imports."""

import subprocess
import sys

from flows import building, loading
from flows.requested import Spent

CODE = """
import sys, time
sys.path.insert(0, {folder!r})
from flows import loading
loading.watch()
at_start = loading.seconds()
import slow_one                      # which imports another
with_both = loading.seconds() - at_start
import slow_one, slow_two            # are there already
from threading import Thread
both = [Thread(target=__import__, args=(name,)) for name in ("slow_three", "slow_four")]
for one in both: one.start()
for one in both: one.join()
at_once = loading.seconds() - at_start - with_both
time.sleep(0.2)
from flows.building import Clock
first, second = Clock(), Clock()
print(at_start > 0, 0.2 <= with_both < 0.3, 0.1 <= at_once < 0.19)
print(list(first.laps), list(second.laps), first.laps["start"].imports > 0.3)
print(first.laps["start"].seconds >= first.laps["start"].imports + 0.15)
"""


def test_imports_are_timed_once_however_deep_and_however_many_at_once(tmp_path):
    for name in ("two", "three", "four"):
        (tmp_path / f"slow_{name}.py").write_text("import time; time.sleep(0.1)\n", "utf-8")
    (tmp_path / "slow_one.py").write_text("import time, slow_two; time.sleep(0.1)\n", "utf-8")
    code = CODE.format(folder=str(tmp_path))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.splitlines() == ["True True True", "['start'] [] True", "True"], done.stderr


def test_a_clock_in_another_program_starts_with_itself():
    """A server runs many refreshes: its own age is not on their account."""
    clock = building.Clock()
    clock.lap("pull")
    clock.lap("pull")
    assert list(clock.laps) == ["pull"] and clock.laps["pull"].seconds < 5


def test_the_table_ends_with_the_share_of_imports():
    steps = {"start": Spent(seconds=2.0, imports=1.5), "pull": Spent(seconds=8.0, imports=1.0)}
    assert list(loading.table(steps)) == [
        "time, in seconds               all  imports",
        "  start                        2.0      1.5",
        "  pull                         8.0      1.0",
        "  total                       10.0      2.5, which is 25%",
    ]
    assert list(loading.table({})) == []
