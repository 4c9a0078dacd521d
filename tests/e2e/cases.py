#!/usr/bin/env python3
"""The hostile files of tests/cases: each fails with its message, once."""
import harness
from harness import ROOT, case, fail, make_slide, write_nest_model

CASES = ROOT / 'tests' / 'cases'


def arguments_of(command, path, folder):
    """How @command is called with a file of any kind."""
    weights = path if path.suffix == '.safetensors' \
        else write_nest_model(folder / 'nest.safetensors')
    slide = path if weights != path \
        else make_slide('glass', folder / 's.tif', 64, 64)
    return {
        'detect': ('detect', slide, '-o', folder / 'out', '--model', weights,
                   '--store', 'none'),
        'info': ('info', slide),
        'lesions': ('lesions', path, '--mpp', '1', '--step', '1'),
        'model': ('model', 'info', weights),
        'predict': ('predict', slide, '--model', weights),
        'tissue': ('tissue', slide),
    }[command]


def add_case(name, path, pattern, arguments):
    def check(folder):
        result = fail(1, '.*' + pattern, *arguments(folder))
        assert result.out == '', result
        assert not list(folder.glob('out*/*'))

    check.__name__ = f'{name}-{path.name}'
    case(check)


def rows_of(folder):
    for line in (CASES / folder / 'expected.tsv').read_text().splitlines():
        if not line.startswith('#'):
            yield line.split('\t')


def add_annotations():
    for name, format_, _, pattern in rows_of('annot'):
        path = CASES / 'annot' / name
        add_case('convert', path, pattern,
                 lambda out, path=path, format_=format_: (
                     'convert', path, out / 'out.xml', '--from', format_))


def add_others(kind):
    listed = set()
    for name, command, pattern in rows_of(kind):
        path = CASES / kind / name
        listed.add(name)
        add_case(command, path, pattern,
                 lambda out, path=path, command=command: arguments_of(
                     command, path, out))

    def every_file_is_listed(folder):
        there = {path.name for path in (CASES / kind).iterdir()}
        assert there == listed | {'expected.tsv'}, there ^ listed

    every_file_is_listed.__name__ = f'every-file-of-{kind}-is-listed'
    case(every_file_is_listed)


if __name__ == '__main__':
    add_annotations()
    add_others('pictures')
    add_others('weights')
    harness.main()
