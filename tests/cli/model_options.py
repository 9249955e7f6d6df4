#!/usr/bin/env python3
"""RMSProp, dropout, frozen players and --init-from from the command line: continuing is continuing, and what is wrong is said in words."""
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "oracle"))
sys.path.insert(0, str(Path(__file__).resolve().parent))
from harness import fgan, main, test  # noqa: E402
from safetensors import read  # noqa: E402
from small_data import with_configuration  # noqa: E402

INI = """
[data]
path = train-images-idx3-ubyte
[model]
width = 16
[game]
divergence = jensen-shannon
[train]
steps = 30
batch = 16
checkpoint_every = 10
average = 0.9
keep = 9
[log]
samples = 4
"""
LAST = "checkpoints/00000030.safetensors"


def train(folder, out, *options, expect=0, ini="config.ini"):
    return fgan("train", ini, f"--out={out}", "--threads=1", *options, cwd=folder, expect=expect)


setting = with_configuration(INI)


def weights(path, prefix):
    tensors = {name: values for name, values in read(path).tensors.items() if name.startswith(prefix) and ".running_" not in name}
    assert tensors, f"{path} has no {prefix}"
    return tensors


def same(a, b):
    return a.keys() == b.keys() and all(np.array_equal(a[name], b[name]) for name in a)


def assert_continuing_equals_not_stopping(folder, *options):
    train(folder, "whole", *options)
    for steps in (3, 17, 30):
        train(folder, "parts", f"--steps={steps}", *options)
    assert (folder / "whole" / LAST).read_bytes() == (folder / "parts" / LAST).read_bytes(), f"{options}: checkpoints differ"


def continuing(title, *options):
    @setting
    def run(folder):
        assert_continuing_equals_not_stopping(folder, *options)
    test(label="fast", name=f"continuing equals not stopping: {title}")(run)


ALTERNATING = ("--rule=alternating", "--game-critic-steps=2", "--game-fresh-fakes=true")
continuing("rmsprop with momentum", "--optimizer-optimizer=rmsprop", "--optimizer-momentum=0.9")
continuing("dropout, single-step", "--model-dropout=0.3", "--objective=non-saturating")
continuing("dropout, alternating, in a dcgan", "--critic-dropout=0.5", "--generator-dropout=0.2", "--model-architecture=dcgan",
           "--model-width=4", *ALTERNATING)
continuing("a frozen critic", "--critic-frozen=true")
continuing("a frozen generator, rmsprop and dropout", "--generator-frozen=true", "--critic-dropout=0.4", "--critic-optimizer=rmsprop",
           *ALTERNATING)


@test(label="fast")
@setting
def dropout_changes_training_but_not_sampling(folder):
    for rate in ("0", "0.5"):
        train(folder, f"run{rate}", f"--model-dropout={rate}")
        for name in ("a.png", "b.png"):
            fgan("sample", f"run{rate}", "--count=4", f"--output={name}", cwd=folder)
        assert (folder / "a.png").read_bytes() == (folder / "b.png").read_bytes() == (folder / f"run{rate}/samples/00000030.png").read_bytes()
    assert not same(weights(folder / "run0" / LAST, "critic."), weights(folder / "run0.5" / LAST, "critic."))


@test(label="fast")
@setting
def a_frozen_player_keeps_its_weights_to_the_byte_and_the_other_learns(folder):
    train(folder, "source")
    begun = folder / "source" / LAST
    for frozen, learning in (("generator", "critic"), ("critic", "generator")):
        train(folder, frozen, "--init-from=source", f"--{frozen}-frozen=true")
        end = folder / frozen / LAST
        assert same(weights(begun, f"{frozen}."), weights(end, f"{frozen}."))
        assert same(weights(begun, "generator_average."), weights(end, "generator_average.")) == (frozen == "generator")
        assert not same(weights(begun, f"{learning}."), weights(end, f"{learning}."))
        assert read(end)[f"{frozen}_optimizer.counters"].tolist() == [0, 0, 0, 0]
        assert read(end)[f"{learning}_optimizer.counters"][0] == 30
    samples = [(folder / run / "samples/00000030.png").read_bytes() for run in ("source", "generator", "critic")]
    assert samples[0] == samples[1] != samples[2]


@test(label="fast")
@setting
def nothing_is_trained_by_two_frozen_players(folder):
    (folder / "frozen.ini").write_text(INI + "[generator]\nfrozen = true\n[critic]\nfrozen = true\n")
    text = train(folder, "run", ini="frozen.ini", expect=2).stderr
    assert "frozen.ini:17: generator.frozen" in text and "critic.frozen" in text, text
    text = train(folder, "run", "--optimizer-frozen=true", expect=2).stderr
    assert "generator.frozen" in text, text
    assert not (folder / "run").exists()


@test(label="fast")
@setting
def a_run_begins_with_the_weights_of_another_and_with_nothing_else_of_it(folder):
    train(folder, "source", "--seed=5", "--divergence=kl")
    whole, newest = folder / "source" / LAST, folder / "source"
    for source in (whole, newest):
        dump = folder / "first.safetensors"
        train(folder, f"from-{source.name}", f"--init-from={source}", f"--dump-step=1:{dump}", "--steps=10")
        first = read(dump)
        for player in ("generator", "critic"):
            before = {name.removesuffix(".before"): values for name, values in weights(dump, f"{player}.").items() if name.endswith(".before")}
            assert same(weights(whole, f"{player}."), before), player
            assert not first[f"{player}_optimizer.counters"].any()
            assert not any(values.any() for name, values in first.tensors.items() if name.startswith(f"{player}_optimizer."))
        assert first["draws"][0] == 1
    assert (folder / f"from-{whole.name}/checkpoints/00000010.safetensors").read_bytes() == (
        folder / "from-source/checkpoints/00000010.safetensors").read_bytes()


@test(label="fast")
@setting
def an_average_begins_with_the_source_s_average_or_else_with_its_weights(folder):
    train(folder, "with")
    train(folder, "without", "--train-average=0")
    for source, name in (("with", "generator_average."), ("without", "generator.")):
        train(folder, f"from-{source}", f"--init-from={source}", "--generator-frozen=true", "--steps=10")
        end = weights(folder / f"from-{source}/checkpoints/00000010.safetensors", "generator_average.")
        begun = weights(folder / source / LAST, name)
        assert all(np.array_equal(values, end["generator_average." + key.removeprefix(name)]) for key, values in begun.items()), source
    train(folder, "dropped", "--init-from=with", "--train-average=0", "--steps=10")
    assert not any(name.startswith("generator_average.") for name in read(folder / "dropped/checkpoints/00000010.safetensors").tensors)


@test(label="fast")
@setting
def the_path_of_the_weights_is_in_no_checkpoint_but_what_they_are_is(folder):
    train(folder, "source")
    (folder / "copy.safetensors").write_bytes((folder / "source" / LAST).read_bytes())
    train(folder, "a", "--init-from=source")
    train(folder, "b", "--init-from=copy.safetensors")
    train(folder, "c", f"--init-from=source/checkpoints/00000010.safetensors")
    assert (folder / "a" / LAST).read_bytes() == (folder / "b" / LAST).read_bytes()
    digests = [read(folder / run / LAST).metadata.get("initial_weights") for run in ("source", "a", "b", "c")]
    assert digests[0] is None and digests[1] == digests[2] != digests[3] is not None, digests


@test(label="fast")
@setting
def a_run_that_continues_needs_no_initial_weights_and_says_when_others_are_asked_for(folder):
    train(folder, "source", "--steps=10")
    train(folder, "other", "--steps=10", "--seed=2")
    train(folder, "whole", "--init-from=source")
    train(folder, "parts", "--init-from=source", "--steps=7")
    assert "ignored" not in train(folder, "parts", "--init-from=source", "--steps=13").stderr
    text = train(folder, "parts", "--init-from=other", "--steps=17").stderr
    assert "train.init_from = " in text and "ignored" in text, text
    (folder / "source").rename(folder / "gone")
    assert "ignored" not in train(folder, "parts", "--init-from=source", "--steps=23").stderr
    train(folder, "parts")
    assert (folder / "whole" / LAST).read_bytes() == (folder / "parts" / LAST).read_bytes()
    train(folder, "plain", "--steps=10")
    assert "ignored" in train(folder, "plain", "--init-from=other").stderr


@test(label="fast")
@setting
def weights_of_other_networks_are_refused_by_the_first_tensor_that_differs(folder):
    train(folder, "source", "--steps=10")
    cases = ((("--model-width=20",), "generator.main.0.weight", "[16, 100]", "[20, 100]"),
             (("--critic-width=20",), "critic.main.0.weight", "[16, 784]", "[20, 784]"),
             (("--critic-normalization=batch",), "critic.main.3.weight", "no tensor", "[16]"),
             (("--model-architecture=dcgan",), "generator.main.0.weight", "[16, 100]"),
             (("--critic-depth=3",), "critic.main.4.weight", "[1, 16]", "[16, 16]"))
    for options, *parts in cases:
        text = train(folder, "run", "--init-from=source", *options, expect=2).stderr
        assert text.count("\n") == 1 and all(part in text for part in ("train.init_from", *parts)), (options, text)
    train(folder, "thin", "--steps=10", "--critic-width=1", "--critic-depth=2")
    text = train(folder, "run", "--init-from=thin", "--critic-width=1", "--critic-depth=1", expect=2).stderr
    assert "critic.main.4.bias is [1]" in text and "no tensor of that name" in text, text
    (folder / "from.ini").write_text(INI.replace("[train]\n", "[train]\ninit_from = source\n"))
    assert "from.ini:9: train.init_from" in train(folder, "run", "--model-width=20", ini="from.ini", expect=2).stderr
    assert not (folder / "run").exists()


@test(label="fast")
@setting
def initial_weights_that_are_missing_or_no_checkpoint_are_exit_3(folder):
    (folder / "text").write_text("no checkpoint")
    (folder / "empty").mkdir()
    train(folder, "source", "--steps=10")
    fgan("train", "config.ini", "--out=dumped", "--threads=1", "--steps=1", "--dump-step=1:dump.safetensors", cwd=folder)
    torn = (folder / "source/checkpoints/00000010.safetensors").read_bytes()[:-10]
    (folder / "torn.safetensors").write_bytes(torn)
    for source, part in (("nowhere", "does not exist"), ("text", "text"), ("empty", "holds no checkpoint"),
                         ("torn.safetensors", "torn.safetensors"), ("dump.safetensors", "no checkpoint")):
        text = train(folder, "run", f"--init-from={source}", expect=3).stderr
        assert text.count("\n") == 1 and source in text and part in text, (source, text)
    assert not (folder / "run").exists()


@test(label="fast")
@setting
def rates_and_decays_out_of_range_are_refused(folder):
    for option, value in (("model-dropout", "1"), ("critic-dropout", "-0.1"), ("optimizer-rms-decay", "1"), ("critic-frozen", "maybe"),
                          ("optimizer-optimizer", "rmsprob")):
        text = train(folder, "run", f"--{option}={value}", expect=2).stderr
        assert option in text and value in text, text
    assert "did you mean 'rmsprop'" in text
    assert not (folder / "run").exists()


if __name__ == "__main__":
    main()
