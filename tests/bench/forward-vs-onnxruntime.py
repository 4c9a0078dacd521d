#!/usr/bin/env python3
"""Times our forward pass and ONNX Runtime's, on the same network.

Needs Python packages that nothing else here needs; to run it:

    python3 -m venv /tmp/bench && /tmp/bench/bin/pip install onnxruntime onnx
    ninja -C build tests/bench/bench-forward
    /tmp/bench/bin/python tests/bench/forward-vs-onnxruntime.py \\
        build/tests/bench/bench-forward

The network is ScanNet (VGG-16's convolutions, head 1024-1024-2), alpha = 1,
fp32, with random weights.  The two take turns, ours in a program of its own,
so that what else the machine does meets both alike.  Printed are the fastest
passes, on the clock and in processor time, and their ratios; above 1 is
faster than ONNX Runtime.
"""

import argparse
import subprocess
import time

import numpy
import onnx
import onnx.helper
import onnx.numpy_helper
import onnxruntime

BLOCKS = [(2, 64), (2, 128), (3, 256), (3, 512), (3, 512)]
HEADS = [(1024, 2), (1024, 1)]
REST_SECONDS = 0.1  # for idle threads of the other to stop spinning


class Network:
    """Builds the model node by node."""

    def __init__(self):
        self.random = numpy.random.default_rng(1)
        self.nodes = []
        self.weights = []
        self.last = "image"

    def add(self, kind, extra_inputs=(), **attributes):
        name = f"{kind}{len(self.nodes)}"
        self.nodes.append(onnx.helper.make_node(
            kind, [self.last, *extra_inputs], [name], **attributes))
        self.last = name

    def add_conv(self, n_in, n_out, side):
        shape = (n_out, n_in, side, side)
        scale = numpy.sqrt(2.0 / (n_in * side * side))
        weight = scale * self.random.standard_normal(shape)
        names = []
        for suffix, values in (("w", weight), ("b", numpy.zeros(n_out))):
            names.append(f"{suffix}{len(self.nodes)}")
            self.weights.append(onnx.numpy_helper.from_array(
                values.astype(numpy.float32), names[-1]))
        self.add("Conv", names)

    def finish(self, side):
        image = onnx.helper.make_tensor_value_info(
            "image", onnx.TensorProto.FLOAT, [1, 3, side, side])
        result = onnx.helper.make_tensor_value_info(
            self.last, onnx.TensorProto.FLOAT, None)
        graph = onnx.helper.make_graph(
            self.nodes, "scannet", [image], [result], self.weights)
        return onnx.helper.make_model(
            graph, ir_version=8,
            opset_imports=[onnx.helper.make_opsetid("", 13)])


def build_scannet(side):
    network = Network()
    n_channels = 3
    for n_convs, width in BLOCKS:
        for _ in range(n_convs):
            network.add_conv(n_channels, width, 3)
            network.add("Relu")
            n_channels = width
        network.add("MaxPool", kernel_shape=[2, 2], strides=[2, 2])
    for width, kernel in HEADS:
        network.add_conv(n_channels, width, kernel)
        network.add("Relu")
        n_channels = width
    network.add_conv(n_channels, 2, 1)
    network.add("Softmax", axis=1)
    return network.finish(side)


class Theirs:
    def __init__(self, side, n_threads):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = n_threads
        self.session = onnxruntime.InferenceSession(
            build_scannet(side).SerializeToString(), options,
            providers=["CPUExecutionProvider"])
        self.image = numpy.random.default_rng(2).standard_normal(
            (1, 3, side, side)).astype(numpy.float32)

    def run(self):
        start, start_cpu = time.perf_counter(), time.process_time()
        self.session.run(None, {"image": self.image})
        return (time.perf_counter() - start,
                time.process_time() - start_cpu)


class Ours:
    def __init__(self, program, side, n_threads):
        self.process = subprocess.Popen(
            [program, "scannet", str(side), "1", "cpu", str(n_threads)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.n_flops = float(self.process.stdout.readline().split()[1])

    def run(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return tuple(map(float, self.process.stdout.readline().split()))

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def compare(program, side, n_threads, n_rounds):
    theirs, ours = Theirs(side, n_threads), Ours(program, side, n_threads)
    times = {theirs: [], ours: []}
    for _ in range(n_rounds + 1):
        for engine, passes in times.items():
            time.sleep(REST_SECONDS)
            passes.append(engine.run())
    ours.close()
    # The first pass of each is for warming up.
    best = {engine: [min(column) for column in zip(*passes[1:])]
            for engine, passes in times.items()}
    for label, engine in (("ONNX Runtime", theirs), ("Axilla", ours)):
        wall, cpu = best[engine]
        print(f"{side:5}  {label:13} {wall:7.3f} s "
              f"{ours.n_flops / wall / 1e9:6.0f} GFLOP/s  {cpu:7.3f} CPU s")
    ratios = [a / b for a, b in zip(best[theirs], best[ours])]
    print(f"{side:5}  ratio         {ratios[0]:7.2f}"
          f"                   {ratios[1]:7.2f}", flush=True)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0],
        epilog="How to run it stands at the top of the file.")
    parser.add_argument("program", help="bench-forward")
    parser.add_argument("--sides", type=int, nargs="+", default=[564, 1076])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    print(f"ONNX Runtime {onnxruntime.__version__}, "
          f"{arguments.threads} threads")
    for side in arguments.sides:
        compare(arguments.program, side, arguments.threads, arguments.rounds)


if __name__ == "__main__":
    main()
