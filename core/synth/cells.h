#pragma once

#include "core/synth/lattice.h"
#include "core/synth/stamp.h"

G_BEGIN_DECLS

/**
 * ax_cells_place:
 * @seed: of the slide: which cell lives where, and its fat
 * @lattice: samples filled; cells are placed as far as it reaches
 *
 * Stamps all cells that reach into @planes, in an order that does not depend
 * on where the rectangle begins.  Thread: any.
 */
void ax_cells_place (const AxStampBank *bank, guint64 seed, double mpp,
                     const AxLattice *lattice, AxStainPlanes *planes);

G_END_DECLS
