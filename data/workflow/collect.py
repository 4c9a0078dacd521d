"""Tables of slides: their features, or with the rule list_slides what became
of them."""
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
    columns, rows = tabulate_outcomes() if snakemake.rule == 'list_slides' \
        else tabulate_features()
    with open(snakemake.output[0], 'w', newline='', encoding='utf-8') \
            as stream:
        writer = csv.DictWriter(stream, columns, extrasaction='ignore',
                                lineterminator='\n')
        writer.writeheader()
        writer.writerows(rows)


main()
