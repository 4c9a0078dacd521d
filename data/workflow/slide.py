"""Finds and measures the metastases of one slide, for the rule of its name.

The result says "done" with the slide's features, "left out", or "failed" with
the reason: a slide that is no good must not stop a cohort.  What is not the
slide's fault, such as no device or a second run, fails the job instead.
"""
import json
import pathlib
import shlex
import subprocess
import sys


class SlideError(Exception):
    """The slide is no good."""


def call(log, *arguments):
    """(exit status, what the program answered or None, its messages)"""
    done = subprocess.run(arguments, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, check=False)
    log.write(done.stderr)
    try:
        return done.returncode, json.loads(done.stdout), done.stderr
    except ValueError:
        return done.returncode, None, done.stderr


def detect(log, slide, params):
    pathlib.Path(params.store).parent.mkdir(parents=True, exist_ok=True)
    status, answer, messages = call(
        log, params.axilla, 'detect', slide, '-o', params.folder, '--model',
        params.model, '--store', params.store, '--threads',
        str(snakemake.threads), '--json', *shlex.split(params.detect))
    if status == 0:
        return
    if status == 1 and answer and not answer['failed'][0]['retry']:
        raise SlideError(answer['failed'][0]['why'])
    sys.exit(messages.strip() or f'{params.axilla}: exit status {status}')


def measure(log, slide, params, exclude):
    """The slide's features; None where it is left out, and why."""
    result = pathlib.Path(params.folder, pathlib.Path(slide).stem + '.json')
    more = ['--exclude', exclude] if exclude else []
    status, answer, messages = call(log, params.axilla, 'features',
                                    str(result), '--json', *more)
    if status != 0:
        raise SlideError(messages.strip())
    return (answer['rows'] or [None])[0], messages.strip()


def grade(log, slide, params, exclude):
    """What to keep of the slide."""
    try:
        detect(log, slide, params)
        features, why = measure(log, slide, params, exclude)
    except SlideError as error:
        print(f'failed: {error}', file=sys.stderr)
        return {'outcome': 'failed', 'why': str(error)}
    if features is None:
        return {'outcome': 'left out', 'why': why.rpartition(': ')[2]}
    return {'outcome': 'done', 'why': '', 'features': features}


def main():
    slide = str(snakemake.input.slide)
    exclude = snakemake.input.get('exclude')
    with open(snakemake.log[0], 'w', encoding='utf-8') as log:
        kept = grade(log, slide, snakemake.params, exclude)
    kept['slide'] = pathlib.Path(slide).name
    pathlib.Path(snakemake.output[0]).write_text(json.dumps(kept, indent=1))


main()
