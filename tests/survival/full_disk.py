#!/usr/bin/env python3
"""A disk that fills up at any byte: by a limit of the file size, and on a file system that is really full where one may be mounted."""
import contextlib
import re
import resource
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))
from harness import LONG, main, test  # noqa: E402
from small_run import assert_all_whole, assert_finishes, train, workshop  # noqa: E402


@test(label="slow")
def a_file_size_limit_is_an_error_of_the_output_and_the_run_goes_on_when_it_is_lifted():
    with workshop(steps=3) as folder:
        largest = max(path.stat().st_size for path in (folder / "whole").rglob("*"))
        codes = set()
        for limit in (*range(0, largest, 64 if LONG else 1024), largest):
            def small_files(limit=limit):
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
            shutil.rmtree(folder / "run", ignore_errors=True)
            result = train(folder, "run", preexec_fn=small_files)
            codes.add(result.returncode)
            assert result.returncode == (4 if limit < largest else 0), f"limit {limit}: exit {result.returncode}\n{result.stderr}"
            assert result.returncode == 0 or "File too large" in result.stderr.splitlines()[-1], result.stderr
            assert_finishes(folder, "run", assert_all_whole(folder, "run") if (folder / "run").exists() else 0)
        assert codes == {0, 4}, codes


@contextlib.contextmanager
def small_disk(folder, kilobytes):
    """A mounted tmpfs, or None where that is not allowed."""
    folder.mkdir(exist_ok=True)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "fgan-test", str(folder)], capture_output=True).returncode == 0
    try:
        yield folder if mounted else None
    finally:
        if mounted:
            subprocess.run(["umount", str(folder)], check=True)


def sizes_of(run):
    """Of 4 KiB, from one block to all the run needs."""
    pages = sum((path.stat().st_size + 4095) // 4096 + 1 for path in run.rglob("*"))
    return range(1, pages + 12, 1 if LONG else 6)


@test(label="slow")
def a_full_disk_keeps_the_newest_checkpoint_and_the_run_goes_on_when_there_is_room():
    with workshop(steps=3) as folder:
        codes, said = set(), ""
        for pages in sizes_of(folder / "whole"):
            with small_disk(folder / "disk", 4 * pages) as disk:
                if disk is None:
                    return  # the file size limit above has met every write; a container may not mount
                result = train(folder, "disk/run")
                codes.add(result.returncode)
                said += result.stderr
                assert result.returncode in (0, 4), f"{pages} pages: exit {result.returncode}\n{result.stderr}"
                assert result.returncode == 0 or "No space left" in result.stderr.splitlines()[-1], result.stderr
                newest = assert_all_whole(folder, "disk/run") if (disk / "run").exists() else 0
                assert result.returncode == 4 or newest == 3, "the run says that it is done and is not"
                left = [path.name for path in disk.rglob(".*")]
                assert not left, left
                if (disk / "run").exists():
                    subprocess.run(["mount", "-o", "remount,size=16m", str(disk)], check=True)
                    assert_finishes(folder, "disk/run", newest)
        assert codes == {0, 4}, codes
        assert re.search(r"cannot write .*safetensors': No space left on device: it takes \d+ KiB, and \d+ KiB are free", said), said


if __name__ == "__main__":
    main()
