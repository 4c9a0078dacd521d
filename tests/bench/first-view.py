"""From start to a complete first view of a slide of 20 gigapixels, beside what
a bare GTK program takes to show a picture in a window of the same size.

The two take turns.  A view is complete when the display shows what it shows in
the end, and the display is read without asking the program.
"""
import json
import mmap
import os
import pathlib
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(os.environ['AX_ROOT'])
sys.path.insert(0, str(ROOT / 'tests' / 'ui'))

# pylint: disable=wrong-import-position
from driver import (INSIDE, PATIENCE_S, SCREEN, SHOTS, case,  # noqa: E402
                    environment, main, screenshot, write_settings)

N_TURNS = int(os.environ.get('AX_TURNS', 9))
MAX_DIFFERENCE_MS = 100
WIDTH, HEIGHT = 200000, 100000
SETTLED_S = 1.5
# What is looked at: the slide's view, mini-map included.  Beside it the panel's
# controls fade in, above it is the title, below the status line.
TOP, BOTTOM, RIGHT = 60, 960, 1130
ROW_STEP = 8
BYTES_PER_PIXEL = 4


class Display:
    """The rows of the display that tell whether a view is complete."""

    def __init__(self):
        with open(os.environ[INSIDE], 'rb') as file:
            self.memory = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
        head = [int.from_bytes(self.memory[4 * i:4 * i + 4], 'big')
                for i in range(25)]
        self.start, self.stride = head[0] + head[19] * 12, head[12]

    def look(self):
        return [self.memory[self.start + y * self.stride:
                            self.start + y * self.stride
                            + RIGHT * BYTES_PER_PIXEL]
                for y in range(TOP, BOTTOM, ROW_STEP)]


def begin(command, env):
    return subprocess.Popen(list(map(str, command)), env=env,
                            stdin=subprocess.DEVNULL,
                            stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL)


def end(process):
    process.terminate()
    process.wait()


def learn(display, command, env):
    """What the display shows in the end."""
    empty = display.look()
    process = begin(command, env)
    last, since = empty, time.monotonic()
    while last == empty or time.monotonic() - since < SETTLED_S:
        assert process.poll() is None, f'{command[0]} ended'
        seen = display.look()
        if seen != last:
            last, since = seen, time.monotonic()
        time.sleep(0.02)
    screenshot(f'first-view-{pathlib.Path(command[0]).name}')
    end(process)
    return last


def measure_ms(display, command, env, final):
    start = time.monotonic()
    process = begin(command, env)
    while display.look() != final:
        assert time.monotonic() - start < PATIENCE_S, 'waited in vain'
        time.sleep(0.001)
    taken = time.monotonic() - start
    end(process)
    return taken * 1e3


@case
def shows_a_slide_as_soon_as_a_picture(folder):
    slide = folder / 'giant.tif'
    subprocess.run([os.environ['AX_MAKE_GIANT'], slide, str(WIDTH),
                    str(HEIGHT)], check=True)
    env = environment(folder)
    write_settings(folder, {'window-width': SCREEN[0],
                            'window-height': SCREEN[1]})
    display = Display()
    viewer = [os.environ['AX_VIEWER'], slide]
    final = {'viewer': learn(display, viewer, env)}
    bare = [os.environ['AX_BARE_PICTURE'], SHOTS / 'first-view-axilla.png']
    final['bare'] = learn(display, bare, env)
    times = {'viewer': [], 'bare': []}
    for _ in range(N_TURNS):
        for name, command in (('viewer', viewer), ('bare', bare)):
            times[name].append(
                measure_ms(display, command, env, final[name]))
    medians = {name: statistics.median(taken)
               for name, taken in times.items()}
    difference = medians['viewer'] - medians['bare']
    rounded = {name: [round(ms) for ms in taken]
               for name, taken in times.items()}
    print(f'# {json.dumps(rounded)}')
    print(f'# viewer {medians["viewer"]:.0f} ms, bare picture '
          f'{medians["bare"]:.0f} ms, difference {difference:.0f} ms')
    assert difference <= MAX_DIFFERENCE_MS


main()
