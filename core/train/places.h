#pragma once

#include "core/base/rng.h"

G_BEGIN_DECLS

/**
 * AxPlaces:
 *
 * Cells of a grid, each as likely to be drawn as any other.  They are kept as
 * runs, so that the tissue of a whole slide takes some hundred kilobytes.
 *
 * Thread: immutable; any.
 */
typedef struct _AxPlaces AxPlaces;

/** @cells: (height, width) row-major; those that are not 0 are in. */
AxPlaces *ax_places_new (const guint8 *cells, int width, int height);
/** Accepts NULL. */
void ax_places_free (AxPlaces *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxPlaces, ax_places_free)

/** Number of cells. */
guint64 ax_places_get_n_cells (const AxPlaces *self);

/** One of the cells, of which there is at least one. */
void ax_places_draw (const AxPlaces *self, AxRng *rng, int *col, int *row);

G_END_DECLS
