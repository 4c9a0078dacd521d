#pragma once

#include "core/train/sample-source.h"

G_BEGIN_DECLS

/** Draws an item: (side, side, 3). */
typedef void (*DrawnItemFunc) (int label, guint item, int side, guint8 *rgb);

/**
 * DrawnSource: a source of pictures that a test draws, the same each time.
 *
 * @broken: number of an item of class 0 that cannot be read, or -1
 */
typedef struct
{
  AxSampleSource source;
  guint n_items[2];
  int side;
  DrawnItemFunc draw;
  int broken;
} DrawnSource;

/** Freed by ax_sample_source_free(). */
DrawnSource *drawn_source_new (guint n_normal, guint n_tumor, int side,
                               DrawnItemFunc draw);

G_END_DECLS
