"""What came of the cohort, in lines for people."""
import csv
import json
import pathlib


def describe(name, found, value):
    if found[value] is None:
        return f'{name}: undefined'
    low, high = found['interval']
    return f'{name}: {found[value]:.4f} (95 % interval {low:.4f} to ' \
        f'{high:.4f})'


def describe_slides(path, kind):
    with open(path, newline='', encoding='utf-8') as stream:
        slides = list(csv.DictReader(stream))
    for outcome in ('done', 'left out', 'failed'):
        some = [slide for slide in slides if slide['outcome'] == outcome]
        yield f'{len(some)} {kind} {outcome}'
        if outcome != 'done':
            yield from (f'  {slide["slide"]}: {slide["why"]}'
                        for slide in some)


def describe_file(path):
    if path.name == 'slides.csv':
        yield from describe_slides(path, 'slides')
    elif path.name == 'train-slides.csv':
        yield from describe_slides(path, 'training slides')
    elif path.suffix == '.json':
        found = json.loads(path.read_text())
        if path.name == 'kappa.json':
            yield describe(f'kappa of {found["n"]} patients', found, 'kappa')
        elif path.name == 'roc.json':
            yield describe(f'AUC of {found["n"]} slides', found, 'auc')
        else:
            yield describe(f'FROC, {found["scorer"]} scorer, '
                           f'{found["slides"]} slides', found, 'score')


def main():
    lines = [line for path in map(pathlib.Path, snakemake.input)
             for line in describe_file(path)]
    lines.append('Research use only. Not for diagnosis.')
    pathlib.Path(snakemake.output[0]).write_text('\n'.join(lines) + '\n')


main()
