#!/usr/bin/env python3
"""Help, wrong usage, exit statuses."""
import re
import subprocess

import harness
from harness import CLI, case, fail, refuse, run, succeed

COMMANDS = ('info', 'tissue', 'detect', 'lesions', 'predict', 'convert',
            'model', 'engines', 'bench')
DETECT_OPTIONS = ('--model', '--engine', '--threshold', '--alpha', '--naive',
                  '--map', '--cascade',
                  '--region', '--mpp', '--size-mode', '--opening', '--tissue',
                  '--roi', '--threads', '--store', '--formats', '--output',
                  '--json', '--no-progress')
NOTICE = 'Research use only. Not for diagnosis.'


def listed_commands():
    return re.findall(r'^  ([a-z]+)  ', succeed('help').out, re.MULTILINE)


@case
def overview_without_a_command(folder):
    result = run()
    assert result.status == 2 and result.out == '', result
    assert result.err == succeed('help').out == succeed('--help').out
    assert set(COMMANDS) <= set(listed_commands()), listed_commands()
    assert NOTICE in result.err


@case
def help_of_every_command(folder):
    for command in listed_commands():
        text = succeed('help', command).out
        assert text == succeed(command, '--help').out
        assert f'Usage: axilla-cli {command}' in text and NOTICE in text
        assert max(map(len, text.splitlines())) <= 80, text


@case
def help_names_every_option_of_detect(folder):
    text = succeed('help', 'detect').out
    for option in DETECT_OPTIONS:
        assert option in text, option


@case
def version(folder):
    assert re.fullmatch(r'axilla-cli \d+\.\d+\.\d+\n',
                        succeed('--version').out)


@case
def unknown_commands(folder):
    refuse(r"no command 'detct': did you mean 'detect'\?$", 'detct')
    refuse(r"no command 'lesion': did you mean 'lesions'\?$", 'lesion')
    refuse(r"no command 'frobnicate'$", 'frobnicate')
    refuse(r"no command 'xyzzy'$", 'help', 'xyzzy')
    refuse(r"no command ''$", '')


@case
def arguments_are_counted(folder):
    for command in ('info', 'tissue', 'detect', 'lesions', 'predict',
                    'convert', 'model'):
        refuse(f'expected: {command} ', command)
    refuse(r"do not know what to do with 'b'$", 'info', 'a', 'b')
    refuse(r"do not know what to do with 'x'$", 'engines', 'x')
    refuse(r'Unknown option --frobnicate$', 'info', '--frobnicate', 'a')
    refuse(r'Missing argument for --output$', 'tissue', 'a', '--output')


@case
def values_of_options(folder):
    def refuse_detect(pattern, *options):
        refuse(pattern, 'detect', 'a.svs', '-o', folder / 'out', *options)
        assert not (folder / 'out').exists()

    refuse('-o is needed', 'detect', 'a.svs')
    refuse_detect("--alpha: 3 is not one of", '--alpha', '3')
    refuse_detect("--alpha: '64' is not within 1 to 32", '--alpha', '64')
    refuse_detect("--alpha: 'two' is not a whole number", '--alpha', 'two')
    refuse_detect("--threshold: '1.5' is not within", '--threshold', '1.5')
    refuse_detect("--threshold: '0' is not within", '--threshold', '0')
    refuse_detect("--threshold: '0,5' is not a number", '--threshold', '0,5')
    refuse_detect("--threshold: 'nan' is not a number", '--threshold', 'nan')
    refuse_detect('--region: ', '--region', '1,2,3')
    refuse_detect('--region: ', '--region', '0,0,-5,5')
    refuse_detect("--mpp: '0' is not within", '--mpp', '0')
    refuse_detect("--mpp: '1e9' is not within", '--mpp', '1e9')
    refuse_detect("--size-mode: 'tnm' is not one of", '--size-mode', 'tnm')
    refuse_detect("--opening: '2' is not within 0 to 1", '--opening', '2')
    refuse_detect("--formats: 'pdf' is not one of xml", '--formats', 'xml,pdf')
    refuse_detect("--engine: 'tpu' is not one of auto", '--engine', 'tpu')
    refuse_detect("--threads: '0' is not within", '--threads', '0')
    refuse_detect("--roi: '-1' is not within", '--roi', '-1')
    refuse('--mpp is needed', 'lesions', 'map.tif')
    refuse('--from: ', 'convert', 'a.xml', 'b.xml', '--from', 'svg')
    refuse('b.svg: its ending names no format', 'convert', 'a.xml', 'b.svg')
    refuse("model: 'eat' is none of list, info, check", 'model', 'eat', 'x')


@case
def slides_of_one_name_are_refused(folder):
    refuse(r'x/s\.svs and y/s\.tif would write the same files', 'detect',
           'x/s.svs', 'y/s.tif', '-o', folder / 'out')


@case
def standard_output_that_is_full(folder):
    with open('/dev/full', 'wb') as full:
        done = subprocess.run([CLI, 'engines'], stdout=full,
                              stderr=subprocess.PIPE, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith(b'axilla-cli: standard output: ')


@case
def names_that_are_no_text(folder):
    fail(1, '.*No such file', 'info', b'a\xff\nb.svs'.decode(
        errors='surrogateescape'))


if __name__ == '__main__':
    harness.main()
