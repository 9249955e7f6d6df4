#!/usr/bin/env python3
"""Counts the skipped tests of a ctest run: check_skips.py BUILD JUNIT_FILE. With CI set, a skip without the label gpu or bf16 is a failure."""
import json
import os
import subprocess
import sys
import xml.etree.ElementTree as xml


def tests_with_label(build, labels):  # CTest 3.25 writes no labels into its JUnit file
    listing = json.loads(subprocess.run(["ctest", "--test-dir", build, "--show-only=json-v1"], capture_output=True, check=True).stdout)
    return {test["name"] for test in listing["tests"]
            if any(item["name"] == "LABELS" and labels & set(item["value"]) for item in test.get("properties", []))}


build, junit = sys.argv[1:]
skipped = [case.get("name") for case in xml.parse(junit).iter("testcase") if case.find("skipped") is not None]
if skipped:
    forbidden = sorted(set(skipped) - tests_with_label(build, {"gpu", "bf16"}))
    print(f"skipped: {len(skipped)}, of which {len(skipped) - len(forbidden)} with the label gpu or bf16")
    if forbidden and os.environ.get("CI"):
        print("in CI only tests with the label gpu or bf16 may skip:", *forbidden, sep="\n  ")
        sys.exit(1)
