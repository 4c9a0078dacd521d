"""Drives the real viewer: a display and a session bus of its own, the
accessibility tree to see with, pointer and keys to act with.

A test file imports this first, decorates functions with @case and ends with
main().  Each case gets an empty folder of its own.
"""
import os
import pathlib
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import traceback
import zlib

VIEWER = os.environ['AX_VIEWER']
CLI = os.environ['AX_CLI']
ROOT = pathlib.Path(os.environ['AX_ROOT'])
BUILD = pathlib.Path(os.environ['AX_BUILD'])
DATA = ROOT.parent / 'shared' / 'data'
SHOTS = BUILD / 'tests' / 'ui' / 'screenshots'
SCREEN = (1600, 1000)

# Far above what anything takes, sanitizers on a busy machine included.
PATIENCE_S = float(os.environ.get('AX_UI_PATIENCE', 120))
POLL_S = 0.05

INSIDE = 'AX_UI_FRAMEBUFFER'
APPLICATION = 'org.axilla.Axilla'


def _skip_all(reason):
    print(f'1..0 # SKIP {reason}')
    sys.exit(0)


def _enter():
    """Runs this program again on a display and a session bus of its own."""
    for tool in ('Xvfb', 'xdotool', 'dbus-run-session'):
        if shutil.which(tool) is None:
            _skip_all(f'no {tool} here')
    with tempfile.TemporaryDirectory(prefix='axilla-ui-') as folder:
        ours, theirs = os.pipe()
        display = subprocess.Popen(
            ['Xvfb', '-displayfd', str(theirs), '-fbdir', folder, '-nolisten',
             'tcp', '-noreset', '-screen', '0', f'{SCREEN[0]}x{SCREEN[1]}x24'],
            pass_fds=[theirs], stderr=subprocess.DEVNULL)
        os.close(theirs)
        with os.fdopen(ours) as pipe:
            number = pipe.readline().strip()
        if not number:
            _skip_all('Xvfb does not start here')
        env = dict(os.environ, DISPLAY=':' + number, GDK_BACKEND='x11',
                   XDG_RUNTIME_DIR=folder,
                   **{INSIDE: os.path.join(folder, 'Xvfb_screen0')})
        # Only the cases' lines go to standard output, not what daemons say.
        lines = os.dup(sys.stdout.fileno())
        try:
            status = subprocess.call(
                ['dbus-run-session', '--', 'sh', '-c', f'exec "$@" >&{lines}',
                 'sh', sys.executable, *sys.argv],
                env=env, pass_fds=[lines], stdout=sys.stderr)
        finally:
            display.terminate()
            display.wait()
    sys.exit(status)


if INSIDE not in os.environ:
    _enter()

try:
    import gi
    gi.require_version('Atspi', '2.0')
    from gi.repository import Atspi, GLib
except (ImportError, ValueError) as missing:
    _skip_all(f'no accessibility tree here: {missing}')


class Skip(Exception):
    """The reason why a case cannot be tried here."""


def need(path):
    """The path of a file of the optional data sets."""
    if not path.exists():
        raise Skip(f'no {path.name} here')
    return path


def wait_for(condition, what, patience=PATIENCE_S):
    """The first true value of condition ()."""
    end = time.monotonic() + patience
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f'waited in vain for {what}'
        time.sleep(POLL_S)


def xdotool(*arguments):
    return subprocess.run(['xdotool', *map(str, arguments)], check=False,
                          capture_output=True, text=True).stdout.split()


def screenshot(name):
    """Writes what the display shows to the build folder."""
    data = pathlib.Path(os.environ[INSIDE]).read_bytes()
    head = struct.unpack_from('>25I', data)
    size, width, height, stride, n_colors = (
        head[0], head[4], head[5], head[12], head[19])
    start = size + n_colors * 12
    rows = []
    for y in range(height):
        row = data[start + y * stride:start + y * stride + width * 4]
        rgb = bytearray(width * 3)
        rgb[0::3], rgb[1::3], rgb[2::3] = row[2::4], row[1::4], row[0::4]
        rows.append(b'\0' + bytes(rgb))

    def chunk(kind, body):
        return struct.pack('>I', len(body)) + kind + body \
            + struct.pack('>I', zlib.crc32(kind + body))

    SHOTS.mkdir(parents=True, exist_ok=True)
    path = SHOTS / f'{name}.png'
    path.write_bytes(
        b'\x89PNG\r\n\x1a\n'
        + chunk(b'IHDR', struct.pack('>IIBBBBB', width, height, 8, 2, 0, 0, 0))
        + chunk(b'IDAT', zlib.compress(b''.join(rows), 3))
        + chunk(b'IEND', b''))
    return path


class Node:
    """One thing of the accessibility tree."""

    def __init__(self, accessible):
        self.accessible = accessible

    @property
    def role(self):
        return self.accessible.get_role_name()

    @property
    def name(self):
        return self.accessible.get_name() or ''

    @property
    def text(self):
        """What a label or a field says."""
        text = self.accessible.get_text_iface()
        if text is None:
            return self.name
        return Atspi.Text.get_text(text, 0,
                                   Atspi.Text.get_character_count(text))

    @property
    def value(self):
        return Atspi.Value.get_current_value(
            self.accessible.get_value_iface())

    def has(self, state):
        return self.accessible.get_state_set().contains(
            getattr(Atspi.StateType, state.upper()))

    @property
    def is_enabled(self):
        return self.has('sensitive')

    @property
    def children(self):
        for i in range(self.accessible.get_child_count()):
            child = self.accessible.get_child_at_index(i)
            if child is not None:
                yield Node(child)

    def walk(self):
        yield self
        for child in self.children:
            yield from child.walk()

    @property
    def box(self):
        """x, y, width and height in the window."""
        rect = Atspi.Component.get_extents(
            self.accessible.get_component_iface(), Atspi.CoordType.WINDOW)
        return rect.x, rect.y, rect.width, rect.height

    def dump(self, depth=0):
        lines = [f'{"  " * depth}{self.role} {self.name!r}']
        for child in self.children:
            lines.append(child.dump(depth + 1))
        return '\n'.join(lines)


def matches(node, role, name):
    return node.role == role and (
        name is None or re.search(name, node.name, re.MULTILINE))


def environment(folder, **changes):
    """What a viewer with a home of its own in @folder runs in."""
    env = dict(os.environ, HOME=str(folder / 'home'), GSK_RENDERER='cairo',
               GSETTINGS_BACKEND='keyfile', LC_ALL='C.UTF-8',
               GSETTINGS_SCHEMA_DIR=str(BUILD / 'data'), NO_COLOR='1')
    for name in ('config', 'data', 'cache'):
        path = folder / 'home' / name
        path.mkdir(parents=True, exist_ok=True)
        env[f'XDG_{name.upper()}_HOME'] = str(path)
    return dict(env, **changes)


def write_settings(folder, settings):
    path = folder / 'home' / 'config' / 'glib-2.0' / 'settings' / 'keyfile'
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('[org/axilla/Axilla]\n' + ''.join(
        f'{key}={GLib.Variant("s", value).print_(False)}\n'
        if isinstance(value, str) else f'{key}={str(value).lower()}\n'
        for key, value in settings.items()))


class Viewer:
    """A running viewer with a home of its own, kept in @folder."""

    def __init__(self, folder, *arguments, settings=None, env=None):
        self.folder = folder
        self.log = folder / 'viewer.log'
        self.env = environment(folder, **(env or {}))
        if settings is not None:
            write_settings(folder, settings)
        with self.log.open('a') as log:
            self.process = subprocess.Popen(
                [VIEWER, *map(str, arguments)], env=self.env, stdout=log,
                stderr=log, stdin=subprocess.DEVNULL)
        wait_for(lambda: self.window() is not None, 'the first window')
        self.focus()

    def run_again(self, *arguments):
        """A second start: hands its arguments over and ends."""
        return subprocess.run([VIEWER, *map(str, arguments)], env=self.env,
                              capture_output=True, text=True, check=False,
                              timeout=PATIENCE_S)

    # Seeing

    def application(self):
        assert self.process.poll() is None, \
            f'the viewer ended with {self.process.returncode}:\n{self.said()}'
        desktop = Atspi.get_desktop(0)
        desktop.clear_cache()
        for i in range(desktop.get_child_count()):
            child = desktop.get_child_at_index(i)
            try:
                if child is not None and \
                        child.get_process_id() == self.process.pid:
                    return Node(child)
            except GLib.Error:
                continue
        return None

    def windows(self):
        application = self.application()
        return [] if application is None else list(application.children)

    def window(self, title=None):
        """The first window, or the one whose title matches."""
        try:
            for node in self.windows():
                if title is None or re.search(title, node.name):
                    return node
        except GLib.Error:
            pass  # it went away while we looked
        return None

    def look(self, role, name=None):
        """The first such thing in the tree; None when there is none.

        What GTK hides is not in it, except for the other pages of a stack.
        """
        try:
            for window in self.windows():
                for node in window.walk():
                    if matches(node, role, name):
                        return node
        except GLib.Error:
            pass  # it went away while we looked
        return None

    def find(self, role, name=None):
        return wait_for(lambda: self.look(role, name), f'{role} {name!r}')

    def find_window(self, title):
        return wait_for(lambda: self.window(title), f'a window {title!r}')

    def see(self, pattern):
        """Waits for a label that matches; its text."""
        return self.find('label', pattern).name

    def sees(self, pattern):
        return self.look('label', pattern) is not None

    def said(self):
        return self.log.read_text(errors='replace')

    # Acting

    def x_window(self, title=None):
        """The last window, or the one whose title matches."""
        if title is None:
            names = [window.name for window in self.windows()]
            if not names:
                return None
            title = f'^{re.escape(names[-1])}$'
        ids = xdotool('search', '--all', '--onlyvisible', '--pid',
                      self.process.pid, '--name', title)
        # Tooltips and menus, above all windows, bear the program's name, as
        # a window without a slide does.
        return ids[0] if ids else None

    def focus(self, title=None):
        """There is no window manager: the keyboard goes where we say."""
        x_window = wait_for(lambda: self.x_window(title), 'an X window')
        xdotool('windowfocus', '--sync', x_window)
        return x_window

    def resize(self, width, height):
        xdotool('windowsize', '--sync', self.x_window(), width, height)

    def point(self, node, x=0.5, y=0.5):
        """Moves the pointer to a share of a thing's width and height."""
        left, top, width, height = node.box
        window_left, window_top = self.geometry()
        xdotool('mousemove', '--sync', round(window_left + left + x * width),
                round(window_top + top + y * height))

    def geometry(self):
        """Where the last window lies on the screen."""
        lines = xdotool('getwindowgeometry', '--shell', self.x_window())
        values = dict(line.split('=') for line in lines)
        return int(values['X']), int(values['Y'])

    def click(self, node, x=0.5, y=0.5, button=1):
        self.point(node, x, y)
        xdotool('click', button)

    def drag(self, node, start, end, button=1):
        self.point(node, *start)
        xdotool('mousedown', button)
        for step in range(1, 5):
            share = step / 4
            self.point(node, *(a + (b - a) * share
                               for a, b in zip(start, end)))
        xdotool('mouseup', button)

    def drop(self, *files, x=0.5, y=0.5):
        """Drags files from another program to a share of the window.

        GDK cancels a drag whose button is let go between a move and the
        answer to it, so it is tried until the files are dropped.
        """
        wait_for(lambda: self._drag_files(files, x, y), 'the drop')

    def _drag_files(self, files, x, y):
        """Whether they were dropped."""
        left, top = self.geometry()
        _, _, width, height = self.window().box
        log = self.folder / 'drag.log'
        with log.open('w') as out:
            source = subprocess.Popen(
                [os.environ['AX_DRAG_SOURCE'], *map(str, files)],
                env=self.env, stdout=out, stderr=out)

        def last_said():
            return log.read_text().splitlines()[-1:]

        try:
            window = wait_for(lambda: xdotool('search', '--onlyvisible',
                                              '--pid', source.pid),
                              'what to drag')[-1]
            begin = [side - 60 for side in SCREEN]
            end = left + x * width, top + y * height
            xdotool('windowmove', '--sync', window,
                    *(side - 50 for side in begin))
            xdotool('mousemove', '--sync', *begin)
            xdotool('mousedown', 1)

            def is_accepted():
                # A drag under way is told of by the moves that follow it.
                for share in (0.1, 0.5, 0.9, 1):
                    xdotool('mousemove', '--sync',
                            *(round(a + (b - a) * share)
                              for a, b in zip(begin, end)))
                return last_said() == ['accepted']

            wait_for(is_accepted, 'a place to drop')
            xdotool('mouseup', 1)
            wait_for(lambda: source.poll() is not None, 'the end of the drag')
            return last_said() == ['dropped']
        finally:
            source.kill()
            source.wait()

    def scroll(self, node, n_up, x=0.5, y=0.5):
        self.point(node, x, y)
        xdotool('click', '--repeat', abs(n_up), 4 if n_up > 0 else 5)

    def press(self, *keys):
        xdotool('key', *keys)

    def type(self, text):
        xdotool('type', text)

    # Ending

    def wait_for_end(self):
        status = self.process.wait(PATIENCE_S)
        assert status == 0, f'ended with {status}:\n{self.said()}'
        # GTK 4.8's file chooser and its accessibility are at odds.
        trouble = [line for line in self.said().splitlines()
                   if re.search('CRITICAL|WARNING|ERROR:|runtime error', line)
                   and 'object_path' not in line]
        assert not trouble, trouble

    def quit(self):
        self.focus()
        self.press('ctrl+q')
        self.wait_for_end()

    def kill(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()


_cases = []


def case(function):
    _cases.append(function)
    return function


_running = []


def start(folder, *arguments, **options):
    """A viewer that ends with its case at the latest."""
    viewer = Viewer(folder, *arguments, **options)
    _running.append(viewer)
    return viewer


def _try(function):
    """The TAP line of a case, without its number."""
    with tempfile.TemporaryDirectory(prefix='axilla-ui-') as folder:
        try:
            function(pathlib.Path(folder))
        except Skip as reason:
            return 'ok', f' # SKIP {reason}'
        except Exception:  # a broken case must not hide the others
            for line in traceback.format_exc().splitlines():
                print(f'# {line}')
            print(f'# see {screenshot("failed-" + function.__name__)}')
            for viewer in _running:
                for line in viewer.said().splitlines()[-20:]:
                    print(f'# viewer: {line}')
            return 'not ok', ''
        finally:
            for viewer in _running:
                viewer.kill()
            _running.clear()
    return 'ok', ''


def main():
    failed = False
    cases = [function for function in _cases
             if not sys.argv[1:] or function.__name__ in sys.argv[1:]]
    print(f'1..{len(cases)}')
    for number, function in enumerate(cases, 1):
        verdict, reason = _try(function)
        failed |= verdict != 'ok'
        name = function.__name__.replace('_', '-')
        print(f'{verdict} {number} - {name}{reason}', flush=True)
    sys.exit(failed)
