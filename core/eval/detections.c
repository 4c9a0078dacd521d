#include "core/eval/detections.h"

#include "core/base/csv.h"
#include "core/base/error.h"

enum
{
  PROBABILITY,
  X,
  Y,
  N_COLUMNS,
};

static const char *const column_names[N_COLUMNS] = { "probability", "x", "y" };

static gboolean
find_columns (const AxCsv *csv, const char *path, guint columns[N_COLUMNS],
              gboolean *has_header, GError **error)
{
  *has_header = ax_csv_find_column (csv, column_names[PROBABILITY]) >= 0;
  for (guint i = 0; i < N_COLUMNS; i++)
    {
      columns[i] = i;
      if (*has_header
          && !ax_csv_need_column (csv, column_names[i], &columns[i], error))
        return FALSE;
    }
  if (ax_csv_get_n_columns (csv) < N_COLUMNS)
    {
      g_autofree char *name = g_filename_display_name (path);

      g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
                   "%s: rows have %u of the fields probability, x, y", name,
                   ax_csv_get_n_columns (csv));
      return FALSE;
    }
  return TRUE;
}

GArray *
ax_detections_read (const char *path, GError **error)
{
  g_autoptr (GArray) detections
      = g_array_new (FALSE, FALSE, sizeof (AxDetection));
  g_autoptr (AxCsv) csv = NULL;
  guint columns[N_COLUMNS];
  gboolean has_header = FALSE;

  g_return_val_if_fail (path != NULL, NULL);

  csv = ax_csv_read (path, error);
  if (csv == NULL)
    return NULL;
  if (ax_csv_get_n_rows (csv) == 0)
    return g_steal_pointer (&detections);
  if (!find_columns (csv, path, columns, &has_header, error))
    return NULL;
  for (guint row = has_header; row < ax_csv_get_n_rows (csv); row++)
    {
      double values[N_COLUMNS];
      AxDetection detection;

      for (guint i = 0; i < N_COLUMNS; i++)
        if (!ax_csv_get_double (csv, row, columns[i], column_names[i],
                                &values[i], error))
          return NULL;
      detection = (AxDetection){ values[PROBABILITY], values[X], values[Y],
                                 ax_csv_get_line (csv, row) };
      g_array_append_val (detections, detection);
    }
  return g_steal_pointer (&detections);
}
