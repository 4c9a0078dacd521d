#pragma once

#include "core/synth/lattice.h"

G_BEGIN_DECLS

/**
 * AxGroundPainter: paints what lies under and between the cells: matrix with
 * its clefts, collagen's fibres, fat, bare space.
 *
 * Thread: any; immutable.
 */
typedef struct _AxGroundPainter AxGroundPainter;

AxGroundPainter *ax_ground_painter_new (guint64 seed, double mpp);
void ax_ground_painter_free (AxGroundPainter *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxGroundPainter, ax_ground_painter_free)

/** What to paint where the tissue is like @sample; the marks on the slide are
 * left to the caller. */
AxGround ax_ground_settle (const AxTissueSample *sample);

/** @lattice: grounds filled, covering @planes */
void ax_ground_painter_paint (const AxGroundPainter *self,
                              const AxLattice *lattice, AxStainPlanes *planes);

G_END_DECLS
