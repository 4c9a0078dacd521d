"""A scripted pan-and-zoom session over a slide of 20 gigapixels while a scan
runs: how long the main loop was busy, what was drawn, what memory it took.
"""
import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(os.environ['AX_ROOT'])
sys.path.insert(0, str(ROOT / 'tests' / 'ui'))

# pylint: disable=wrong-import-position
from driver import DATA, case, main, start, wait_for, xdotool  # noqa: E402
from fixtures import write_color_model  # noqa: E402

WIDTH, HEIGHT = 200000, 100000
MAX_ITERATION_MS = 16
MAX_MEMORY_MIB = 400


def find_model(folder):
    trained = DATA / 'models' / 'scannet-10x-pytorch.safetensors'
    return trained if trained.exists() \
        else write_color_model(folder / 'color.safetensors', 1.0)


def get_peak_mib(pid):
    status = pathlib.Path(f'/proc/{pid}/status').read_text()
    return int(re.search(r'VmHWM:\s+(\d+) kB', status)[1]) / 1024


def move_about(viewer):
    """Flights, drags, wheel and jumps, a few hundred frames of them."""
    view = viewer.find('image', '^Slide$')
    left, top, width, height = view.box
    middle = left + width // 2, top + height // 2
    for key in ('2', '4', '5', '3'):
        xdotool('key', key)
        for dx, dy in ((9, 4), (-7, 6), (5, -8), (-6, -3)):
            xdotool('mousemove', *middle, 'mousedown', 1)
            for _ in range(20):
                xdotool('mousemove_relative', '--', dx, dy)
            xdotool('mouseup', 1)
        xdotool('mousemove', *middle, 'click', '--repeat', 6, '--delay', 20, 4)
        xdotool('click', '--repeat', 6, '--delay', 20, 5)
        xdotool('key', '--repeat', 10, '--delay', 30, 'Right')
        xdotool('key', '--repeat', 6, '--delay', 30, 'shift+Down')
    xdotool('key', '0')


@case
def pans_and_zooms_while_scanning(folder):
    slide = folder / 'giant.tif'
    subprocess.run([os.environ['AX_MAKE_GIANT'], slide, str(WIDTH),
                    str(HEIGHT)], check=True)
    viewer = start(folder, slide, '--detect', env={'AX_DEBUG': 'frames'},
                   settings={'model': str(find_model(folder)),
                             'window-width': 1600, 'window-height': 1000})
    viewer.see(r'^Detecting +[\d.]+ of ')
    move_about(viewer)
    peak_mib = get_peak_mib(viewer.process.pid)
    viewer.press('ctrl+q')
    wait_for(lambda: viewer.process.poll() is not None, 'the end')
    frames = json.loads(re.search(r'frames: (\{.*\})', viewer.said())[1])
    print(f'# {json.dumps(frames)}\n# peak memory {peak_mib:.0f} MiB')
    assert frames['frames'] > 200, 'too few frames'
    assert frames['tiles_missing'] > 0, 'too slow for a tile to be late'
    assert frames['tiles_blank'] == 0
    assert frames['iteration_ms']['p99'] <= MAX_ITERATION_MS
    # Most iterations do next to nothing; of those that paint, nearly all.
    assert frames['frame_ms']['p95'] <= MAX_ITERATION_MS
    assert peak_mib < MAX_MEMORY_MIB


main()
