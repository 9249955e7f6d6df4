"""Holds the tests of kernels/ to noticing what they are there for: a barrier that is left out, and a bound that is off by one.

A barrier is left out while the tests run (FGAN_SHIM_WITHOUT), so nothing is compiled for it.  A barrier that is harmless to leave out says
why on its line:   __syncthreads();  // harmless to remove: reason
"""
import os
import pathlib
import re
import shlex
import subprocess
from concurrent.futures import ThreadPoolExecutor

from harness import SOURCE, main, temporary_folder, test

BUILD = pathlib.Path(os.environ["FGAN_BUILD"])
PROGRAM = BUILD / "tests/test_shim"
HARMLESS = "// harmless to remove: "


def kernel_lines():
    for file in sorted((SOURCE / "kernels").glob("*.cu*")):
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            yield file.name, number, line


def fails(program, **environment):
    """The first failing case, or None.  A crash and a kernel that never ends are failures too."""
    command = [program, "--abort-after=1", "--no-colors=1", "--source-file-exclude=*model_test.cpp"]
    try:
        result = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, timeout=200)
    except subprocess.TimeoutExpired:
        return "no end"
    case = re.search(r"^TEST CASE: +(.*)$", result.stdout, re.MULTILINE)
    return None if result.returncode == 0 else case[1] if case else f"exit {result.returncode}"


@test(label="slow shim")
def the_tests_of_kernels_notice_every_barrier_that_is_left_out():
    barriers = [(f"{file}:{number}", HARMLESS in line) for file, number, line in kernel_lines() if "__syncthreads()" in line]
    assert barriers
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        noticed = list(pool.map(lambda barrier: fails(PROGRAM, FGAN_SHIM_WITHOUT=barrier[0]), barriers))
    problems = []
    for (place, harmless), case in zip(barriers, noticed):
        print(f"{place}: {case or 'not noticed'}")
        if bool(case) == harmless:
            problems.append(f"{place} " + ("is called harmless, but its absence is noticed" if harmless else "is not missed by any test"))
    assert not problems, "\n".join(problems)


def linked_with(folder, replaced_header):
    """test_shim with pointwise.cu compiled anew, so that it takes `replaced_header` (a path below `folder`) instead of the one in kernels/."""
    listing = subprocess.run(["ninja", "-C", BUILD, "-t", "commands", "test_shim"], capture_output=True, text=True, check=True).stdout
    commands = [line for line in listing.splitlines() if not line.startswith("ninja:")]
    compile_ = shlex.split(next(line for line in commands if "kernels_shim.dir" in line and line.endswith("/pointwise.cu")))
    assert replaced_header.is_relative_to(folder)
    for option, file in (("-o", "mutant.o"), ("-MF", "mutant.d"), ("-MT", "mutant.o")):
        compile_[compile_.index(option) + 1] = str(folder / file)
    subprocess.run([*compile_, f"-iquote{folder}"], cwd=BUILD, check=True)
    link = commands[-1]
    assert " -o tests/test_shim " in link, link
    subprocess.run(link.replace(" -o tests/test_shim ", f" {folder}/mutant.o -o {folder}/test_shim ", 1), cwd=BUILD, shell=True, check=True)
    return folder / "test_shim"


@test(label="slow shim")
def the_tests_of_kernels_notice_a_loop_that_goes_one_element_too_far():
    bound = "; i < count; "
    original = (SOURCE / "kernels/each.cuh").read_text(encoding="utf-8")
    assert original.count(bound) == 1, "kernels/each.cuh has another loop now: say here which bound to move"
    with temporary_folder() as folder:
        header = folder / "kernels/each.cuh"
        header.parent.mkdir()
        header.write_text(original.replace(bound, "; i <= count; "), encoding="utf-8")
        case = fails(linked_with(folder, header))
    assert case, "no test notices"
    print(case)


main()
