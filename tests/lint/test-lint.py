#!/usr/bin/env python3
"""Shows each rule of lint.py a tree that breaks it, and one that does not."""
import os
import subprocess
import sys
import tempfile

LINT = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lint.py')

GOOD = {
    'core/base/good.h': '#pragma once\n\n#include <stdint.h>\n\n'
                        '/* exit (1), atoi: words of a comment */\n'
                        'int32_t ax_good (void);\n',
    'core/base/good.c': '#include "core/base/good.h"\n\n#include <stdint.h>\n'
                        '\nint32_t\nax_good (void)\n{\n'
                        '  g_autofree char *name = NULL;\n'
                        '  return "printf (" != 0;\n}\n',
    'core/nn/engine-api.h': '#pragma once\n\n#include <stdint.h>\n',
}

# rule, file, its text
BAD = [
    ('includes go down only', 'core/base/bad.c',
     '#include "core/nn/engine-api.h"\n'),
    ('includes go down only', 'cuda/bad.c', '#include "core/base/good.h"\n'),
    ('includes go down only', 'core/nn/bad.c', '#include "app/bad.h"\n'),
    ('includes are written from the root', 'core/base/bad.c',
     '#include "good.h"\n'),
    ('a source includes its own header first', 'core/base/good.c',
     '#include <stdint.h>\n#include "core/base/good.h"\n'),
    ('headers of libraries stay in their floor', 'core/base/bad.c',
     '#include <sqlite3.h>\n'),
    ('headers of libraries stay in their floor', 'core/nn/engine.c',
     '#include <dnnl.h>\n'),
    ('headers of libraries stay in their floor', 'core/detect/plan.c',
     '#include <tiffio.h>\n'),
    ('the engine interface is plain C', 'core/nn/engine-api.h',
     '#pragma once\n#include <stdio.h>\n'),
    ('numbers are read by parse alone', 'core/base/bad.c',
     'int x (char *t) { return atoi (t); }\n'),
    ('numbers are read by parse alone', 'app/bad.c',
     'double x (char *t) { return g_ascii_strtod (t, 0); }\n'),
    ('cleanup variables are initialised', 'app/bad.c',
     'void f (void)\n{\n  g_autofree char *x;\n}\n'),
    ('cleanup variables are initialised', 'app/bad.c',
     'void f (void)\n{\n  g_autoptr (GError) x;\n}\n'),
    ('SQLite is called by the store alone', 'app/bad.c',
     'void f (void) { sqlite3_close (0); }\n'),
    ('only app ends the program', 'core/base/bad.c',
     'void f (void) { exit (1); }\n'),
    ('only app prints results', 'core/base/bad.c',
     'void f (void) { fputs ("", stdout); }\n'),
    ('nothing is left unfinished', 'core/base/bad.c', '/* TO' 'DO: more */\n'),
    ('files end in one newline', 'core/base/bad.c', 'int x;'),
    ('no tabs, no space at the end of lines', 'core/base/bad.c', 'int x; \n'),
    ('no line of our C is over 80 columns', 'core/base/bad.c',
     '/* ' + 'µ' * 78 + ' */\n'),
    ('headers are guarded', 'core/base/bad.h', 'int x;\n'),
    ('every header compiles alone', 'core/base/bad.h',
     '#pragma once\nAxUnknown *ax_unknown (void);\n'),
]


def run_lint(files):
    """The rules that a tree breaks."""
    with tempfile.TemporaryDirectory() as root:
        for path, text in files.items():
            full = os.path.join(root, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, 'w', encoding='utf-8') as stream:
                stream.write(text)
        run = subprocess.run([sys.executable, LINT, root] + sys.argv[1:],
                             capture_output=True, text=True, check=False)
    lines = run.stdout.splitlines()
    return {line.split(' - ', 1)[1] for line in lines
            if line.startswith('not ok')}


def main():
    failed = False
    print(f'1..{len(BAD) + 1}')
    cases = [(set(), 'nothing', {})]
    cases += [({rule}, f'{rule}: {path}', {path: text})
              for rule, path, text in BAD]
    for number, (expected, name, change) in enumerate(cases, 1):
        broken = run_lint(GOOD | change)
        good = expected <= broken and (expected or not broken)
        failed |= not good
        if not good:
            print(f'# reported: {sorted(broken)}')
        print(f'{"ok" if good else "not ok"} {number} - {name}')
    sys.exit(failed)


main()
