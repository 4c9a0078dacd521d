#pragma once

#include "core/eval/bootstrap.h"

G_BEGIN_DECLS

/**
 * AxOverlap: how far what was found covers what is true, in cells of one
 * slide.
 */
typedef struct
{
  gint64 n_found, n_true, n_both;
} AxOverlap;

/** Cells that are not 0; both arrays are (n_cells). */
AxOverlap ax_overlap_count (const guint8 *found, const guint8 *truth,
                            gsize n_cells);

void ax_overlap_add (AxOverlap *self, const AxOverlap *other);

/**
 * ax_overlap_get_dice:
 *
 * Dice's coefficient of all slides taken as one, 2 both / (found + true)
 * (Dice, Ecology 1945).
 *
 * Returns: FALSE, and @dice NaN, where there is neither.
 */
gboolean ax_overlap_get_dice (const AxOverlap *slides, guint n_slides,
                              double *dice);

/** Percentile interval over resampled slides; as ax_roc_interval(). */
gboolean ax_overlap_interval (const AxOverlap *slides, guint n_slides,
                              const AxBootstrap *bootstrap, double interval[2]);

G_END_DECLS
