#pragma once

#include "core/annot/annotation.h"

G_BEGIN_DECLS

/**
 * AxOutlines:
 *
 * Areas that may own a hole which a file gives without naming its owner.
 *
 * Thread: owner.
 */
typedef struct _AxOutlines AxOutlines;

AxOutlines *ax_outlines_new (void);
void ax_outlines_free (AxOutlines *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxOutlines, ax_outlines_free)

/** @annotation: (transfer none): an area; outlives @self. */
void ax_outlines_add (AxOutlines *self, AxAnnotation *annotation);

/**
 * ax_outlines_find:
 * @name: (nullable): only an area of that name; NULL for any
 *
 * (transfer none) (nullable): the smallest area whose outline contains @hole,
 * that is, most of its edges, since holes drawn by hand stray over the edge.
 */
AxAnnotation *ax_outlines_find (AxOutlines *self, const AxPolyRing *hole,
                                const char *name);

G_END_DECLS
