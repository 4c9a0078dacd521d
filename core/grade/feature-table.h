#pragma once

#include "core/grade/exclusions.h"
#include "core/grade/slide-labels.h"

G_BEGIN_DECLS

/**
 * AxFeatureTable: numbers of slides, and what they are (for training).
 *
 * @features: (n_features): NULL-terminated names of the columns
 * @names: (n_rows): of the slides
 * @values: (n_rows, n_features), finite
 * @labels: (n_labels) (nullable): the classes that occur, NULL-terminated: node
 *   classes and pN stages in their order, others by alphabet
 * @truth: (n_rows) (nullable): the class of each row, as a place in @labels
 * @left_out: slides that were excluded, "NAME: why"
 *
 * Thread: any; immutable.
 */
typedef struct
{
  GStrv features;      /* (owned) */
  GPtrArray *names;    /* of char */
  double *values;      /* (owned) */
  GStrv labels;        /* (owned) */
  guint *truth;        /* (owned) */
  GPtrArray *left_out; /* of char */
  guint n_rows, n_features, n_labels;
} AxFeatureTable;

/**
 * AxFeatureQuery: what to read of tables.
 *
 * @features: (nullable): names of the columns to read, which every file must
 *   have; NULL for all columns of the first file that hold numbers and have a
 *   name
 * @label: (nullable): the column that says what a slide is
 * @labels: (nullable): says what slides are instead of a column
 * @exclusions: (nullable): slides excluded as such are left out
 */
typedef struct
{
  const char *const *features;
  const char *label;
  const AxSlideLabels *labels;
  const AxExclusions *exclusions;
} AxFeatureQuery;

/**
 * ax_feature_table_read:
 * @paths: (n_paths): CSV files with a header, taken together
 *
 * Slides are named by the column that ax_slide_name_find_column() finds;
 * without one they are rows 1, 2 and so on.
 *
 * Errors: those of ax_csv_read(); AX_ERROR_FORMAT with file and line for a
 * missing column, a value that is no finite number, a slide that comes twice
 * or has no label; for files without slides or features, and for a single
 * class.
 */
AxFeatureTable *ax_feature_table_read (const char *const *paths, guint n_paths,
                                       const AxFeatureQuery *query,
                                       GError **error);
/** Accepts NULL. */
void ax_feature_table_free (AxFeatureTable *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxFeatureTable, ax_feature_table_free)

G_END_DECLS
