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

AxMask *ax_mask_new (gint width, gint height, GError **error);
void ax_mask_free (AxMask *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxMask, ax_mask_free)

/**
 * ax_mask_fill_rings:
 *
 * Sets to @value the cells whose centre lies inside the rings (non-zero rule
 * for the outline, holes cut out), where one cell is @cell level-0 pixels and
 * the mask's first cell starts at @origin.
 */
void ax_mask_fill_rings (AxMask *self, const AxPolyRing *rings, guint n_rings,
                         AxPoint0 origin, AxScale cell, guint8 value);

/**
 * ax_mask_fill_annotations:
 *
 * Ground truth as CAMELYON paints it: tumour areas 255 first, then cut-outs
 * and normal areas 0 (formats.md 3.2).
 */
void ax_mask_fill_annotations (AxMask *self, const AxAnnotationSet *set,
                               AxPoint0 origin, AxScale cell);

/*
 * The way back, from mask to polygons with holes, is core/base/contour.h
 * (tissue and lesions need it too; being written with the lesions).
 */

G_END_DECLS
