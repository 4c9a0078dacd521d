#pragma once

#include "core/grade/forest.h"

G_BEGIN_DECLS

/**
 * A random forest as JSON: one object with "format" ("axilla forest"),
 * "version" (1), "features", "labels", "min_leaf", "n_tried", "seed",
 * "oob_error", "importance" and "trees".  A tree is an
 * object of arrays, one element a node: "feature" (-1 for a leaf),
 * "threshold", "left", "right"; "counts" has one a label for each node.  What
 * they mean is in core/grade/forest.h.  Unknown members are passed over.
 */

/** Complete or not at all.  Errors: AX_ERROR_IO. */
gboolean ax_forest_save (const AxForest *self, const char *path,
                         GError **error);

/**
 * Errors: those of the JSON reader; AX_ERROR_FORMAT naming the file for what
 * is no forest, another version, or trees that cannot be walked.
 */
AxForest *ax_forest_load (const char *path, GError **error);

G_END_DECLS
