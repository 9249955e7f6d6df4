#!/usr/bin/env python3
"""Everything a user can get wrong: the exit code, and a message of one line that names the place, the value and what would be right."""
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))
from harness import fgan, main, skip, temporary_folder, test  # noqa: E402
from small_data import strokes, write_idx  # noqa: E402


def refused(result, *parts):
    """One line on stderr, beginning with the program's name and holding all parts; nothing on stdout."""
    lines = result.stderr.splitlines()
    assert len(lines) == 1 and lines[0].startswith("fgan: "), result.stderr
    for part in parts:
        assert part in lines[0], f"{part!r} is not in {lines[0]!r}"
    assert result.stdout == "", result.stdout


def refused_file(text, *parts, words=(), code=2):
    with temporary_folder() as folder:
        (folder / "c.ini").write_bytes(text if isinstance(text, bytes) else text.encode())
        refused(fgan("train", "c.ini", *words, cwd=folder, expect=code), *parts)
        assert [path.name for path in folder.iterdir()] == ["c.ini"], "something remains of a run that never started"


def refused_words(words, *parts, env=None, code=2):
    with temporary_folder() as folder:
        refused(fgan(*words, cwd=folder, expect=code, env=env), *parts)
        assert not list(folder.iterdir()), "something remains of a run that never started"


FILES = {
    "an unknown section": ("[trian]\nsteps = 1\n", "c.ini:1:", "[trian]", "did you mean 'train'"),
    "an unknown section without keys": ("[trian]\n", "c.ini:1:", "[trian]", "did you mean 'train'"),
    "a section in capitals": ("[Train]\nsteps = 1\n", "c.ini:1:", "[Train]", "did you mean 'train'"),
    "an unknown key": ("[game]\ndivergense = kl\n", "c.ini:2:", "'divergense'", "did you mean 'divergence'"),
    "a key of another section": ("[train]\nlearning_rate = 1\n", "c.ini:2:", "'learning_rate'", "[optimizer]"),
    "a key before the first section": ("steps = 1\n", "c.ini:1:", "steps"),
    "an unknown divergence": ("[game]\n\ndivergence = reverse_kl\n", "c.ini:3:", "reverse_kl", "did you mean 'reverse-kl'"),
    "an unknown generator divergence": ("[data]\npath = x\n[game]\ngenerator_divergence = gna\n", "c.ini:4:", "gna", "did you mean 'gan'"),
    "an unknown architecture": ("[model]\narchitecture = dcgn\n", "c.ini:2:", "dcgn", "did you mean 'dcgan'"),
    "a duplicate key": ("[train]\nsteps = 1\n[log]\n[train]\nsteps = 2\n", "c.ini:5:", "'steps'", "line 2"),
    "an empty value": ("[optimizer]\nlearning_rate =\n", "c.ini:2:", "optimizer.learning_rate", "no value"),
    "a value that is only a comment": ("[optimizer]\nlearning_rate = ; later\n", "c.ini:2:", "optimizer.learning_rate", "no value"),
    "a key without equals": ("[train]\nsteps\n", "c.ini:2:", "key = value", "steps"),
    "a key with a colon": ("[train]\nsteps: 5\n", "c.ini:2:", "key = value", "steps: 5"),
    "a header without its bracket": ("[train\nsteps = 5\n", "c.ini:1:", "[section]", "[train"),
    "text where a whole number belongs": ("[train]\nsteps = many\n", "c.ini:2:", "train.steps", "many", "whole number"),
    "a fraction where a whole number belongs": ("[train]\nbatch = 6.4\n", "c.ini:2:", "train.batch", "6.4", "whole number"),
    "a number with a tail": ("[train]\nbatch = 64x\n", "c.ini:2:", "64x", "whole number"),
    "a decimal comma": ("[optimizer]\nlearning_rate = 0,1\n", "c.ini:2:", "0,1", "number"),
    "a learning rate that is not a number": ("[optimizer]\nlearning_rate = nan\n", "c.ini:2:", "nan", "number"),
    "an infinite learning rate": ("[critic]\nlearning_rate = inf\n", "c.ini:2:", "critic.learning_rate", "inf"),
    "a batch of nothing": ("[train]\nbatch = 0\n", "c.ini:2:", "train.batch", "0", "1 to 1048576 images"),
    "a negative number of steps": ("[train]\nsteps = -5\n", "c.ini:2:", "train.steps", "-5"),
    "a number beyond 64 bits": ("[train]\nsteps = 99999999999999999999\n", "c.ini:2:", "train.steps"),
    "neither true nor false": ("[game]\nfresh_fakes = perhaps\n", "c.ini:2:", "game.fresh_fakes", "perhaps"),
    "a list with a word": ("[data]\nweights = 1, two\n", "c.ini:2:", "data.weights", "'two'"),
    "a zero byte": (b"[train]\nsteps = 1\0\n", "c.ini:2:", "0x00"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "c.ini:2:", "0x1a"),
    "a line of a megabyte": ("[data]\npath = " + "x" * 1000000 + "\n", "c.ini:2:", "16384"),
    "a file of two megabytes": ("; comment\n" * 200000, "c.ini", "1048576"),
    "nothing at all": ("", "c.ini", "data.path"),
    "total variation in log-ratio form": ("[data]\npath = x\n[game]\ndivergence = total-variation\nparametrization = log-ratio\n", "c.ini:5:", "log-ratio",
                                          "total-variation"),
    "total variation with maximum likelihood": ("[data]\npath = x\n[game]\ndivergence = total-variation\nobjective = maximum-likelihood\n", "c.ini:5:",
                                                "maximum-likelihood", "total-variation"),
    "mirrored numbers": ("[data]\nkind = gaussian-mixture\nmirror = yes\nweights = 1\nmeans = 0\ndeviations = 1\n[model]\narchitecture = affine\n",
                         "c.ini:3:", "data.mirror", "images", "mixture"),
    "dequantised numbers": ("[data]\nkind = gaussian-mixture\nweights = 1\nmeans = 0\ndeviations = 1\ndequantise = yes\n[model]\n"
                            "architecture = affine\n", "c.ini:6:", "data.dequantise", "images", "mixture"),
    "total variation converted": ("[data]\npath = x\n[game]\ndivergence = total-variation\ngenerator_divergence = kl\n", "c.ini:", "total-variation"),
}

for what, (text, *parts) in FILES.items():
    test(label="fast", name=f"an INI file with {what} is refused")(lambda text=text, parts=parts: refused_file(text, *parts))

WORDS = {
    "no verb": ((), "train, sample, data, list or bench"),
    "an unknown verb": (("trian",), "'trian'", "did you mean 'train'"),
    "a verb like nothing": (("xyzzy",), "'xyzzy'", "--help"),
    "an option before the verb": (("--steps=3", "train"), "--steps=3", "verb"),
    "an unknown option": (("train", "--learning-rate=1"), "--learning-rate", "did you mean"),
    "an unknown option with the nearest": (("train", "--stesp=1"), "--stesp", "did you mean '--steps'"),
    "an option without its value": (("train", "--steps"), "--steps", "needs a value"),
    "an option with an empty value": (("train", "--steps=", "c.ini"), "c.ini"),
    "a wrong value": (("train", "--steps=ten"), "--steps=ten", "whole number"),
    "a wrong value under the long name": (("train", "--train-batch=0"), "--train-batch=0", "1 to 1048576 images"),
    "an unknown divergence": (("train", "--divergence=pearsn"), "--divergence=pearsn", "did you mean 'pearson'"),
    "two configurations": (("train", "a.ini", "b.ini"), "'b.ini'"),
    "a missing configuration": (("train", "none.ini"), "none.ini", "no such file"),
    "a folder as configuration": (("train", "."), ".", "folder"),
    "no configuration and no data": (("train",), "data.path", "--data"),
    "an unknown subject of list": (("list", "devics"), "'devics'", "did you mean 'devices'"),
    "an unknown subject of bench": (("bench", "steps"), "'steps'", "did you mean 'step'"),
    "an unknown preset": (("train", "--preset=mnist", "--data=x"), "'mnist'", "fgan list presets"),
    "data without a subject": (("data",), "info, check, grid, convert or glyphs"),
    "data info without data": (("data", "info"), "fgan data info PATH"),
    "samples to a kind of file there is not": (("sample", "run", "-n", "none"), "-n=none", "whole number"),
    "sample without a run": (("sample",), "RUN|CHECKPOINT"),
    "a type of arithmetic there is not": (("bench", "step", "--dtype=f64"), "f64", "f32"),
}

for what, (words, *parts) in WORDS.items():
    test(label="fast", name=f"a command line with {what} is refused")(lambda words=words, parts=parts: refused_words(words, *parts))


@test()
def a_wrong_environment_variable_is_refused_by_name():
    refused_words(("train", "--data=x"), "FGAN_TRAIN_STEPS=ten", "whole number", env={"FGAN_TRAIN_STEPS": "ten"})


@test()
def an_environment_variable_that_is_no_option_is_named_with_the_nearest():
    result = fgan("train", "--print-config", env={"FGAN_TRAIN_STEP": "3", "FGAN_DATA": "x"})
    assert "[train]" in result.stdout
    with temporary_folder() as folder:
        warned = fgan("train", "--data=none", cwd=folder, env={"FGAN_TRAIN_STEP": "3"}, expect=3).stderr
    assert "FGAN_TRAIN_STEP is no option" in warned and "FGAN_TRAIN_STEPS" in warned, warned


@test()
def every_source_passes_the_same_validation():
    for words, env, text in ((("--batch=0",), {}, ""), ((), {"FGAN_TRAIN_BATCH": "0"}, ""), ((), {}, "[train]\nbatch = 0\n")):
        with temporary_folder() as folder:
            (folder / "c.ini").write_text(text)
            refused(fgan("train", "c.ini", *words, cwd=folder, env=env, expect=2), "is outside its range, 1 to 1048576 images")


@test()
def a_value_that_the_command_line_overrides_is_still_checked():
    refused_file("[train]\nsteps = many\n", "c.ini:2:", "many", words=("--steps=3",))


@test()
def an_unknown_device_is_refused():
    refused_words(("train", "--data=x", "--device=gpuu"), "gpuu", code=(2, 6))


@test()
def wrong_durations_and_dump_requests_are_refused():
    refused_words(("train", "--data=x", "--max-time=soon"), "soon")
    refused_words(("train", "--data=x", "--dump-step=5"), "5")


@test()
def a_missing_data_set_is_exit_3_and_leaves_no_run():
    refused_file("[data]\npath = nowhere\n", "nowhere", code=3)


@test()
def an_empty_folder_as_data_set_is_exit_3_and_leaves_no_run():
    with temporary_folder() as folder:
        (folder / "empty").mkdir()
        refused(fgan("train", "--data=empty", cwd=folder, expect=3), "empty")
        assert sorted(path.name for path in folder.iterdir()) == ["empty"]


@test()
def a_damaged_data_set_is_exit_3_and_leaves_no_run():
    with temporary_folder() as folder:
        data = folder / "train-images-idx3-ubyte"
        write_idx(data, strokes(20))
        whole = data.read_bytes()
        for damaged in (b"", whole[:3], whole[:12], whole[:-1], b"\0\0\x08\x03" + b"\xff" * 12 + whole[16:], b"not an IDX file"):
            data.write_bytes(damaged)
            refused(fgan("train", f"--data={data}", "--steps=1", "--batch=2", cwd=folder, expect=3), data.name)
            assert [path.name for path in folder.iterdir()] == [data.name]


@test()
def a_run_folder_that_cannot_be_made_is_exit_4():
    with temporary_folder() as folder:
        write_idx(folder / "train-images-idx3-ubyte", strokes(20))
        (folder / "file").write_text("in the way")
        result = fgan("train", "--data=train-images-idx3-ubyte", "--out=file/run", "--steps=1", "--batch=2", cwd=folder, expect=(2, 4))
        assert "file" in result.stderr, result.stderr


@test()
def samples_of_what_is_no_run_are_exit_3():
    with temporary_folder() as folder:
        refused(fgan("sample", "nowhere", cwd=folder, expect=3), "nowhere")
        refused(fgan("sample", ".", cwd=folder, expect=3), ".")
        (folder / "x.safetensors").write_bytes(b"\x08\0\0\0\0\0\0\0{}      ")
        refused(fgan("sample", "x.safetensors", cwd=folder, expect=3), "x.safetensors")
        (folder / "y.safetensors").write_bytes(b"\xff" * 20)
        refused(fgan("sample", "y.safetensors", cwd=folder, expect=3), "y.safetensors")


@test()
def output_to_a_full_disk_is_exit_4():
    if not os.path.exists("/dev/full"):
        skip("there is no /dev/full")
    import subprocess
    with open("/dev/full", "w") as full:
        result = subprocess.run([os.path.abspath(os.environ["FGAN"]), "--help"], stdout=full, stderr=subprocess.PIPE, text=True)
    assert result.returncode == 4 and result.stderr.startswith("fgan: cannot write"), result


@test()
def the_printed_configuration_reads_back_as_itself():
    with temporary_folder() as folder:
        (folder / "a.ini").write_text("[data]\npath = digits\n[model]\nwidth = 7\n[critic]\nwidth = 9\n[optimizer]\nlearning_rate = 1e-5 ; small\n")
        first = fgan("train", "--print-config", "a.ini", "--divergence=kl", cwd=folder).stdout
        assert "width = 9" in first and "; a.ini:6" in first and "; [model] width" in first and "; command line" in first, first
        (folder / "b.ini").write_text(first)
        second = fgan("train", "--print-config", "b.ini", cwd=folder).stdout

        def values(text):
            return [line.split(" ;")[0].strip() for line in text.splitlines() if "=" in line]
        assert values(first) == values(second)
        assert f"path = {folder.resolve()}/digits" in values(first), values(first)[:3]


@test()
def help_and_version_go_to_stdout_and_fit_a_screen():
    for words in (("--help",), ("-h",), ("help",)):
        text = fgan(*words).stdout
        assert len(text.splitlines()) <= 24 and max(map(len, text.splitlines())) <= 80, text
    for verb in ("train", "sample", "data", "list", "bench"):
        assert f"fgan {verb}" in fgan(verb, "--help").stdout
    assert fgan("--version").stdout.startswith("fgan ")


if __name__ == "__main__":
    main()
