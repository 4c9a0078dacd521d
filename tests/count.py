#!/usr/bin/env python3
"""Sums meson's testlog.json: prints the cases passed, failed and skipped.

A case is one line of a program's TAP.  A program that ends badly although no
case of its failed, for it crashed or leaked, is a failed case more.
"""
import json
import re
import sys

CASE = re.compile(r'(not )?ok\b.*?(# *skip\b.*)?$', re.IGNORECASE)
GOOD = ('OK', 'SKIP')


def count(run):
    passed = failed = skipped = 0
    for line in run.get('stdout', '').splitlines():
        case = CASE.match(line)
        if case is None:
            continue
        if case[2]:
            skipped += 1
        elif case[1]:
            failed += 1
        else:
            passed += 1
    if run['result'] not in GOOD and failed == 0:
        failed = 1
    return passed, failed, skipped


def main():
    with open(sys.argv[1], encoding='utf-8') as log:
        counts = [count(json.loads(line)) for line in log]
    print(*(sum(column) for column in zip(*counts)))


main()
