#!/usr/bin/env python3
"""Counts the skipped tests of a ctest run (its JUnit file); with CI set, a skip without the label gpu is a failure."""
import os
import sys
import xml.etree.ElementTree as xml


def labels(case):
    return {word for item in case.iter("property") if item.get("name") == "cmake_labels" for word in item.get("value").split(";")}


skipped = [case for case in xml.parse(sys.argv[1]).iter("testcase") if case.find("skipped") is not None]
forbidden = [case.get("name") for case in skipped if "gpu" not in labels(case)]
if skipped:
    print(f"skipped: {len(skipped)}, of which {len(skipped) - len(forbidden)} for want of a GPU")
if forbidden and os.environ.get("CI"):
    print("in CI only tests with the label gpu may skip:", *forbidden, sep="\n  ")
    sys.exit(1)
