#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * AxRun: cells [start, end) of one row of a grid, in a component @label.
 *
 * An array of them stands for a set of cells: in raster order, the runs of a
 * row at least one cell apart.  Thread: any.
 */
typedef struct
{
  gint32 row, start, end;
  guint32 label;
} AxRun;

/** What counts as touching: sides alone, or corners too. */
typedef enum
{
  AX_CONNECTIVITY_4,
  AX_CONNECTIVITY_8,
} AxConnectivity;

/**
 * ax_runs_label:
 * @runs: fewer than 2^32; gets labels, counted from 0 in raster order of the
 *   components' first cells
 *
 * Finds components by union-find over runs.  Errors: AX_ERROR_MEMORY.
 */
gboolean ax_runs_label (AxRun *runs, gsize n_runs, AxConnectivity connectivity,
                        guint *n_labels, GError **error);

/**
 * ax_runs_group:
 * @n_labels: all labels are below it
 * @grouped: out, as many runs: by label, those of one label in raster order
 * @offsets: out, @n_labels + 1: where each label's runs start
 */
void ax_runs_group (const AxRun *runs, gsize n_runs, guint n_labels,
                    AxRun *grouped, gsize *offsets);

/** (nullable): the run, of an array in raster order, that holds the cell. */
const AxRun *ax_runs_find (const AxRun *runs, gsize n_runs, gint32 col,
                           gint32 row);

G_END_DECLS
