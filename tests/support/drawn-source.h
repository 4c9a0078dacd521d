#pragma once

#include "core/train/sample-source.h"

G_BEGIN_DECLS

/** Draws an item: (side, side, 3). */
typedef void (*DrawnItemFunc) (int label, guint item, int side, guint8 *rgb);

/**
 * DrawnSource: a source of pictures that a test draws, the same each time, each
 * of one class from edge to edge.
 *
 * @broken, @n_broken: number of the first item of class 0 that cannot be read,
 *   or -1, and of how many
 * @n_read: how many were asked for so far; atomic
 */
typedef struct
{
  AxSampleSource source;
  guint n_items[2];
  int side;
  DrawnItemFunc draw;
  int broken, n_broken;
  int n_read;
} DrawnSource;

/** Freed by ax_sample_source_free(). */
DrawnSource *drawn_source_new (guint n_normal, guint n_tumor, int side,
                               DrawnItemFunc draw);

/**
 * Grey noise of which tumour is the darker, by a margin that lets a small
 * network learn it: @n_items of each class, of which the first @n_broken of
 * class 0 cannot be read.
 */
DrawnSource *drawn_source_new_noise (guint n_items, guint n_broken, int side);

G_END_DECLS
