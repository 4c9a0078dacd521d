#!/usr/bin/env python3
"""Sums meson's testlog.json: prints the cases passed, failed and skipped, and
on standard error each case that failed.

A case is one line of a program's TAP.  A program that ends badly although no
case of its failed, for it crashed or leaked, is a failed case more.
"""
import json
import re
import sys

CASE = re.compile(r'(not )?ok\b.*?(# *skip\b.*)?$', re.IGNORECASE)
GOOD = ('OK', 'SKIP')


def count(run):
    passed = skipped = 0
    failures = []
    for line in run.get('stdout', '').splitlines():
        case = CASE.match(line)
        if case is None:
            continue
        if case[2]:
            skipped += 1
        elif case[1]:
            failures.append(line)
        else:
            passed += 1
    if run['result'] not in GOOD and not failures:
        failures.append(run['result'])
    for failure in failures:
        print(f'failed: {run["name"]}: {failure}', file=sys.stderr)
    return passed, len(failures), skipped


def main():
    with open(sys.argv[1], encoding='utf-8') as log:
        counts = [count(json.loads(line)) for line in log]
    print(*(sum(column) for column in zip(*counts)))


main()
