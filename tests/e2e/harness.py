"""End-to-end cases: calls of axilla-cli and what must come of them; TAP.

A test file decorates functions with @case and ends with harness.main().  Each
gets an empty folder of its own.
"""
import json
import math
import os
import pathlib
import pty
import re
import signal
import struct
import subprocess
import sys
import tempfile
import traceback
import zlib

CLI = os.environ['AX_CLI']
MAKE_SLIDE = os.environ['AX_MAKE_SLIDE']
ROOT = pathlib.Path(os.environ['AX_ROOT'])
DATA = ROOT.parent / 'shared' / 'data'
MODEL = DATA / 'models' / 'scannet-10x-pytorch.safetensors'

# Far above what any call takes, sanitizers included.
TIMEOUT_S = 900

_cases = []


class Skip(Exception):
    """The reason why a case cannot be tried here."""


def case(function):
    _cases.append(function)
    return function


def need(path):
    """The path of a file of the optional data sets."""
    if not path.exists():
        raise Skip(f'no {path.name} here')
    return path


class Result:
    def __init__(self, status, out, err):
        self.status = status
        self.out = out
        self.err = err

    def __str__(self):
        return f'status {self.status}\n{self.out}\n{self.err}'


def environment(**changes):
    """Without the user's own store and data."""
    home = tempfile.gettempdir()
    return dict(os.environ, XDG_DATA_HOME=os.path.join(home, 'axilla-none'),
                **changes)


def run(*arguments, env=None, **options):
    """Runs axilla-cli without a terminal."""
    done = subprocess.run([CLI, *map(str, arguments)], capture_output=True,
                          stdin=subprocess.DEVNULL, timeout=TIMEOUT_S,
                          check=False, env=env or environment(), **options)
    return Result(done.returncode, done.stdout.decode(), done.stderr.decode())


def succeed(*arguments, **options):
    result = run(*arguments, **options)
    assert result.status == 0, result
    return result


def ask(*arguments, **options):
    """Succeeds with --json: the object, which is all of standard output."""
    return json.loads(succeed(*arguments, '--json', **options).out)


def fail(status, pattern, *arguments, **options):
    """Fails with one line about it, two where the help is pointed to."""
    result = run(*arguments, **options)
    assert result.status == status, result
    lines = [line for line in result.err.splitlines()
             if not line.startswith('axilla-cli: note: ')]
    assert len(lines) == (2 if status == 2 else 1), result
    assert re.search('^axilla-cli: ' + pattern, lines[0]), \
        f'{lines[0]!r} is not like {pattern!r}'
    return result


def refuse(pattern, *arguments, **options):
    """Wrong usage: status 2, nothing on standard output."""
    result = fail(2, pattern, *arguments, **options)
    assert result.out == '', result
    return result


def make_slide(kind, path, width=768, height=512):
    subprocess.run([MAKE_SLIDE, kind, str(path), str(width), str(height)],
                   check=True)
    return path


class Terminal:
    """axilla-cli with a terminal as standard error."""

    def __init__(self, *arguments):
        self.terminal, theirs = pty.openpty()
        self.process = subprocess.Popen(
            [CLI, *map(str, arguments)], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=theirs, env=environment())
        os.close(theirs)
        self.text = ''

    def read(self):
        """More of what was shown; False at the end."""
        try:
            piece = os.read(self.terminal, 4096)
        except OSError:
            piece = b''
        self.text += piece.decode(errors='replace')
        return bool(piece)

    def wait_for(self, pattern):
        while not re.search(pattern, self.text):
            assert self.read(), f'{pattern!r} was not shown in {self.text!r}'

    def send(self, number):
        self.process.send_signal(number)

    def finish(self):
        while self.read():
            pass
        out = self.process.stdout.read().decode()
        self.process.stdout.close()
        os.close(self.terminal)
        return Result(self.process.wait(), out, self.text)


def wait_for_share(arguments, percent, number):
    """Sends a signal when the progress bar shows at least @percent."""
    terminal = Terminal(*arguments)
    shares = '|'.join(str(share) for share in range(percent, 100))
    terminal.wait_for(rf'\] +({shares}) %')
    terminal.send(number)
    return terminal.finish()


def write_png(path, width, height, value):
    """An 8-bit grey picture; value (x, y) gives its pixels."""
    rows = b''.join(b'\0' + bytes(value(x, y) for x in range(width))
                    for y in range(height))

    def chunk(name, data):
        return struct.pack('>I', len(data)) + name + data \
            + struct.pack('>I', zlib.crc32(name + data))

    path.write_bytes(
        b'\x89PNG\r\n\x1a\n'
        + chunk(b'IHDR', struct.pack('>IIBBBBB', width, height, 8, 0, 0, 0, 0))
        + chunk(b'IDAT', zlib.compress(rows)) + chunk(b'IEND', b''))
    return path


def read_safetensors(path):
    """(metadata, {name: (dtype, shape, bytes)})"""
    data = path.read_bytes()
    length, = struct.unpack_from('<Q', data)
    header = json.loads(data[8:8 + length])
    metadata = header.pop('__metadata__', {})
    body = data[8 + length:]
    return metadata, {
        name: (entry['dtype'], entry['shape'],
               body[slice(*entry['data_offsets'])])
        for name, entry in header.items()}


def write_safetensors(path, metadata, tensors, change=None):
    """@change (header) may break the header before it is written."""
    header, body = {'__metadata__': metadata}, b''
    for name, (dtype, shape, data) in sorted(tensors.items()):
        header[name] = {'dtype': dtype, 'shape': shape,
                        'data_offsets': [len(body), len(body) + len(data)]}
        body += data
    if change is not None:
        change(header)
    text = json.dumps(header).encode()
    text += b' ' * (-len(text) % 8)
    path.write_bytes(struct.pack('<Q', len(text)) + text + body)
    return path


# A network of one block: field 6, stride 2.
TINY_CARD = {
    'axilla.family': 'scannet',
    'axilla.arch': json.dumps({'blocks': [1], 'widths': [2], 'head': [2],
                               'batch_norm': False}),
    'mpp': '0.972', 'field': '6', 'stride': '2', 'mean': '[0.5, 0.5, 0.5]',
    'std': '[0.25, 0.25, 0.25]', 'classes': '["normal", "tumor"]',
    'temperature': '1',
}


def tiny_tensors():
    def values(count, seed):
        return struct.pack(f'<{count}f', *(
            ((i * 7 + seed * 13) % 11 - 5) / 20 for i in range(count)))

    return {
        'features.0.weight': ('F32', [2, 3, 3, 3], values(54, 1)),
        'features.0.bias': ('F32', [2], values(2, 2)),
        'head.0.weight': ('F32', [2, 2, 2, 2], values(16, 3)),
        'head.0.bias': ('F32', [2], values(2, 4)),
        'head.1.weight': ('F32', [2, 2, 1, 1], values(4, 5)),
        'head.1.bias': ('F32', [2], values(2, 6)),
    }


def write_tiny_model(path, card=None, tensors=None, change=None):
    return write_safetensors(
        path, TINY_CARD if card is None else card,
        tiny_tensors() if tensors is None else tensors, change)


# The share of a slide's sides that the nest of make-slide has as radius.
NEST_X, NEST_Y = 0.13, 0.15


def nest_diameter_px(width, height):
    """The greatest distance between two points of its edge."""
    points = []
    for step in range(720):
        angle = math.radians(step / 2)
        dx, dy = math.cos(angle), math.sin(angle)
        wave = 1 + 0.08 * math.sin(5 * angle) + 0.04 * math.sin(11 * angle + 1)
        length = 1 / wave / math.hypot(dx / (width * NEST_X),
                                       dy / (height * NEST_Y))
        points.append((dx * length, dy * length))
    return max(math.dist(a, b) for a in points for b in points)


def write_nest_model(path, card=None):
    """Finds the nest, by one feature: a field of 6 px without a light part.

    Light is red + 1, averaged over 3 x 3 px; its maxima of 2 x 2 are averaged.
    """
    def floats(*values):
        return struct.pack(f'<{len(values)}f', *values)

    return write_safetensors(path, TINY_CARD if card is None else card, {
        'features.0.weight': ('F32', [2, 3, 3, 3],
                              floats(*[1 / 9] * 9, *[0] * 45)),
        'features.0.bias': ('F32', [2], floats(1, 0)),
        'head.0.weight': ('F32', [2, 2, 2, 2],
                          floats(*[1 / 4] * 4, *[0] * 12)),
        'head.0.bias': ('F32', [2], floats(0, 0)),
        'head.1.weight': ('F32', [2, 2, 1, 1], floats(0, 0, -20, 0)),
        'head.1.bias': ('F32', [2], floats(0, 11.5)),
    })


def _try(function):
    """The TAP line of a case, without its number."""
    with tempfile.TemporaryDirectory(prefix='axilla-e2e-') as folder:
        try:
            function(pathlib.Path(folder))
        except Skip as reason:
            return 'ok', f' # SKIP {reason}'
        except Exception:  # a broken case must not hide the others
            for line in traceback.format_exc().splitlines():
                print(f'# {line}')
            return 'not ok', ''
    return 'ok', ''


def main():
    signal.signal(signal.SIGINT, signal.default_int_handler)
    failed = False
    print(f'1..{len(_cases)}')
    for number, function in enumerate(_cases, 1):
        verdict, reason = _try(function)
        failed |= verdict != 'ok'
        name = function.__name__.replace('_', '-')
        print(f'{verdict} {number} - {name}{reason}', flush=True)
    sys.exit(failed)
