"""What numpy, scipy, scikit-image and scikit-learn make of the same data.

The rules of the two CAMELYON16 scorers, written down again on top of those
libraries, and this project's random numbers, so that resamples are the same.
"""
import numpy
from scipy import ndimage
from skimage import measure

RATES = (0.25, 0.5, 1, 2, 4, 8)
MPP, STEP = 0.243, 32

_MASK = (1 << 64) - 1


def philox(seed, stream, index):
    """The first word of Philox2x64-10 (Salmon et al. 2011)."""
    left, right, key = index, stream, seed
    for _ in range(10):
        product = left * 0xD2B74407B1CE6E93
        left = (product >> 64) ^ key ^ right
        right = product & _MASK
        key = (key + 0x9E3779B97F4A7C15) & _MASK
    return left


def below(seed, stream, index, n):
    """A whole number below n, and the index of the next one."""
    while True:
        product = philox(seed, stream, index) * n
        index += 1
        if product & _MASK >= (1 << 64) % n:
            return product >> 64, index


def interval(n_items, statistic, n_resamples, seed, confidence=0.95):
    """statistic (sample) is None where it is not defined."""
    values = []
    for stream in range(n_resamples):
        index, value = 0, None
        while value is None:
            sample = []
            for _ in range(n_items):
                item, index = below(seed, stream, index, n_items)
                sample.append(item)
            value = statistic(sample)
        values.append(value)
    values.sort()
    tail = (1 - confidence) / 2
    return [values[int(tail * n_resamples)],
            values[int((1 - tail) * n_resamples)]]


def evaluation_mask(tumor, um_per_px=MPP * STEP):
    """(labels, which of them are ITC) of a mask in which 255 is tumour."""
    if not (tumor == 255).any():
        # scipy would measure distances to nowhere.
        return numpy.zeros(tumor.shape, int), set()
    distance = ndimage.distance_transform_edt(255 - tumor)
    filled = ndimage.binary_fill_holes(distance < 75 / (um_per_px * 2))
    labels = measure.label(filled, connectivity=2)
    return labels, {region.label for region in measure.regionprops(labels)
                    if region.major_axis_length < 275 / um_per_px}


def judge(scorer, rows, tumor):
    """(false positives, hits, lesions, has a mask) of a slide's detections."""
    if tumor is None:
        return [row[0] for row in rows], [], 0, False
    labels, itc = evaluation_mask(tumor)
    false, hits = [], numpy.zeros(labels.max(), numpy.float32)
    for probability, x, y in rows:
        if scorer == 'challenge':
            col, row = int(x) // STEP, int(y) // STEP
            if row >= labels.shape[0] or col >= labels.shape[1]:
                continue
        else:
            col, row = int(int(x) / STEP), int(int(y) / STEP)
        label = labels[row, col]
        if label == 0:
            false.append(probability)
        elif label not in itc and probability > hits[label - 1]:
            hits[label - 1] = probability
    if scorer == 'challenge':
        false = []
    return false, list(hits), labels.max() - len(itc), True


def froc_curve(slides, n_counted):
    false = [value for slide in slides for value in slide[0]]
    hits = [value for slide in slides for value in slide[1]]
    n_lesions = sum(slide[2] for slide in slides)
    thresholds = sorted(set(false + hits))[1:]
    rates = [(numpy.asarray(false) >= t).sum() for t in thresholds] + [0]
    found = [(numpy.asarray(hits) >= t).sum() for t in thresholds] + [0]
    return (numpy.asarray(rates) / float(n_counted),
            numpy.asarray(found) / float(n_lesions))


def froc_sensitivity(scorer, rates, found):
    if scorer == 'github':
        return numpy.interp(RATES, rates[::-1], found[::-1])
    return numpy.array([found[numpy.argmin(abs(rates - rate))]
                        for rate in RATES])


def count_slides(scorer, slides):
    return sum(scorer == 'github' or not slide[3] for slide in slides)


def froc(scorer, slides):
    """(sensitivities, rates, found)"""
    curve = froc_curve(slides, count_slides(scorer, slides))
    return froc_sensitivity(scorer, *curve), *curve


def froc_interval(scorer, slides, n_resamples, seed):
    n_counted = count_slides(scorer, slides)

    def score(sample):
        drawn = [slides[i] for i in sample]
        if sum(slide[2] for slide in drawn) == 0:
            return None
        return froc_sensitivity(
            scorer, *froc_curve(drawn, n_counted)).mean()

    return interval(len(slides), score, n_resamples, seed)
