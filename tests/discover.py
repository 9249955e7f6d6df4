"""Asks a test program for its cases and writes them as CTest entries: discover.py LIST.cmake NAME PROGRAM NAME=VALUE...

PROGRAM is a doctest executable (asked by its XML reporter) or a Python file (asked by --list: labels, a tab, the name). A program that
cannot list its cases becomes one failing entry, so that the failure is a test's and the others still run.
"""
import os
import subprocess
import sys
import xml.etree.ElementTree as xml

SECONDS = {"fast": 300, "slow": 1800}  # far above any real duration: other work may share the machine, sanitizers slow everything


def doctest_cases(program):
    listing = subprocess.run([program, "--list-test-cases", "--reporters=xml"], capture_output=True, text=True, check=True).stdout
    for case in xml.fromstring(listing).iter("TestCase"):
        name = case.get("name")
        escaped = name.replace("\\", "\\\\").replace(",", "\\,")
        yield case.get("testsuite") or "fast", name, [program, f"--test-case={escaped}", "--no-skip"]


def python_cases(program):
    with open(program, encoding="utf-8") as file:
        if "from harness import" not in file.read():  # a module or a command of its own beside the tests
            return
    listing = subprocess.run([sys.executable, program, "--list"], capture_output=True, text=True, check=True).stdout
    for line in listing.splitlines():
        labels, name = line.split("\t")
        yield labels, name, [sys.executable, program, name]


def quoted(text):
    return f"[==[{text}]==]"


def entry(title, command, properties):
    command = " ".join(map(quoted, command))
    values = " ".join(f"{key} {quoted(value)}" for key, value in properties.items())
    return f"add_test({quoted(title)} {command})\nset_tests_properties({quoted(title)} PROPERTIES {values})\n"


def main(output, name, program, *environment):
    tests = os.path.dirname(os.path.abspath(__file__))
    environment = [*environment, f"PYTHONPATH={tests}", "PYTHONDONTWRITEBYTECODE=1", "OMP_WAIT_POLICY=passive"]
    os.environ.update(pair.split("=", 1) for pair in environment)
    properties = {"ENVIRONMENT": ";".join(environment), "SKIP_RETURN_CODE": "77", "SKIP_REGULAR_EXPRESSION": "(^|\n)SKIP: "}
    cases = python_cases if program.endswith(".py") else doctest_cases
    entries = {}
    try:
        for labels, case, command in cases(program):
            if case in entries:
                raise ValueError(f"two test cases are named '{case}'")
            labels = labels.split()
            seconds = SECONDS["slow" if "slow" in labels else "fast"]
            entries[case] = entry(f"{name}: {case}", command, {**properties, "LABELS": ";".join(labels), "TIMEOUT": seconds})
    except (OSError, ValueError, xml.ParseError, subprocess.CalledProcessError) as problem:
        message = f"{program}: {problem}\n{getattr(problem, 'stderr', '')}"
        print(message, file=sys.stderr)
        command = [sys.executable, "-c", f"raise SystemExit({message!r})"]
        entries = {"": entry(f"{name} lists its cases", command, {**properties, "LABELS": "fast"})}
    with open(output, "w", encoding="utf-8") as file:
        file.write("".join(entries.values()))


main(*sys.argv[1:])
