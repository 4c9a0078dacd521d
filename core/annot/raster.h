#pragma once

#include "core/annot/annotation.h"

G_BEGIN_DECLS

/**
 * AxMask: one byte a cell, row-major, 0 outside.  Cell (c, r) covers
 * [c, c+1) x [r, r+1) of the mask's own space.
 */
typedef struct
{
  gint width, height;
  guint8 *data; /* (owned) */
} AxMask;

/** All cells 0.  Errors: AX_ERROR_MEMORY. */
AxMask *ax_mask_new (gint width, gint height, GError **error);
void ax_mask_free (AxMask *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxMask, ax_mask_free)

/**
 * ax_mask_fill_rings:
 * @rings: the outline first, then its holes
 * @origin: where the mask's first cell starts
 * @cell: level-0 pixels a cell
 *
 * Sets to @value the cells whose centre lies inside: in the outline by the
 * non-zero rule, and in no hole by the same rule.  A centre on an edge belongs
 * to the area right of it or below it, so that areas which share an edge share
 * no cell.  Cells outside are left as they are.
 *
 * Cost: edges log edges + rows x edges crossing a row + cells set.
 */
void ax_mask_fill_rings (AxMask *self, const AxPolyRing *rings, guint n_rings,
                         AxPoint0 origin, AxScale cell, guint8 value);

/**
 * ax_mask_fill_annotations:
 *
 * Ground truth as CAMELYON paints it: tumour areas 255 first, then cut-outs
 * and normal areas 0.  Other groups leave no mark.
 */
void ax_mask_fill_annotations (AxMask *self, const AxAnnotationSet *set,
                               AxPoint0 origin, AxScale cell);

/**
 * ax_mask_trace:
 *
 * Outlines of each 8-connected component of non-zero cells, along cell edges,
 * with the component's holes (4-connected background) behind; components in
 * raster order.  Rings touch themselves at most in single corners, so that
 * ax_mask_fill_rings() gives the component back.
 *
 * Returns: (transfer full) (element-type GArray(AxPolyRing)): one array of
 * rings a component.  Errors: AX_ERROR_MEMORY.
 */
GPtrArray *ax_mask_trace (const AxMask *self, AxPoint0 origin, AxScale cell,
                          GError **error);

G_END_DECLS
