"""Tables of slides: their features for the rule features, else what became of
them."""
import csv
import json


def read_slides():
    for path in snakemake.input:
        with open(path, encoding='utf-8') as stream:
            yield json.load(stream)


def tabulate_features():
    rows = [slide['features'] for slide in read_slides()
            if slide['outcome'] == 'done']
    return (list(rows[0]) if rows else ['name']), rows


def tabulate_outcomes():
    return ['slide', 'outcome', 'why'], list(read_slides())


def main():
    columns, rows = tabulate_features() if snakemake.rule == 'features' \
        else tabulate_outcomes()
    with open(snakemake.output[0], 'w', newline='', encoding='utf-8') \
            as stream:
        writer = csv.DictWriter(stream, columns, extrasaction='ignore',
                                lineterminator='\n')
        writer.writeheader()
        writer.writerows(rows)


main()
