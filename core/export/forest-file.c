#include "core/export/forest-file.h"

#include "core/annot/json-reader.h"
#include "core/base/error.h"
#include "core/base/output.h"
#include "core/base/parse.h"
#include "core/export/json-writer.h"
#include "core/export/result.h"

#include <math.h>
#include <string.h>

#define FORMAT "axilla forest"
#define VERSION 1

/* The arrays of a tree as they come. */
typedef struct
{
  GArray *features, *thresholds, *lefts, *rights, *counts; /* of double */
} TreeArrays;

/* A forest as far as it has been read. */
typedef struct
{
  AxForest *forest;
  char *format; /* (owned) (nullable) */
  double version;
  GArray *importance; /* of double */
  GArray *trees;      /* of TreeArrays */
} Reading;

static void
add_strings (AxJsonWriter *json, const char *name, char *const *strings)
{
  ax_json_writer_begin_array (json, name);
  for (; *strings != NULL; strings++)
    ax_json_writer_add_string (json, NULL, *strings);
  ax_json_writer_end (json);
}

static void
add_children (AxJsonWriter *json, const AxForestTree *tree)
{
  ax_json_writer_begin_array (json, "feature");
  for (guint i = 0; i < tree->n_nodes; i++)
    ax_json_writer_add_int (json, NULL, tree->nodes[i].feature);
  ax_json_writer_end (json);
  ax_json_writer_begin_array (json, "left");
  for (guint i = 0; i < tree->n_nodes; i++)
    ax_json_writer_add_int (json, NULL, tree->nodes[i].left);
  ax_json_writer_end (json);
  ax_json_writer_begin_array (json, "right");
  for (guint i = 0; i < tree->n_nodes; i++)
    ax_json_writer_add_int (json, NULL, tree->nodes[i].right);
  ax_json_writer_end (json);
}

static void
add_tree (AxJsonWriter *json, const AxForest *self, const AxForestTree *tree)
{
  ax_json_writer_begin_object (json, NULL);
  add_children (json, tree);
  ax_json_writer_begin_array (json, "threshold");
  for (guint i = 0; i < tree->n_nodes; i++)
    ax_json_writer_add_exact (json, NULL, tree->nodes[i].threshold);
  ax_json_writer_end (json);
  ax_json_writer_begin_array (json, "counts");
  for (guint i = 0; i < tree->n_nodes * self->n_labels; i++)
    ax_json_writer_add_int (json, NULL, tree->counts[i]);
  ax_json_writer_end (json);
  ax_json_writer_end (json);
}

gboolean
ax_forest_save (const AxForest *self, const char *path, GError **error)
{
  g_autoptr (AxJsonWriter) json = NULL;
  g_autofree char *text = NULL;

  g_return_val_if_fail (self != NULL && path != NULL, FALSE);

  json = ax_json_writer_new (TRUE);
  ax_json_writer_begin_object (json, NULL);
  ax_json_writer_add_string (json, "format", FORMAT);
  ax_json_writer_add_int (json, "version", VERSION);
  ax_json_writer_add_string (json, "notice", AX_RESULT_NOTICE);
  add_strings (json, "features", self->features);
  add_strings (json, "labels", self->labels);
  ax_json_writer_add_int (json, "min_leaf", self->params.min_leaf);
  ax_json_writer_add_int (json, "n_tried", self->params.n_tried);
  ax_json_writer_add_int (json, "seed", self->params.seed);
  ax_json_writer_add_exact (json, "oob_error", self->oob_error);
  ax_json_writer_begin_array (json, "importance");
  for (guint i = 0; i < self->n_features; i++)
    ax_json_writer_add_exact (json, NULL, self->importance[i]);
  ax_json_writer_end (json);
  ax_json_writer_begin_array (json, "trees");
  for (guint i = 0; i < self->params.n_trees; i++)
    add_tree (json, self, &self->trees[i]);
  ax_json_writer_end (json);
  ax_json_writer_end (json);

  text = ax_json_writer_finish (json);
  return ax_output_write_file (path, text, strlen (text), error);
}

static void
tree_arrays_clear (gpointer data)
{
  TreeArrays *self = data;

  g_clear_pointer (&self->features, g_array_unref);
  g_clear_pointer (&self->thresholds, g_array_unref);
  g_clear_pointer (&self->lefts, g_array_unref);
  g_clear_pointer (&self->rights, g_array_unref);
  g_clear_pointer (&self->counts, g_array_unref);
}

static double
read_number (AxJsonReader *reader, double min, double max)
{
  const char *text = ax_json_reader_read_text (reader);
  g_autoptr (GError) local = NULL;
  double value = min;

  if (text == NULL
      || !ax_parse_double (text, "number", min, max, &value, &local))
    ax_json_reader_fail (reader, AX_ERROR_FORMAT, "%s",
                         local != NULL ? local->message : "no number");
  return value;
}

static void
read_numbers (AxJsonReader *reader, double min, double max, GArray **numbers)
{
  g_clear_pointer (numbers, g_array_unref);
  *numbers = g_array_new (FALSE, FALSE, sizeof (double));
  if (!ax_json_reader_enter_if (reader, AX_JSON_ARRAY))
    return;
  while (ax_json_reader_next (reader))
    {
      double value = read_number (reader, min, max);

      g_array_append_val (*numbers, value);
    }
}

/* Replaces @strings, whose number it returns. */
static guint
read_strings (AxJsonReader *reader, GStrv *strings)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  if (ax_json_reader_enter_if (reader, AX_JSON_ARRAY))
    while (ax_json_reader_next (reader))
      {
        g_autofree char *text = ax_json_reader_dup_string (reader);

        if (text == NULL)
          ax_json_reader_fail (reader, AX_ERROR_FORMAT, "no text");
        else
          g_strv_builder_add (builder, text);
      }
  g_strfreev (*strings);
  *strings = g_strv_builder_end (builder);
  return g_strv_length (*strings);
}

static void
read_tree (AxJsonReader *reader, GArray *trees)
{
  TreeArrays tree = { 0 };

  if (ax_json_reader_enter_if (reader, AX_JSON_OBJECT))
    while (ax_json_reader_next (reader))
      {
        const char *key = ax_json_reader_get_key (reader);

        if (g_str_equal (key, "feature"))
          read_numbers (reader, -1, G_MAXINT32, &tree.features);
        else if (g_str_equal (key, "threshold"))
          read_numbers (reader, -G_MAXDOUBLE, G_MAXDOUBLE, &tree.thresholds);
        else if (g_str_equal (key, "left"))
          read_numbers (reader, 0, G_MAXUINT32, &tree.lefts);
        else if (g_str_equal (key, "right"))
          read_numbers (reader, 0, G_MAXUINT32, &tree.rights);
        else if (g_str_equal (key, "counts"))
          read_numbers (reader, 0, G_MAXUINT32, &tree.counts);
        else
          ax_json_reader_skip (reader);
      }
  g_array_append_val (trees, tree);
  if (trees->len > AX_FOREST_MAX_TREES)
    ax_json_reader_fail (reader, AX_ERROR_LIMIT, "more than %d trees",
                         AX_FOREST_MAX_TREES);
}

static void
read_member (AxJsonReader *reader, Reading *self)
{
  const char *key = ax_json_reader_get_key (reader);
  AxForest *forest = self->forest;

  if (g_str_equal (key, "format"))
    {
      g_free (self->format);
      self->format = ax_json_reader_dup_string (reader);
    }
  else if (g_str_equal (key, "version"))
    self->version = read_number (reader, 0, G_MAXINT32);
  else if (g_str_equal (key, "features"))
    forest->n_features = read_strings (reader, &forest->features);
  else if (g_str_equal (key, "labels"))
    forest->n_labels = read_strings (reader, &forest->labels);
  else if (g_str_equal (key, "min_leaf"))
    forest->params.min_leaf = read_number (reader, 1, G_MAXUINT32);
  else if (g_str_equal (key, "n_tried"))
    forest->params.n_tried = read_number (reader, 1, G_MAXUINT32);
  else if (g_str_equal (key, "seed"))
    forest->params.seed = read_number (reader, 0, AX_FOREST_MAX_SEED);
  else if (g_str_equal (key, "oob_error")
           && ax_json_reader_peek (reader) == AX_JSON_NUMBER)
    forest->oob_error = read_number (reader, 0, 1);
  else if (g_str_equal (key, "importance"))
    read_numbers (reader, 0, 1, &self->importance);
  else if (g_str_equal (key, "trees")
           && ax_json_reader_enter_if (reader, AX_JSON_ARRAY))
    while (ax_json_reader_next (reader))
      read_tree (reader, self->trees);
  else
    ax_json_reader_skip (reader);
}

static gboolean
has_length (const GArray *array, guint64 length)
{
  return array != NULL && array->len == length;
}

/* FALSE where the arrays do not fit together. */
static gboolean
build_tree (const TreeArrays *arrays, guint n_labels, AxForestTree *tree)
{
  guint n_nodes = arrays->features != NULL ? arrays->features->len : 0;

  if (n_nodes == 0 || !has_length (arrays->thresholds, n_nodes)
      || !has_length (arrays->lefts, n_nodes)
      || !has_length (arrays->rights, n_nodes)
      || !has_length (arrays->counts, (guint64)n_nodes * n_labels))
    return FALSE;
  tree->n_nodes = n_nodes;
  tree->nodes = g_new (AxForestNode, n_nodes);
  tree->counts = g_new (guint32, (gsize)n_nodes * n_labels);
  for (guint i = 0; i < n_nodes; i++)
    tree->nodes[i]
        = (AxForestNode){ g_array_index (arrays->features, double, i),
                          g_array_index (arrays->lefts, double, i),
                          g_array_index (arrays->rights, double, i),
                          g_array_index (arrays->thresholds, double, i) };
  for (guint i = 0; i < arrays->counts->len; i++)
    tree->counts[i] = g_array_index (arrays->counts, double, i);
  return TRUE;
}

/* Makes a forest of what was read. */
static gboolean
build_forest (Reading *self, GError **error)
{
  AxForest *forest = self->forest;

  if (g_strcmp0 (self->format, FORMAT) != 0 || self->version != VERSION)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
                   "is not a forest of version %d", VERSION);
      return FALSE;
    }
  if (forest->n_features == 0 || forest->n_labels < 2 || self->trees->len == 0
      || !has_length (self->importance, forest->n_features))
    {
      g_set_error_literal (error, AX_ERROR, AX_ERROR_FORMAT,
                           "lacks features, labels, importance or trees");
      return FALSE;
    }
  forest->importance = g_memdup2 (self->importance->data,
                                  forest->n_features * sizeof (double));
  forest->params.n_trees = self->trees->len;
  forest->trees = g_new0 (AxForestTree, self->trees->len);
  for (guint i = 0; i < self->trees->len; i++)
    if (!build_tree (&g_array_index (self->trees, TreeArrays, i),
                     forest->n_labels, &forest->trees[i]))
      {
        g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
                     "the arrays of tree %u do not fit together", i);
        return FALSE;
      }
  return ax_forest_check (forest, error);
}

AxForest *
ax_forest_load (const char *path, GError **error)
{
  g_autoptr (AxJsonReader) reader = NULL;
  g_autoptr (AxForest) forest = NULL;
  Reading reading = { 0 };
  gboolean done;

  g_return_val_if_fail (path != NULL, NULL);

  reader = ax_json_reader_new (path, error);
  if (reader == NULL)
    return NULL;
  forest = g_new0 (AxForest, 1);
  forest->oob_error = NAN;
  reading.forest = forest;
  reading.trees = g_array_new (FALSE, FALSE, sizeof (TreeArrays));
  g_array_set_clear_func (reading.trees, tree_arrays_clear);
  if (ax_json_reader_enter_if (reader, AX_JSON_OBJECT))
    while (ax_json_reader_next (reader))
      read_member (reader, &reading);

  done = ax_json_reader_finish (reader, error);
  if (done && !build_forest (&reading, error))
    {
      g_autofree char *name = g_filename_display_name (path);

      g_prefix_error (error, "%s: ", name);
      done = FALSE;
    }
  g_array_unref (reading.trees);
  g_clear_pointer (&reading.importance, g_array_unref);
  g_free (reading.format);
  return done ? g_steal_pointer (&forest) : NULL;
}
