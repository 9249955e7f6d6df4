"""Times a training step in PyTorch that computes what `fgan bench step --rule=alternating` does: the critic on a real batch and on a batch
of fakes, each with statistics of its own, then the generator through the updated critic on the same fakes, Adam for both.  The critic gets
no weight gradients in the generator's update.  In PyTorch's favour: the real batch lies ready as numbers, gradients are not clipped, nothing
is logged.  torch_dcgan_step.py and torch_mlp_step.py bring the networks; last line: one JSON object."""
import argparse
import contextlib
import json
import resource
import statistics
import time


def arguments(documentation, batch, size=None):
    parser = argparse.ArgumentParser(description=documentation)
    if size:
        parser.add_argument("--size", type=int, default=size)
        parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--batch", type=int, default=batch)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--threads", type=int, default=0, help="0: PyTorch's own choice")
    parser.add_argument("--steps", type=int, default=0, help="of a repeat; 0: 2 on the cpu, 50 on a GPU")
    parser.add_argument("--repeats", type=int, default=3, help="that count, after one that does not")
    parser.add_argument("--channels-last", action="store_true")
    parser.add_argument("--amp", choices=("none", "bf16"), default="none", help="autocast")
    parser.add_argument("--no-tf32", action="store_true")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--compile-mode", default="default")
    parser.add_argument("--cuda-graph", action="store_true", help="the whole step captured once and replayed")
    parser.add_argument("--json", action="store_true", help="accepted: it is what is printed")
    options = parser.parse_args()
    options.steps = options.steps or (50 if options.device == "cuda" else 2)
    return options


def multiply_adds(torch, network, example):
    """Of every layer with weights that multiply, in order, for one example."""
    found = []

    def note(layer, inputs, output):
        convolution = isinstance(layer, torch.nn.Conv2d)
        positions = output.shape[2:].numel() if convolution else inputs[0].shape[2:].numel()
        found.append(layer.weight.numel() * positions)

    layers = [layer for layer in network if hasattr(layer, "weight") and layer.weight.dim() > 1]
    hooks = [layer.register_forward_hook(note) for layer in layers]
    with torch.no_grad():
        network.eval()(example)
        network.train()
    for hook in hooks:
        hook.remove()
    return found


def gflop_per_image(torch, generator, critic, latent, image):
    g, d = multiply_adds(torch, generator, latent), multiply_adds(torch, critic, image)
    critic_update, generator_update = 2 * (3 * sum(d) - d[0]), 3 * sum(g) - g[0] + 2 * sum(d)
    return 2e-9 * (critic_update + generator_update)


def make_step(torch, options, networks, real, latent_shape):
    """A function that enqueues one step."""
    softplus = torch.nn.functional.softplus
    generator, critic = networks
    adam = {"lr": 2e-4, "betas": (0.5, 0.999), "fused": True, "capturable": options.cuda_graph}
    of_generator, of_critic = (torch.optim.Adam(network.parameters(), **adam) for network in networks)
    parameters = list(critic.parameters())
    run_generator, run_critic = generator, critic
    if options.compile:
        run_generator, run_critic = (torch.compile(network, mode=options.compile_mode) for network in networks)

    def autocast():
        return torch.autocast(options.device, dtype=torch.bfloat16) if options.amp == "bf16" else contextlib.nullcontext()

    def step():
        of_critic.zero_grad(set_to_none=True)
        latent = torch.randn(latent_shape, device=options.device)
        with autocast():
            fake = run_generator(latent)
            v = run_critic(real)
        softplus(-v.float()).mean().backward()
        with autocast():
            v = run_critic(fake.detach())
        softplus(v.float()).mean().backward()
        of_critic.step()
        of_generator.zero_grad(set_to_none=True)
        for parameter in parameters:
            parameter.requires_grad_(False)
        with autocast():
            v = run_critic(fake)
        softplus(-v.float()).mean().backward()
        of_generator.step()
        for parameter in parameters:
            parameter.requires_grad_(True)

    return step


def captured(torch, step):
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            step()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step()
    return graph.replay


def measure(options, make_networks, latent_shape, image_shape):
    """make_networks(torch): generator and critic.  Shapes are those of one example."""
    begun = time.perf_counter()
    import torch
    import_s = time.perf_counter() - begun
    cuda = options.device == "cuda"
    if options.threads:
        torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    torch.backends.cudnn.benchmark = True
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = not options.no_tf32
    networks = [network.to(options.device) for network in make_networks(torch)]
    real = torch.rand(options.batch, *image_shape, device=options.device) * 2 - 1
    if options.channels_last:
        networks = [network.to(memory_format=torch.channels_last) for network in networks]
        real = real.contiguous(memory_format=torch.channels_last)
    gflop = gflop_per_image(torch, *networks, torch.zeros(1, *latent_shape, device=options.device), real[:1])
    step = make_step(torch, options, networks, real, (options.batch, *latent_shape))
    if options.cuda_graph:
        step = captured(torch, step)
    wait = torch.cuda.synchronize if cuda else lambda: None

    seconds, processor = [], []
    for repeat in range(options.repeats + 1):
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in range(options.steps):
            step()
        wait()
        seconds.append((time.perf_counter() - wall) / options.steps)
        processor.append((time.process_time() - cpu) / options.steps)
    warm, seconds, processor = seconds[0], seconds[1:], processor[1:]
    print(json.dumps({
        "torch": torch.__version__, "device": torch.cuda.get_device_name() if cuda else "cpu", "threads": torch.get_num_threads(),
        "batch": options.batch, "amp": options.amp, "tf32": cuda and not options.no_tf32, "channels_last": options.channels_last,
        "compile": options.compile_mode if options.compile else None, "cuda_graph": options.cuda_graph,
        "images_per_s": options.batch / statistics.median(seconds), "step_s_median": statistics.median(seconds), "step_s_min": min(seconds),
        "step_s_max": max(seconds), "step_cpu_s_median": statistics.median(processor), "steps": options.steps, "repeats": options.repeats,
        "conv_gflop_per_image": gflop, "parameters": sum(p.numel() for network in networks for p in network.parameters()),
        "peak_rss_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "peak_device_mib": torch.cuda.max_memory_allocated() / 2**20 if cuda else None, "import_s": import_s, "first_steps_s": warm,
    }))
