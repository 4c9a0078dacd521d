"""Slides and a network for the window's tests."""
import functools
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(os.environ['AX_ROOT'])
sys.path.insert(0, str(ROOT / 'tests' / 'e2e'))

# pylint: disable=wrong-import-position
from harness import TINY_CARD, make_slide, write_safetensors  # noqa: E402
from tiny_families import write_attention  # noqa: E402

CLI = os.environ['AX_CLI']


def _floats(*values):
    return struct.pack(f'<{len(values)}f', *values)


def write_color_model(path, mpp=4.0, cut=1.5):
    """A network that calls what has little red in it tumour: crowded nuclei.

    Its probability is that of @cut + the mean of minus the normalised red of
    a field of 6 pixels; a hand-made stand-in for a trained one, small enough
    for the naive engine.
    """
    gain = 8.0
    red_mean = [-1 / 9] * 9 + [0.0] * 18
    return write_safetensors(path, dict(TINY_CARD, mpp=str(mpp)), {
        'features.0.weight': ('F32', [2, 3, 3, 3],
                              _floats(*red_mean, *[0.0] * 27)),
        'features.0.bias': ('F32', [2], _floats(2.0, 0.0)),
        'head.0.weight': ('F32', [2, 2, 2, 2],
                          _floats(*[0.25] * 4, *[0.0] * 12)),
        'head.0.bias': ('F32', [2], _floats(0.0, 0.0)),
        'head.1.weight': ('F32', [2, 2, 1, 1],
                          _floats(0.0, 0.0, gain, 0.0)),
        'head.1.bias': ('F32', [2], _floats(0.0, -gain * cut)),
    })


_folder = tempfile.TemporaryDirectory(prefix='axilla-ui-slides-')


@functools.cache
def _draw(lesions):
    path = os.path.join(_folder.name, f'{lesions}.tif')
    subprocess.run([CLI, 'synth', '-o', path, '--size', '7000,5400',
                    '--seed', '2', '--lesions', lesions], check=True,
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    return path


def synthesize(path, lesions='400,120'):
    """A drawn lymph node with metastases."""
    return pathlib.Path(shutil.copyfile(_draw(lesions), path))


def detect(slide, model, folder, *arguments, env=None):
    """What axilla-cli finds: the folder with its files."""
    subprocess.run([CLI, 'detect', slide, '--model', model, '-o', folder,
                    '--store', 'none', *arguments], check=True,
                   capture_output=True, stdin=subprocess.DEVNULL,
                   env=dict(os.environ, **(env or {})))
    return folder


__all__ = ['detect', 'make_slide', 'synthesize', 'write_attention',
           'write_color_model']
