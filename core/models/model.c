#include "core/models/model.h"

#include "core/base/error.h"
#include "core/base/parse.h"
#include "core/models/model-private.h"
#include "core/nn/graph-cells.h"
#include "core/nn/graph-fold.h"
#include "core/nn/safetensors.h"

#include <string.h>

#define FILE_SUFFIX ".safetensors"
#define DATA_PATH_VARIABLE "AX_DATA_PATH"
#define MODEL_FOLDER "models"

struct _AxModel
{
  gatomicrefcount refs;
  const AxModelFamily *family;
  char *name;
  char *hash; /* once asked for: it takes longer than all else */
  int field, stride;
  double mpp;
  double temperature;
  GPtrArray *classes;
  GPtrArray *learnt; /* (nullable) */
  guint tumor_class;
  AxGraph *graph;
  AxGraph *folded_graph; /* without batch norm and dropout */
  AxGraph *inference_graph;
  AxWeights *weights;
  AxWeights *inference_weights;
};

static gboolean
check_field (const AxModelFamily *family, const AxGraph *graph,
             const AxModelCard *card, GError **error)
{
  gint64 field, stride;
  if (!ax_model_family_measure (family, graph, &field, &stride, error))
    return FALSE;
  if (field == card->field && stride == card->stride)
    return TRUE;
  g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
               "the card says field %" G_GINT64_FORMAT
               " and stride %" G_GINT64_FORMAT
               ", the network has %" G_GINT64_FORMAT " and %" G_GINT64_FORMAT,
               card->field, card->stride, field, stride);
  return FALSE;
}

static gboolean
read_network (const AxWeights *weights, AxModelCard *card,
              const AxModelFamily **family, AxGraph **graph, GError **error)
{
  if (!ax_model_card_read (weights, card, error))
    return FALSE;
  *family = ax_model_family_find (card->family, error);
  if (*family == NULL)
    return FALSE;
  g_autoptr (AxGraph) built = (*family)->build (card, error);
  if (built == NULL || !check_field (*family, built, card, error))
    return FALSE;
  *graph = g_steal_pointer (&built);
  return TRUE;
}

AxModel *
ax_model_new_named (AxWeights *weights, const char *name, GError **error)
{
  g_auto (AxModelCard) card = { 0 };
  const char *path = ax_weights_get_path (weights);
  const AxModelFamily *family = NULL;
  g_autoptr (AxGraph) graph = NULL;
  g_autoptr (AxWeights) folded = NULL;
  if (!read_network (weights, &card, &family, &graph, error))
    {
      g_prefix_error (error, "%s: ", path ? path : "weights");
      return NULL;
    }
  if (!ax_weights_check_finite (weights, error))
    return NULL;
  g_autoptr (AxGraph) folded_graph
      = ax_graph_fold (graph, weights, &folded, error);
  if (folded_graph == NULL)
    return NULL;
  g_autoptr (AxGraph) inference
      = ax_model_family_gives_pixels (family)
            ? ax_graph_make_cells (folded_graph, (int)card.stride, error)
            : ax_graph_ref (folded_graph);
  if (inference == NULL)
    return NULL;

  AxModel *self = g_new0 (AxModel, 1);
  g_atomic_ref_count_init (&self->refs);
  self->family = family;
  self->name = g_strdup (name ? name : card.family);
  self->field = (int)card.field;
  self->stride = (int)card.stride;
  self->mpp = card.mpp;
  self->temperature = card.temperature;
  self->classes = g_steal_pointer (&card.classes);
  self->learnt = g_steal_pointer (&card.learnt);
  self->tumor_class = card.tumor_class;
  self->graph = g_steal_pointer (&graph);
  self->folded_graph = g_steal_pointer (&folded_graph);
  self->inference_graph = g_steal_pointer (&inference);
  self->weights = ax_weights_ref (weights);
  self->inference_weights = g_steal_pointer (&folded);
  return self;
}

AxModel *
ax_model_new (AxWeights *weights, GError **error)
{
  g_return_val_if_fail (weights != NULL, NULL);
  return ax_model_new_named (weights, NULL, error);
}

/* Folders whose sub-folder "models" is looked into. */
static GPtrArray *
list_data_folders (void)
{
  GPtrArray *folders = g_ptr_array_new_with_free_func (g_free);
  const char *path = g_getenv (DATA_PATH_VARIABLE);
  g_auto (GStrv) parts
      = g_strsplit (path ? path : "", G_SEARCHPATH_SEPARATOR_S, -1);
  for (guint i = 0; parts[i] != NULL; i++)
    if (parts[i][0] != '\0')
      g_ptr_array_add (folders, g_strdup (parts[i]));
  g_ptr_array_add (folders, g_strdup (AX_DATA_DIR));
  g_ptr_array_add (folders, g_strdup (AX_SOURCE_DATA_DIR));
  return folders;
}

static char *
find_file (const char *name, GError **error)
{
  g_autoptr (GPtrArray) folders = list_data_folders ();
  g_autoptr (GString) looked = g_string_new (NULL);
  g_autofree char *file = g_strconcat (name, FILE_SUFFIX, NULL);
  for (guint i = 0; i < folders->len; i++)
    {
      const char *folder = g_ptr_array_index (folders, i);
      g_autofree char *path
          = g_build_filename (folder, MODEL_FOLDER, file, NULL);
      if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
        return g_steal_pointer (&path);
      g_string_append_printf (looked, "%s%s/" MODEL_FOLDER, i > 0 ? ", " : "",
                              folder);
    }
  g_set_error (error, AX_ERROR, AX_ERROR_NOT_FOUND,
               "no model '%.64s': no %.64s in %s", name, file, looked->str);
  return NULL;
}

static void
add_names (GPtrArray *names, const char *folder)
{
  g_autofree char *path = g_build_filename (folder, MODEL_FOLDER, NULL);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *file;
  while (dir != NULL && (file = g_dir_read_name (dir)) != NULL)
    {
      if (!g_str_has_suffix (file, FILE_SUFFIX))
        continue;
      g_autofree char *name
          = g_strndup (file, strlen (file) - strlen (FILE_SUFFIX));
      if (!g_ptr_array_find_with_equal_func (names, name, g_str_equal, NULL))
        g_ptr_array_add (names, g_steal_pointer (&name));
    }
}

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

GPtrArray *
ax_model_list_names (void)
{
  g_autoptr (GPtrArray) folders = list_data_folders ();
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < folders->len; i++)
    add_names (names, folders->pdata[i]);
  g_ptr_array_sort (names, compare_names);
  return names;
}

AxModel *
ax_model_load (const char *name_or_file, GError **error)
{
  g_return_val_if_fail (name_or_file != NULL, NULL);
  gboolean is_file = strchr (name_or_file, G_DIR_SEPARATOR) != NULL
                     || g_str_has_suffix (name_or_file, FILE_SUFFIX);
  g_autofree char *path
      = is_file ? g_strdup (name_or_file) : find_file (name_or_file, error);
  if (path == NULL)
    return NULL;
  g_autoptr (AxWeights) weights = ax_safetensors_load (path, error);
  if (weights == NULL)
    return NULL;
  g_autofree char *name = g_path_get_basename (path);
  if (g_str_has_suffix (name, FILE_SUFFIX))
    name[strlen (name) - strlen (FILE_SUFFIX)] = '\0';
  return ax_model_new_named (weights, name, error);
}

AxModel *
ax_model_ref (AxModel *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
ax_model_unref (AxModel *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->refs))
    return;
  ax_graph_unref (self->graph);
  ax_graph_unref (self->folded_graph);
  ax_graph_unref (self->inference_graph);
  ax_weights_unref (self->weights);
  ax_weights_unref (self->inference_weights);
  g_ptr_array_unref (self->classes);
  g_clear_pointer (&self->learnt, g_ptr_array_unref);
  g_free (self->name);
  g_free (self->hash);
  g_free (self);
}

const char *
ax_model_get_name (const AxModel *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->name;
}

const char *
ax_model_get_family (const AxModel *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->family->name;
}

const char *
ax_model_get_hash (const AxModel *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  char **hash = (char **)&self->hash;
  if (g_once_init_enter (hash))
    g_once_init_leave (hash, g_strdup (ax_weights_get_hash (self->weights)));
  return self->hash;
}

AxWeights *
ax_model_get_weights (const AxModel *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->weights;
}

int
ax_model_get_field (const AxModel *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->field;
}

int
ax_model_get_stride (const AxModel *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->stride;
}

double
ax_model_get_mpp (const AxModel *self)
{
  g_return_val_if_fail (self != NULL, 0.0);
  return self->mpp;
}

guint
ax_model_get_n_classes (const AxModel *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->classes->len;
}

const char *
ax_model_get_class (const AxModel *self, guint index)
{
  g_return_val_if_fail (self != NULL && index < self->classes->len, NULL);
  return g_ptr_array_index (self->classes, index);
}

guint
ax_model_get_tumor_class (const AxModel *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->tumor_class;
}

double
ax_model_get_temperature (const AxModel *self)
{
  g_return_val_if_fail (self != NULL, 1.0);
  return self->temperature;
}

const AxModelTask *
ax_model_get_tasks (const AxModel *self, guint *n_tasks)
{
  g_return_val_if_fail (self != NULL && n_tasks != NULL, NULL);
  *n_tasks = self->family->n_tasks;
  return self->family->tasks;
}

gboolean
ax_model_has_learnt (const AxModel *self, guint task)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (task < self->family->n_tasks, FALSE);
  return self->learnt == NULL
         || g_ptr_array_find_with_equal_func (
             self->learnt, self->family->tasks[task].name, g_str_equal, NULL);
}

GArray *
ax_model_get_operating_points (const AxModel *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return ax_model_card_read_operating_points (self->weights);
}

AxGraph *
ax_model_get_graph (const AxModel *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->graph;
}

AxGraph *
ax_model_get_inference_graph (const AxModel *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->inference_graph;
}

AxWeights *
ax_model_get_inference_weights (const AxModel *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->inference_weights;
}

AxGraph *
ax_model_make_dense_graph (AxModel *self, int alpha, AxDenseForm form,
                           GError **error)
{
  g_return_val_if_fail (self != NULL, NULL);
  if (!ax_model_family_gives_pixels (self->family))
    return ax_graph_make_dense (self->inference_graph, alpha, form, error);
  if (alpha >= 1 && self->stride % alpha == 0)
    return ax_graph_make_cells (self->folded_graph, self->stride / alpha,
                                error);
  g_set_error (error, AX_ERROR, AX_ERROR_UNSUPPORTED,
               "alpha %d does not divide the period %d", alpha, self->stride);
  return NULL;
}

int
ax_model_get_cell_field (const AxModel *self, int alpha)
{
  g_return_val_if_fail (self != NULL && alpha > 0, 0);
  return ax_model_family_gives_pixels (self->family)
             ? self->field - self->stride + self->stride / alpha
             : self->field;
}

gboolean
ax_model_has_naive_form (const AxModel *self)
{
  g_return_val_if_fail (self != NULL, FALSE);
  return !ax_model_family_gives_pixels (self->family);
}

gboolean
ax_model_get_screening (const AxModel *self, AxScreening *screening,
                        GError **error)
{
  g_return_val_if_fail (self != NULL && screening != NULL, FALSE);
  g_autoptr (GError) local = NULL;
  AxScreening found;
  char recall[AX_FORMAT_BUFFER], least[AX_FORMAT_BUFFER];
  ax_format_decimal (least, 100.0 * AX_SCREENING_MIN_RECALL, 2);
  if (!ax_model_card_read_screening (self->weights, &found, &local))
    {
      if (g_error_matches (local, AX_ERROR, AX_ERROR_NOT_FOUND))
        g_set_error (error, AX_ERROR, AX_ERROR_UNSUPPORTED,
                     "%s: cannot be the first network of a cascade: its card "
                     "has no 'cascade', which must state a lesion recall of "
                     "%s %% or more",
                     self->name, least);
      else
        g_propagate_prefixed_error (error, g_steal_pointer (&local),
                                    "%s: ", self->name);
      return FALSE;
    }
  if (found.lesion_recall < AX_SCREENING_MIN_RECALL)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_UNSUPPORTED,
                   "%s: cannot be the first network of a cascade: its card "
                   "states a lesion recall of %s %%, not %s or more",
                   self->name,
                   ax_format_decimal (recall, 100.0 * found.lesion_recall, 2),
                   least);
      return FALSE;
    }
  *screening = found;
  return TRUE;
}
