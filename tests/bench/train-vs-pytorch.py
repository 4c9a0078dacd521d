#!/usr/bin/env python3
"""Times our training step and PyTorch's, on the same network.

Needs PyTorch, which nothing else here needs (Debian: python3-torch):

    ninja -C build tests/bench/bench-train
    /usr/bin/python3 tests/bench/train-vs-pytorch.py build/tests/bench/bench-train

The network is scannet-10x: blocks of two 3x3 convolutions with batch norm,
32 to 256 wide, 92x92 inputs; SGD with momentum, fp32.  PyTorch has it
channels-last and plain, whichever is faster.  All take turns, ours in a
program of its own, so that what else the machine does meets all alike.
Printed are samples a second of the fastest step and of the middle one.
"""

import argparse
import statistics
import subprocess
import time

import torch

WIDTHS = [32, 64, 128, 256]
HEAD = 256
REST_SECONDS = 0.1  # for idle threads of the other to stop spinning


def build_network():
    layers = []
    n_channels = 3
    for width in WIDTHS:
        for _ in range(2):
            layers += [torch.nn.Conv2d(n_channels, width, 3, bias=False),
                       torch.nn.BatchNorm2d(width), torch.nn.ReLU()]
            n_channels = width
        layers.append(torch.nn.MaxPool2d(2))
    layers += [torch.nn.Conv2d(n_channels, HEAD, 2), torch.nn.ReLU(),
               torch.nn.Dropout(0.5), torch.nn.Conv2d(HEAD, 2, 1)]
    return torch.nn.Sequential(*layers)


class Theirs:
    def __init__(self, batch, side, memory_format):
        torch.manual_seed(1)
        self.network = build_network().to(memory_format=memory_format).train()
        self.images = torch.randn(batch, 3, side, side).to(
            memory_format=memory_format)
        self.classes = torch.arange(batch) % 2
        self.optimiser = torch.optim.SGD(
            self.network.parameters(), lr=0.01, momentum=0.9,
            weight_decay=5e-4)

    def run(self):
        start = time.perf_counter()
        self.optimiser.zero_grad()
        scores = self.network(self.images).flatten(1)
        loss = torch.nn.functional.cross_entropy(scores, self.classes)
        loss.backward()
        self.optimiser.step()
        return time.perf_counter() - start


class Ours:
    def __init__(self, program, batch, n_threads):
        self.process = subprocess.Popen(
            [program, str(batch), str(n_threads)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.side = int(self.process.stdout.readline().split()[1])

    def run(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline().split()[0])

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def main():
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0],
        epilog="How to run it stands at the top of the file.")
    parser.add_argument("program", help="bench-train")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    ours = Ours(arguments.program, arguments.batch, arguments.threads)
    runners = {
        "Axilla": ours,
        "PyTorch plain": Theirs(
            arguments.batch, ours.side, torch.contiguous_format),
        "PyTorch channels-last": Theirs(
            arguments.batch, ours.side, torch.channels_last),
    }
    times = {name: [] for name in runners}
    for _ in range(arguments.rounds + 1):
        for name, runner in runners.items():
            time.sleep(REST_SECONDS)
            times[name].append(runner.run())
    ours.close()
    print(f"PyTorch {torch.__version__}, {arguments.threads} threads, "
          f"batch {arguments.batch}, {ours.side}x{ours.side}")
    for name, steps in times.items():
        steps = steps[1:]  # the first is for warming up
        print(f"{name:22} {arguments.batch / min(steps):7.1f} samples/s  "
              f"(middle {arguments.batch / statistics.median(steps):.1f})")


if __name__ == "__main__":
    main()
