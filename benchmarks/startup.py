"""How long a user waits for help, for a list, and for a run that is finished already."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

from load import Timings, save

SCRIPT = str(Path(sys.executable).with_name("xharness"))


def command(*arguments: str) -> None:
    subprocess.run([SCRIPT, *arguments], check=True, capture_output=True)


def main() -> None:
    results = []
    with tempfile.TemporaryDirectory() as folder:
        command("demo", "--untrained", "--out", folder)
        finished = ["evaluate", "--model", f"{folder}/models", "--data", f"{folder}/data", "--out", f"{folder}/run"]
        for name, arguments, bound in (
            ("xharness --help", ["--help"], 0.2),
            ("xharness tasks list", ["tasks", "list"], 0.5),
            ("finished evaluate, 162 cells", finished, 2.0),
        ):
            timings = Timings()
            for _ in range(5):
                timings.add(partial(command, *arguments))
            seconds = timings.median
            verdict = "ok" if seconds <= bound else "TOO SLOW"
            print(f"{name:32} {seconds:6.3f} s  (bound {bound} s, {timings.loud} disturbed)  {verdict}")
            results.append({"command": name, "seconds": seconds, "bound": bound})
    save("startup", results)


if __name__ == "__main__":
    main()
