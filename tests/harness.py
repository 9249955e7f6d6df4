"""The frame of the Python tests: `@test`, `main`, and the helpers that run the program.

    from harness import fgan, main, skip, temporary_folder, test

    @test(label="fast")                      # or "slow", or several words; the function's name or `name=` is the test's sentence
    def an_unknown_key_is_exit_2_with_the_nearest_name(): ...

    main()                                   # FILE --list: labels and names; FILE NAME: run one; FILE: run all

By hand: FGAN=build/release/fgan PYTHONPATH=tests python3 tests/cli/FILE.py "name".
"""
import os
import pathlib
import subprocess
import sys
import tempfile
import traceback

SKIPPED = 77
SOURCE = pathlib.Path(os.environ.get("FGAN_SOURCE", pathlib.Path(__file__).resolve().parent.parent))
LONG = os.environ.get("FGAN_LONG") == "1"  # scripts/test.sh --all
_tests = {}


class Skip(Exception):
    pass


def test(label="fast", name=None):
    def register(function):
        title = name or function.__name__.replace("_", " ")
        assert title not in _tests, f"two tests are named '{title}'"
        _tests[title] = (label, function)
        return function
    return register


def skip(reason):
    raise Skip(reason)


def fgan(*args, cwd=None, expect=0, env=None, timeout=240):
    """Runs the program without a terminal and returns the CompletedProcess (text). `expect`: exit code, tuple of codes, or None."""
    program = os.path.abspath(os.environ["FGAN"])
    command = [program, *map(str, args)]
    result = subprocess.run(command, cwd=cwd, env={**os.environ, **(env or {})}, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                            timeout=timeout)
    allowed = expect if isinstance(expect, tuple) else (expect,)
    if expect is not None and result.returncode not in allowed:
        raise AssertionError(f"{' '.join(command)}\n  exit {result.returncode}, expected {expect}\n{result.stdout}{result.stderr}")
    return result


def temporary_folder():
    """with temporary_folder() as folder: a pathlib.Path that vanishes afterwards."""
    class Folder(tempfile.TemporaryDirectory):
        def __enter__(self):
            return pathlib.Path(super().__enter__())
    return Folder(prefix="fgan-test-")


def _run(title):
    try:
        _tests[title][1]()
    except Skip as reason:
        print(f"SKIP: {reason}")
        return SKIPPED
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def main():
    chosen = sys.argv[1:]
    if chosen == ["--list"]:
        for title, (label, _) in _tests.items():
            print(f"{label}\t{title}")
        sys.exit(0)
    unknown = [title for title in chosen if title not in _tests]
    if unknown:
        sys.exit(f"no test is named '{unknown[0]}'; --list shows the names")
    codes = [_run(title) for title in chosen or _tests]
    sys.exit(1 if 1 in codes else SKIPPED if SKIPPED in codes else 0)
