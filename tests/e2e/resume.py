#!/usr/bin/env python3
"""What is kept: runs that are asked again, interrupted, killed, doubled."""
import json
import os
import re
import signal

import harness
from harness import (Terminal, ask, case, fail, make_slide, wait_for_share,
                     write_nest_model)

# So small that a scan of a slide that is interrupted takes seconds.
ROI = 24 if os.environ.get('AX_SANITIZED') == '1' else 8


def call(slide, out, store, *more):
    model = out.parent / 'nest.safetensors'
    if not model.exists():
        write_nest_model(model)
    return ('detect', slide, '-o', out, '--model', model, '--store', store,
            '--roi', ROI, '--threads', '1', *more)


def detect(*arguments):
    slide, = ask(*call(*arguments))['slides']
    return slide


def map_of(out):
    return (out / 's_likelihood_map.tif').read_bytes()


def without_time(found):
    return {key: value for key, value in found.items()
            if key not in ('seconds', 'mpx_per_s', 'engine', 'device')}


@case
def asked_again_nothing_is_computed(folder):
    slide = make_slide('tissue', folder / 's.tif')
    first = detect(slide, folder / 'first', folder / 'store')
    again = detect(slide, folder / 'again', folder / 'store')
    assert again['seconds'] == 0 and again['engine'] is None, again
    assert without_time(first) == without_time(again)
    assert map_of(folder / 'first') == map_of(folder / 'again')
    other = detect(slide, folder / 'other', folder / 'store', '--threshold',
                   '0.2')
    assert other['seconds'] == 0
    assert map_of(folder / 'other') == map_of(folder / 'first')


@case
def killed_and_resumed_it_ends_in_the_same_bytes(folder):
    slide = make_slide('tissue', folder / 's.tif', 2048, 1536)
    whole = detect(slide, folder / 'whole', 'none')
    result = wait_for_share(call(slide, folder / 'out', folder / 'store'), 30,
                            signal.SIGKILL)
    assert result.status == -signal.SIGKILL, result
    assert list((folder / 'out').iterdir()) == []
    shown = Terminal(*call(slide, folder / 'out', folder / 'store')).finish()
    assert int(re.search(r'\] +(\d+) %', shown.err)[1]) >= 30, shown
    resumed = json.loads((folder / 'out' / 's.json').read_text())
    assert without_time(resumed) == without_time(whole)
    assert map_of(folder / 'out') == map_of(folder / 'whole')


@case
def interrupted_it_stops_with_a_word(folder):
    slide = make_slide('tissue', folder / 's.tif', 2560, 1792)
    for number in (signal.SIGINT, signal.SIGTERM):
        result = wait_for_share(
            call(slide, folder / 'out', folder / 'store'), 10, number)
        assert result.status == 1, result
        last = result.err.replace('\033[K', '').strip().split('\r')[-1]
        assert last.strip() == f'axilla-cli: {slide}: interrupted; the ' \
            'same command goes on from here', last
        assert list((folder / 'out').iterdir()) == []
    whole = detect(slide, folder / 'whole', 'none')
    resumed = detect(slide, folder / 'out', folder / 'store')
    assert without_time(resumed) == without_time(whole)
    assert map_of(folder / 'out') == map_of(folder / 'whole')


@case
def two_runs_of_one_slide_and_store(folder):
    slide = make_slide('tissue', folder / 's.tif', 2048, 1536)
    first = Terminal(*call(slide, folder / 'first', folder / 'store'))
    first.wait_for(r'\] +\d+ %')
    fail(1, f'{slide}: .*\\b{first.process.pid}\\b',
         *call(slide, folder / 'second', folder / 'store'))
    assert list((folder / 'second').iterdir()) == []
    result = first.finish()
    assert result.status == 0, result
    second = detect(slide, folder / 'second', folder / 'store')
    assert second['analysed_mm2'] > 0
    assert map_of(folder / 'first') == map_of(folder / 'second')


@case
def another_plan_has_blocks_of_its_own(folder):
    slide = make_slide('tissue', folder / 's.tif')
    detect(slide, folder / 'two', folder / 'store')
    found = detect(slide, folder / 'one', folder / 'store', '--alpha', '1')
    fresh = detect(slide, folder / 'fresh', 'none', '--alpha', '1')
    assert without_time(found) == without_time(fresh)
    assert map_of(folder / 'one') == map_of(folder / 'fresh')


@case
def progress_is_for_terminals(folder):
    slide = make_slide('tissue', folder / 's.tif')
    shown = Terminal(*call(slide, folder / 'a', 'none')).finish()
    assert shown.status == 0 and 'mm²/s' in shown.err, shown
    assert 'left' in shown.err and '100 %' not in shown.out
    for more in (('--no-progress',), ('--no-progress', '--json')):
        quiet = Terminal(*call(slide, folder / 'a', 'none', *more)).finish()
        assert quiet.status == 0 and quiet.err == '', quiet
    json.loads(quiet.out)


if __name__ == '__main__':
    harness.main()
