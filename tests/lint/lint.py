#!/usr/bin/env python3
"""House rules that a grep can hold; TAP, one case a rule.

Usage: lint.py ROOT [COMPILER...]

The compiler is needed for the rule that every header compiles alone.
"""
import concurrent.futures
import os
import re
import subprocess
import sys

FOLDERS = ('app', 'core', 'cuda', 'tests', 'ui')
SOURCES = ('.c', '.h', '.inc', '.cu', '.cuh')
TEXTS = SOURCES + ('.build', '.md', '.py', '.sh')
MAX_COLUMNS = 80

# What each folder may include besides itself; see the page on architecture.
FLOORS = {
    'core/base': [],
    'core/slide': ['base'],
    'core/nn': ['base'],
    'core/annot': ['base'],
    'core/eval': ['base'],
    'core/models': ['base', 'nn'],
    'core/synth': ['base', 'slide', 'annot'],
    'core/detect': ['base', 'slide', 'nn', 'models'],
    'core/grade': ['base', 'detect', 'eval'],
    'core/store': ['base', 'slide', 'annot', 'detect'],
    'core/export': ['base', 'slide', 'annot', 'detect', 'grade'],
    'core/train': ['base', 'slide', 'annot', 'nn', 'models', 'detect', 'eval',
                   'synth'],
    'ui': ['base', 'slide', 'annot', 'detect', 'grade', 'store', 'export'],
    'cuda': [],
}
# Single headers that a folder may include although it may not the floor.
EXTRA_HEADERS = {
    'ui': {'core/models/model.h', 'core/nn/engine.h'},
    'cuda': {'core/nn/engine-api.h'},
}
# app and tests may include everything, but nothing may include them.
TOP = ('app', 'tests')

# Whose header may appear where: pattern of the header, of the files.
LIBRARIES = [
    (r'sqlite3\.h', r'core/store/'),
    (r'openslide/.*|openslide\.h', r'core/slide/|tests/'),
    (r'tiff\w*\.h', r'core/slide/|core/synth/|core/detect/likelihood-tiff'
                    r'|tests/'),
    (r'dnnl.*|oneapi/.*', r'core/nn/engine-cpu|core/nn/cpu-'),
    (r'cuda.*|cudnn.*|nvrtc.*', r'cuda/'),
    (r'g[dts]k/.*|adwaita.*', r'ui/|tests/|app/axilla\.c|app/application'
                              r'|app/preferences'),
]

NUMBER_READERS = re.compile(
    r'\b(atoi|atol|atoll|atof|strto(?:d|f|l|ul|ll|ull|ld|imax|umax)|v?f?s?scanf'
    r'|g_strtod|g_ascii_strto(?:d|ll|ull)'
    r'|g_ascii_string_to_(?:un)?signed)\s*\(')
UNINITIALISED = re.compile(
    r'^\s*(?:static\s+)?(?:g_auto(?:ptr|list|slist|queue)?\s*\([^()]*\)'
    r'|g_autofree\b[^=;(]*?)[\s*]*\b\w+(?:\s*\[[^\]]*\])*\s*(?:,[^=;]*)?;',
    re.MULTILINE)
ENDINGS = re.compile(r'\b(exit|_exit|_Exit|quick_exit|abort)\s*\(')
PRINTERS = re.compile(r'\b(v?printf|puts|putchar|g_print)\s*\('
                      r'|\b(?:v?fprintf|fputs|fputc|fwrite)\s*\([^;]*\bstdout')
SQLITE = re.compile(r'\bsqlite3_\w+')
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]',
                     re.MULTILINE)
UNFINISHED = re.compile(r'\b(TODO|FIXME|XXX|HACK)\b')

TOKENS = re.compile(
    r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'',
    re.DOTALL)


def blank(match):
    """Comments and literals as spaces, so that lines keep their numbers."""
    return re.sub(r'[^\n]', ' ', match[0])


class File:
    def __init__(self, root, path):
        self.path = path
        with open(os.path.join(root, path), encoding='utf-8') as stream:
            self.text = stream.read()
        self.is_source = path.endswith(SOURCES)
        self.code = TOKENS.sub(blank, self.text) if self.is_source else ''

    def line_of(self, position):
        return self.text.count('\n', 0, position) + 1

    def at(self, position, why):
        return f'{self.path}:{self.line_of(position)}: {why}'

    def includes(self):
        """(position, is_system, header) of each include that is no comment."""
        for match in INCLUDE.finditer(self.text):
            if '#' in self.code[match.start():match.end()]:
                yield match.start(), match[1] == '<', match[2]

    def matches(self, pattern):
        """The spaces of blanked text must not hide where a token stands."""
        return pattern.finditer(self.code)


def collect(root):
    for folder in FOLDERS:
        for where, folders, names in os.walk(os.path.join(root, folder)):
            folders[:] = sorted(f for f in folders if f != '__pycache__')
            for name in sorted(names):
                if name.endswith(TEXTS):
                    path = os.path.join(where, name)
                    yield File(root, os.path.relpath(path, root))
    for name in sorted(os.listdir(root)):
        if name.endswith(TEXTS) and os.path.isfile(os.path.join(root, name)):
            yield File(root, name)


def home_of(path):
    parts = path.split('/')
    return '/'.join(parts[:2]) if parts[0] == 'core' else parts[0]


def may_include(home, header):
    target = home_of(header)
    if target == home or home == 'tests':
        return True
    if target in TOP:
        return False
    return home == 'app' or header in EXTRA_HEADERS.get(home, ()) \
        or target.removeprefix('core/') in FLOORS.get(home, ())


def check_floors(files, root):
    for file in files:
        home = home_of(file.path)
        for position, is_system, header in file.includes():
            if not is_system and not may_include(home, header):
                yield file.at(position, f'{home} may not include "{header}"')


def check_from_root(files, root):
    for file in files:
        for position, is_system, header in file.includes():
            if not is_system \
                    and not os.path.isfile(os.path.join(root, header)):
                yield file.at(position, f'"{header}" is not a path from the '
                                        'root')


def check_own_first(files, root):
    for file in files:
        own = re.sub(r'\.c$', '.h', file.path)
        headers = [header for _, _, header in file.includes()]
        if own in headers and own != file.path and headers[0] != own:
            yield f'{file.path}: does not include its own header first'


def check_libraries(files, root):
    for file in files:
        for position, is_system, header in file.includes():
            for name, where in LIBRARIES:
                if is_system and re.fullmatch(name, header) \
                        and not re.match(where, file.path):
                    yield file.at(position, f'<{header}> is not for here')


def check_engine_api(files, root):
    """An engine builds with its own tools alone."""
    for file in files:
        if file.path == 'core/nn/engine-api.h':
            for position, _, header in file.includes():
                if header not in ('stddef.h', 'stdint.h'):
                    yield file.at(position, f'includes {header}')


def check_pattern(files, pattern, allowed, why):
    for file in files:
        if not re.match(allowed, file.path):
            for match in file.matches(pattern):
                position = match.start() + len(match[0]) \
                    - len(match[0].lstrip())
                yield file.at(position, f'{" ".join(match[0].split())} {why}')


def check_numbers(files, root):
    yield from check_pattern(files, NUMBER_READERS,
                             r'core/base/parse\.c$|tests/fake-engine/',
                             'reads a number; core/base/parse does that')


def check_initialised(files, root):
    yield from check_pattern(files, UNINITIALISED, r'$^',
                             'has no initialiser')


def check_sqlite(files, root):
    yield from check_pattern(files, SQLITE, r'core/store/|tests/',
                             'is for core/store alone')


def check_endings(files, root):
    yield from check_pattern(files, ENDINGS, r'app/|tests/|cuda/test/',
                             'ends the program outside app')


def check_printers(files, root):
    yield from check_pattern(files, PRINTERS, r'app/|tests/|cuda/test/',
                             'prints on standard output outside app')


def check_unfinished(files, root):
    for file in files:
        if not file.path.startswith('tests/lint/'):
            for match in UNFINISHED.finditer(file.text):
                yield file.at(match.start(), f'{match[0]} left behind')


def check_newline(files, root):
    for file in files:
        if file.text and not file.text.endswith('\n'):
            yield f'{file.path}: does not end in a newline'
        if file.text.endswith('\n\n'):
            yield f'{file.path}: ends in an empty line'


def check_spaces(files, root):
    for file in files:
        for number, line in enumerate(file.text.split('\n'), 1):
            if line != line.rstrip() and not file.path.endswith('.md'):
                yield f'{file.path}:{number}: space at the end of the line'
            if '\t' in line and file.is_source:
                yield f'{file.path}:{number}: tab'


def check_columns(files, root):
    for file in files:
        for number, line in enumerate(file.text.split('\n'), 1):
            if file.is_source and len(line) > MAX_COLUMNS:
                yield f'{file.path}:{number}: {len(line)} columns'


def check_pragma(files, root):
    for file in files:
        if file.path.endswith('.h') and not re.search(
                r'^#pragma once$', file.code, re.MULTILINE):
            yield f'{file.path}: lacks #pragma once'


def compiler_flags():
    """Of all libraries that are here; headers of others are left out."""
    flags, missing = [], []
    for library in ('gio-2.0', 'gmodule-2.0', 'openslide', 'libtiff-4',
                    'libpng', 'libxml-2.0', 'sqlite3', 'gtk4'):
        found = subprocess.run(['pkg-config', '--cflags', library],
                               capture_output=True, text=True, check=False)
        flags += found.stdout.split()
        if found.returncode != 0:
            missing.append(library)
    return flags, missing


def check_headers(files, root):
    compiler = sys.argv[2:]
    flags, missing = compiler_flags()
    command = compiler + ['-std=gnu11', '-D_GNU_SOURCE', '-Wall', '-Werror',
                          '-fsyntax-only', '-I', root] + flags + ['-xc', '-']

    def compile_header(path):
        run = subprocess.run(command, input=f'#include "{path}"\n',
                             capture_output=True, text=True, check=False)
        return path, run.returncode, run.stderr

    headers = [file.path for file in files if file.path.endswith('.h')
               and not file.path.startswith('cuda/')
               and not (file.path.startswith('ui/') and 'gtk4' in missing)]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, status, errors in pool.map(compile_header, headers):
            if status != 0:
                lines = errors.splitlines()
                first = [line for line in lines if ': error:' in line] + lines
                yield f'{path}: does not compile alone: {first[0]}'


RULES = [
    ('includes go down only', check_floors),
    ('includes are written from the root', check_from_root),
    ('a source includes its own header first', check_own_first),
    ('headers of libraries stay in their floor', check_libraries),
    ('the engine interface is plain C', check_engine_api),
    ('numbers are read by parse alone', check_numbers),
    ('cleanup variables are initialised', check_initialised),
    ('SQLite is called by the store alone', check_sqlite),
    ('only app ends the program', check_endings),
    ('only app prints results', check_printers),
    ('nothing is left unfinished', check_unfinished),
    ('files end in one newline', check_newline),
    ('no tabs, no space at the end of lines', check_spaces),
    (f'no line of our C is over {MAX_COLUMNS} columns', check_columns),
    ('headers are guarded', check_pragma),
    ('every header compiles alone', check_headers),
]


def main():
    root = os.path.abspath(sys.argv[1])
    files = list(collect(root))
    failed = False
    print(f'1..{len(RULES)}')
    for number, (name, check) in enumerate(RULES, 1):
        faults = list(check(files, root))
        failed |= bool(faults)
        for fault in faults:
            print(f'# {fault}')
        print(f'{"not ok" if faults else "ok"} {number} - {name}')
    sys.exit(failed)


main()
