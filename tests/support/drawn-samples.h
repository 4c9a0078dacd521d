#pragma once

#include "core/train/sample-source.h"

G_BEGIN_DECLS

/**
 * A source for tests that needs no file: noise of which tumour is the darker,
 * by a margin that lets a small network learn it.  Each class has @n_items; an
 * item is the same picture each time.  Classes' masks and fractions are those
 * of a picture that is all of one class.
 *
 * @n_bad: that many items of class 0, the first ones, cannot be read
 */
AxSampleSource *drawn_samples_new (guint n_items, guint n_bad, int side);

/** Samples read so far, from all of its threads. */
guint drawn_samples_get_n_read (AxSampleSource *source);

G_END_DECLS
