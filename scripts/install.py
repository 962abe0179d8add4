"""Install the wheel with pipx in a clean root, then the sdist in its place; each runs there without a network.

    make build && sudo python3 -m scripts.install

The root is a fresh Debian without a compiler; docs/container.md says what it needs.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from scripts.clean_root import SYSTEM_PATH, Bind, FailedError, Root, debian, pip_settings

REPOSITORY = Path(__file__).parent.parent
ENVIRONMENT = {"PATH": SYSTEM_PATH, "PIPX_HOME": "/opt/pipx", "PIPX_BIN_DIR": "/usr/local/bin"}
OFFLINE = {"PATH": SYSTEM_PATH, "HOME": "/tmp", "HF_HUB_OFFLINE": "1"}


def the_one(folder: Path, pattern: str) -> Path:
    """The only file of a pattern; an old build beside the new one is refused."""
    found = sorted(folder.glob(pattern))
    if len(found) != 1:
        raise FailedError(f"{len(found)} files {folder}/{pattern}, one is wanted: rm -r dist && make build")
    return found[0]


def installations(wheel: str, sdist: str) -> list[tuple[str, list[list[str]], list[str]]]:
    """What is installed, how, and the offline commands that show that it works; paths are those inside the root."""
    tested = "--constraint=/dist/constraints.txt"
    pipx = [["python", "-m", "venv", "/opt/tools"], ["/opt/tools/bin/pip", "install", "--quiet", "pipx"]]
    install = ["/opt/tools/bin/pipx", "install", f"/dist/{wheel}", f"--pip-args={tested}"]
    replace = ["/opt/tools/bin/pipx", "runpip", "xharness", "install", "--no-deps", "--force-reinstall", tested]
    return [
        (wheel, [*pipx, install], ["--help", "tasks list", "demo --untrained --out demo-of-wheel"]),
        (sdist, [[*replace, f"/dist/{sdist}"]], ["--version", "tasks list", "demo --untrained --out demo-of-sdist"]),
    ]


def check(root: Root, work: Path, dist: Path) -> None:
    """Install each, and call its commands as an ordinary user who can write nowhere but in ``/runs``."""
    environment, binds = pip_settings(work)
    wheel, sdist = the_one(dist, "*.whl"), the_one(dist, "*.tar.gz")
    files = [Bind(path, f"/dist/{path.name}") for path in (wheel, sdist, REPOSITORY / "constraints.txt")]
    runs, log = work / "runs-of-install", work / "install.log"
    shutil.rmtree(runs, ignore_errors=True)
    runs.mkdir()
    shutil.chown(runs, 1000, 1000)
    log.unlink(missing_ok=True)
    for name, commands, calls in installations(wheel.name, sdist.name):
        print(f"install {name}", flush=True)
        for command in commands:
            root.run(command, environment=environment | ENVIRONMENT, binds=[*binds, *files], log=log)
        for arguments in calls:
            print(f"\n$ xharness {arguments}", flush=True)
            words = ["xharness", *arguments.split()]
            writable = [Bind(runs, "/runs", writable=True)]
            root.run(words, environment=OFFLINE, workdir="/runs", user="1000:1000", binds=writable, sealed=True)


def main() -> None:
    """One root, both installations."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--work", type=Path, default=REPOSITORY / "build/container", help="folder for the roots")
    parser.add_argument("--dist", type=Path, default=REPOSITORY / "dist", help="folder of the wheel and the sdist")
    options = parser.parse_args()
    work = options.work.resolve()
    root = debian(work / "base").copy(work / "install")
    check(root, work, options.dist.resolve())
    print("\nWheel and sdist install, and work without a network.")


if __name__ == "__main__":
    try:
        main()
    except (FailedError, ValueError) as error:
        sys.exit(f"install: {error}")
