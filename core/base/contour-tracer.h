#pragma once

#include "core/base/run.h"

G_BEGIN_DECLS

/** A corner of cells; (0, 0) is the top left of cell (0, 0). */
typedef struct
{
  gint32 x, y;
} AxCorner;

/**
 * AxContourTracer: draws the lines around sets of cells given as runs; keeps
 * its memory from one set to the next.
 *
 * Thread: owner.
 */
typedef struct _AxContourTracer AxContourTracer;

/** One line, as AxContour has it; @corners are the tracer's, for the call. */
typedef void (*AxContourFunc) (const AxCorner *corners, guint n_corners,
                               gboolean is_hole, gpointer user_data);

AxContourTracer *ax_contour_tracer_new (void);
/** Accepts NULL. */
void ax_contour_tracer_free (AxContourTracer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxContourTracer, ax_contour_tracer_free)

/**
 * ax_contour_tracer_trace:
 * @runs: in raster order, fewer than 2^31; labels are not looked at
 *
 * Calls @func with the outline of an 8-connected component, then with its
 * holes.  A set that does not hang together has several outlines; lines come
 * in raster order of the first run they touch.
 *
 * Errors: AX_ERROR_MEMORY (@func was not called).
 */
gboolean ax_contour_tracer_trace (AxContourTracer *self, const AxRun *runs,
                                  gsize n_runs, AxContourFunc func,
                                  gpointer user_data, GError **error);

G_END_DECLS
