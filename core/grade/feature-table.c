#include "core/grade/feature-table.h"

#include "core/base/csv.h"
#include "core/base/error.h"
#include "core/base/parse.h"
#include "core/grade/slide-name.h"
#include "core/grade/stage.h"

#include <string.h>

/* What is collected while files are read. */
typedef struct
{
  AxFeatureTable *table;
  GArray *values;     /* of double */
  GPtrArray *classes; /* (nullable) of char, one a row */
  GHashTable *slides; /* names seen */
  const AxFeatureQuery *query;
} Reading;

/* The columns of one file; -1 for none. */
typedef struct
{
  int name, label;
  guint *features; /* (owned) */
} Columns;

static void
columns_clear (Columns *self)
{
  g_free (self->features);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Columns, columns_clear)

void
ax_feature_table_free (AxFeatureTable *self)
{
  if (self == NULL)
    return;
  g_strfreev (self->features);
  g_clear_pointer (&self->names, g_ptr_array_unref);
  g_free (self->values);
  g_strfreev (self->labels);
  g_free (self->truth);
  g_clear_pointer (&self->left_out, g_ptr_array_unref);
  g_free (self);
}

/* NaN and the like are numbers gone wrong: the column counts as one of
 * numbers, and they are refused where they stand. */
static gboolean
is_number (const char *text)
{
  static const char *const wrong[]
      = { "", "nan", "inf", "+inf", "-inf", "infinity", "-infinity", "na" };
  double value = 0;

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    if (g_ascii_strcasecmp (text, wrong[i]) == 0)
      return TRUE;
  return ax_parse_double (text, "", -G_MAXDOUBLE, G_MAXDOUBLE, &value, NULL);
}

/* (transfer full): columns that hold numbers in the first row. */
static GStrv
choose_features (const AxCsv *csv, const char *label)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  int name_column = ax_slide_name_find_column (csv);

  for (guint i = 0; i < ax_csv_get_n_columns (csv); i++)
    {
      const char *name = ax_csv_get (csv, 0, i);

      if (*name != '\0' && (int)i != name_column
          && (label == NULL || g_ascii_strcasecmp (name, label) != 0)
          && is_number (ax_csv_get (csv, 1, i)))
        g_strv_builder_add (builder, name);
    }
  return g_strv_builder_end (builder);
}

static gboolean
set_features (AxFeatureTable *table, const AxCsv *csv, const char *path,
              const AxFeatureQuery *query, GError **error)
{
  g_autofree char *name = g_filename_display_name (path);

  if (table->features != NULL)
    return TRUE;
  table->features = query->features != NULL
                        ? g_strdupv ((GStrv)query->features)
                        : choose_features (csv, query->label);
  table->n_features = g_strv_length (table->features);
  if (table->n_features > 0)
    return TRUE;
  g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
               "%s: has no columns of numbers", name);
  return FALSE;
}

static gboolean
add_name (Reading *self, const AxCsv *csv, guint row, int column,
          GError **error)
{
  char *name = column >= 0
                   ? g_strdup (ax_csv_get (csv, row, column))
                   : g_strdup_printf ("%u", self->table->names->len + 1);

  g_ptr_array_add (self->table->names, name);
  if (g_hash_table_add (self->slides, name))
    return TRUE;
  ax_csv_set_error (csv, row, error, "'%s' comes a second time", name);
  return FALSE;
}

static gboolean
add_class (Reading *self, const AxCsv *csv, guint row, int column,
           GError **error)
{
  const char *slide = self->table->names->pdata[self->table->names->len - 1];
  const AxFeatureQuery *query = self->query;
  const char *class_name = column >= 0
                               ? ax_csv_get (csv, row, column)
                               : ax_slide_labels_find (query->labels, slide);

  if (class_name == NULL)
    {
      ax_csv_set_error (csv, row, error, "'%s' is not in %s", slide,
                        ax_slide_labels_get_file (query->labels));
      return FALSE;
    }
  if (*class_name == '\0' || g_ascii_strcasecmp (class_name, "nan") == 0)
    {
      ax_csv_set_error (csv, row, error, "column '%s': no label", query->label);
      return FALSE;
    }
  g_ptr_array_add (self->classes, g_strdup (class_name));
  return TRUE;
}

static gboolean
add_row (Reading *self, const AxCsv *csv, guint row, const Columns *columns,
         GError **error)
{
  if (!add_name (self, csv, row, columns->name, error))
    return FALSE;
  for (guint i = 0; i < self->table->n_features; i++)
    {
      double value = 0;

      if (!ax_csv_get_double (csv, row, columns->features[i],
                              self->table->features[i], &value, error))
        return FALSE;
      g_array_append_val (self->values, value);
    }
  return self->classes == NULL
         || add_class (self, csv, row, columns->label, error);
}

/* Whether the row's slide is left out, which is then noted. */
static gboolean
leave_out (Reading *self, const AxCsv *csv, guint row, int name_column)
{
  const char *slide = NULL, *why = NULL;

  if (name_column < 0)
    return FALSE;
  slide = ax_csv_get (csv, row, name_column);
  why = ax_exclusions_find (self->query->exclusions, slide, AX_EXCLUDE_SLIDE);
  if (why == NULL)
    return FALSE;
  g_ptr_array_add (self->table->left_out,
                   g_strdup_printf ("%s: %s", slide, why));
  return TRUE;
}

static gboolean
find_columns (const AxFeatureTable *table, const AxFeatureQuery *query,
              const AxCsv *csv, Columns *columns, GError **error)
{
  guint label = 0;

  columns->name = ax_slide_name_find_column (csv);
  columns->label = -1;
  if (query->labels == NULL && query->label != NULL)
    {
      if (!ax_csv_need_column (csv, query->label, &label, error))
        return FALSE;
      columns->label = label;
    }
  columns->features = g_new (guint, table->n_features);
  for (guint i = 0; i < table->n_features; i++)
    if (!ax_csv_need_column (csv, table->features[i], &columns->features[i],
                             error))
      return FALSE;
  return TRUE;
}

static gboolean
read_file (Reading *self, const char *path, GError **error)
{
  g_autoptr (AxCsv) csv = ax_csv_read (path, error);
  g_auto (Columns) columns = { 0 };

  if (csv == NULL)
    return FALSE;
  if (ax_csv_get_n_rows (csv) < 2)
    {
      g_autofree char *name = g_filename_display_name (path);

      g_set_error (error, AX_ERROR, AX_ERROR_FORMAT, "%s: has no slides", name);
      return FALSE;
    }
  if (!set_features (self->table, csv, path, self->query, error)
      || !find_columns (self->table, self->query, csv, &columns, error))
    return FALSE;
  for (guint row = 1; row < ax_csv_get_n_rows (csv); row++)
    if (!leave_out (self, csv, row, columns.name)
        && !add_row (self, csv, row, &columns, error))
      return FALSE;
  return TRUE;
}

/* Node classes, then stages, then everything else by alphabet. */
static int
rank_label (const char *label)
{
  AxNodeClass node_class;
  AxStage stage;

  if (ax_node_class_from_name (label, &node_class))
    return node_class;
  if (ax_stage_from_name (label, &stage))
    return AX_N_NODE_CLASSES + stage;
  return AX_N_NODE_CLASSES + AX_N_STAGES;
}

static int
compare_labels (gconstpointer a, gconstpointer b)
{
  const char *x = *(const char *const *)a, *y = *(const char *const *)b;
  int by_rank = rank_label (x) - rank_label (y);

  return by_rank != 0 ? by_rank : strcmp (x, y);
}

static gboolean
number_labels (AxFeatureTable *self, const GPtrArray *classes, GError **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) distinct = g_ptr_array_new ();

  for (guint i = 0; i < classes->len; i++)
    if (g_hash_table_add (seen, classes->pdata[i]))
      g_ptr_array_add (distinct, classes->pdata[i]);
  if (distinct->len < 2)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
                   "all %u slides are '%s': nothing to tell apart",
                   classes->len, (const char *)distinct->pdata[0]);
      return FALSE;
    }
  g_ptr_array_sort (distinct, compare_labels);

  self->n_labels = distinct->len;
  self->labels = g_new0 (char *, distinct->len + 1);
  for (guint i = 0; i < distinct->len; i++)
    {
      self->labels[i] = g_strdup (distinct->pdata[i]);
      g_hash_table_insert (seen, distinct->pdata[i], GUINT_TO_POINTER (i));
    }
  self->truth = g_new (guint, classes->len);
  for (guint i = 0; i < classes->len; i++)
    self->truth[i]
        = GPOINTER_TO_UINT (g_hash_table_lookup (seen, classes->pdata[i]));
  return TRUE;
}

AxFeatureTable *
ax_feature_table_read (const char *const *paths, guint n_paths,
                       const AxFeatureQuery *query, GError **error)
{
  g_autoptr (AxFeatureTable) self = NULL;
  g_autoptr (GArray) values = NULL;
  g_autoptr (GPtrArray) classes = NULL;
  g_autoptr (GHashTable) slides = NULL;
  Reading reading;

  g_return_val_if_fail (paths != NULL && n_paths > 0 && query != NULL, NULL);

  self = g_new0 (AxFeatureTable, 1);
  self->names = g_ptr_array_new_with_free_func (g_free);
  self->left_out = g_ptr_array_new_with_free_func (g_free);
  values = g_array_new (FALSE, FALSE, sizeof (double));
  if (query->label != NULL || query->labels != NULL)
    classes = g_ptr_array_new_with_free_func (g_free);
  slides = g_hash_table_new (g_str_hash, g_str_equal);
  reading = (Reading){ self, values, classes, slides, query };
  for (guint i = 0; i < n_paths; i++)
    if (!read_file (&reading, paths[i], error))
      return NULL;

  self->n_rows = self->names->len;
  if (self->n_rows == 0)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
                   "all %u slides are left out", self->left_out->len);
      return NULL;
    }
  self->values = (double *)g_array_free (g_steal_pointer (&values), FALSE);
  if (classes != NULL && !number_labels (self, classes, error))
    return NULL;
  return g_steal_pointer (&self);
}
