#pragma once

#include "core/base/run.h"
#include "core/detect/lesion.h"

/* Shared by the files of AxLesionSet: reading, extraction, ids. */

struct _AxLesionSet
{
  gatomicrefcount n_refs;
  AxLesionParams params;
  AxProbGeometry geometry;
  AxLesion *lesions; /* (owned) */
  guint n_lesions;
  gint64 n_dropped;
  AxRun *runs; /* (owned): in raster order; the label is the lesion's index */
  gsize n_runs;
  guint next_id;
};

/**
 * Gives each lesion of @self an id.  Two lesions of @self and @previous that
 * share cells are candidates; the pair with the most common cells comes first,
 * then the one of the lower id, then of the larger lesion, and hands the id
 * over where both are still free.  Lesions left without one get new ids, never
 * used before in this line of sets, in their order.
 *
 * @previous: (nullable): not looked at when its map had another geometry
 */
void ax_lesion_set_track (AxLesionSet *self, const AxLesionSet *previous);

/** Sets @borderline from the interval. */
void ax_lesion_find_borderline (AxLesion *lesion);
