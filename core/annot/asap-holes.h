#pragma once

#include "core/annot/losses.h"

G_BEGIN_DECLS

/**
 * Holes in a format that has none.  A hole is written as a polygon of its own,
 * named "NAME hole N" after its outline ("hole N" when that has no name), in a
 * group that readers of CAMELYON16 take for not tumour.
 */
#define AX_ASAP_HOLE_GROUP "_2"

/** (transfer full): the name of hole @n, from 1, of an area called @name. */
char *ax_asap_hole_format_name (const char *name, guint n);

/** Whether a polygon of that name and group may be a hole written so. */
gboolean ax_asap_hole_is_candidate (const char *name, const char *group);

/**
 * ax_asap_holes_restore:
 * @holes: candidates of one ring each
 *
 * Gives every hole to the area of @set that has its name and contains it, the
 * smallest of several; those without one become polygons of @set.  The group
 * goes too when nothing is left in it.
 */
void ax_asap_holes_restore (AxAnnotationSet *set, const AxAnnotationSet *holes);

/**
 * Counts the areas that lie in a hole of another: readers that paint tumour
 * first and cut-outs last erase them.
 */
void ax_asap_holes_report_islands (const AxAnnotationSet *set,
                                   AxLosses *losses);

G_END_DECLS
