#pragma once

#include "core/synth/lattice.h"

G_BEGIN_DECLS

/** Pixels needed around a rectangle whose lowest focus is @least. */
int ax_optics_get_margin (float least);

/**
 * ax_optics_apply:
 * @planes: with that many more pixels on each side than wanted; changed in
 *   place, the margin to no use
 * @lattice: has the focus of every pixel
 *
 * Sharpens as scanners do, and blurs what is out of focus.  A pixel depends on
 * its surroundings alone, wherever the rectangle begins.
 */
void ax_optics_apply (AxStainPlanes *planes, const AxLattice *lattice,
                      float least);

G_END_DECLS
