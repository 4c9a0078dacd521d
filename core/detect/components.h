#pragma once

#include "core/detect/bit-plane.h"
#include "core/detect/feret.h"

G_BEGIN_DECLS

/**
 * AxComponents: what hangs together at one threshold.
 *
 * @runs: (n_runs): in raster order, labelled with their component; those of
 *   the opened set, without the cells that only bridge
 * @grouped: (n_runs): by component, those of one in raster order
 * @offsets: (n_components + 1): where each component's runs start in @grouped
 *
 * Thread: any; immutable.
 */
typedef struct
{
  AxRun *runs, *grouped; /* (owned) */
  gsize *offsets;        /* (owned) */
  gsize n_runs;
  guint n_components;
} AxComponents;

/**
 * ax_components_new:
 * @plane: the cells at or above the threshold; what it holds afterwards is not
 *   said
 * @opening: radius in cells, see ax_bit_plane_open()
 * @bridge: 0 for none; in the unit of @cell
 * @cell: size of a cell
 *
 * Opening, then 8-connected components.  With a bridge, the set is dilated by
 * that radius, holes are filled, and what hangs together in the result counts
 * as one component: the rule of the CAMELYON16 evaluation (algorithms.md 6.1).
 *
 * A set that holds another one gives components that hold those of the other.
 *
 * Errors: AX_ERROR_MEMORY, AX_ERROR_LIMIT from 2^31 runs on.  Thread: any.
 */
AxComponents *ax_components_new (AxBitPlane *plane, int opening, double bridge,
                                 AxScale cell, GError **error);
/** Accepts NULL. */
void ax_components_free (AxComponents *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxComponents, ax_components_free)

/** Its longest line, in the unit of @cell. */
AxFeret ax_components_measure (const AxComponents *self, guint component,
                               AxScale cell);

G_END_DECLS
