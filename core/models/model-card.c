#include "core/models/model-card.h"

#include "core/base/error.h"
#include "core/base/parse.h"
#include "core/nn/json-scan.h"

#include <string.h>

#define TUMOR_CLASS "tumor"
#define MAX_NAMES 16

static const char *const card_keys[]
    = { "axilla.family", "axilla.arch", "mpp",     "field",      "stride",
        "mean",          "std",         "classes", "temperature" };

static gboolean
check_card_keys (const AxWeights *weights, GError **error)
{
  g_autoptr (GString) missing = g_string_new (NULL);
  for (guint i = 0; i < G_N_ELEMENTS (card_keys); i++)
    if (ax_weights_get_metadata (weights, card_keys[i]) == NULL)
      g_string_append_printf (missing, "%s%s", missing->len > 0 ? ", " : "",
                              card_keys[i]);
  if (missing->len == 0)
    return TRUE;
  g_set_error (error, AX_ERROR, AX_ERROR_FORMAT, "the model card lacks %s",
               missing->str);
  return FALSE;
}

static gboolean
read_double (const AxWeights *weights, const char *key, double min, double max,
             double *out, GError **error)
{
  const char *text = ax_weights_get_metadata (weights, key);
  return ax_parse_double (text, key, min, max, out, error);
}

static gboolean
read_int (const AxWeights *weights, const char *key, gint64 *out,
          GError **error)
{
  const char *text = ax_weights_get_metadata (weights, key);
  return ax_parse_int (text, key, 1, G_MAXINT16, out, error);
}

static gboolean
read_triple (const AxWeights *weights, const char *key, double min, double max,
             double out[3], GError **error)
{
  const char *text = ax_weights_get_metadata (weights, key);
  AxJsonScan scan = ax_json_scan_init (text, strlen (text), key);
  guint n = 0;
  ax_json_scan_begin (&scan, '[');
  while (ax_json_scan_next_item (&scan))
    {
      if (n == 3)
        ax_json_scan_fail (&scan, "more than three numbers");
      else if (ax_json_scan_number (&scan, min, max, &out[n]))
        n++;
    }
  if (n < 3)
    ax_json_scan_fail (&scan, "fewer than three numbers");
  return ax_json_scan_end (&scan, error);
}

/* (transfer full): distinct names. */
static GPtrArray *
read_names (const AxWeights *weights, const char *key, GError **error)
{
  const char *text = ax_weights_get_metadata (weights, key);
  AxJsonScan scan = ax_json_scan_init (text, strlen (text), key);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *name = NULL;
  ax_json_scan_begin (&scan, '[');
  while (ax_json_scan_next_item (&scan) && ax_json_scan_string (&scan, &name))
    {
      if (names->len == MAX_NAMES)
        ax_json_scan_fail (&scan, "more than %d names", MAX_NAMES);
      else if (g_ptr_array_find_with_equal_func (names, name, g_str_equal,
                                                 NULL))
        ax_json_scan_fail (&scan, "second '%s'", name);
      else
        g_ptr_array_add (names, g_strdup (name));
    }
  return ax_json_scan_end (&scan, error) ? g_steal_pointer (&names) : NULL;
}

static gboolean
find_tumor_class (GPtrArray *classes, guint *index, GError **error)
{
  if (classes->len > 1
      && g_ptr_array_find_with_equal_func (classes, TUMOR_CLASS, g_str_equal,
                                           index))
    return TRUE;
  g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
               "classes: needs '" TUMOR_CLASS "' and another");
  return FALSE;
}

gboolean
ax_model_card_read (const AxWeights *weights, AxModelCard *card, GError **error)
{
  g_return_val_if_fail (weights != NULL && card != NULL, FALSE);
  AxModelCard result = { 0 };
  if (!check_card_keys (weights, error))
    return FALSE;
  result.family = ax_weights_get_metadata (weights, "axilla.family");
  result.arch = ax_weights_get_metadata (weights, "axilla.arch");
  /* From far finer than any scanner to far coarser than any network. */
  if (!read_double (weights, "mpp", 0.01, 100.0, &result.mpp, error)
      || !read_double (weights, "temperature", 1e-3, 1e3, &result.temperature,
                       error)
      || !read_int (weights, "field", &result.field, error)
      || !read_int (weights, "stride", &result.stride, error)
      || !read_triple (weights, "mean", -1e3, 1e3, result.mean, error)
      || !read_triple (weights, "std", 1e-6, 1e3, result.std, error))
    return FALSE;
  g_autoptr (GPtrArray) classes = read_names (weights, "classes", error);
  if (classes == NULL
      || !find_tumor_class (classes, &result.tumor_class, error))
    return FALSE;
  g_autoptr (GPtrArray) learnt = NULL;
  if (ax_weights_get_metadata (weights, "learnt") != NULL)
    {
      learnt = read_names (weights, "learnt", error);
      if (learnt == NULL)
        return FALSE;
    }
  result.learnt = g_steal_pointer (&learnt);
  result.classes = g_steal_pointer (&classes);
  *card = result;
  return TRUE;
}

void
ax_model_card_clear (AxModelCard *card)
{
  g_clear_pointer (&card->classes, g_ptr_array_unref);
  g_clear_pointer (&card->learnt, g_ptr_array_unref);
}

GArray *
ax_model_card_read_operating_points (const AxWeights *weights)
{
  g_return_val_if_fail (weights != NULL, NULL);
  const char *text = ax_weights_get_metadata (weights, "operating_points");
  GArray *points = g_array_new (FALSE, FALSE, sizeof (double));
  if (text == NULL)
    return points;
  AxJsonScan scan = ax_json_scan_init (text, strlen (text), "operating_points");
  g_autofree char *key = NULL, *name = NULL;
  double threshold, figure;
  ax_json_scan_begin (&scan, '{');
  while (ax_json_scan_next_key (&scan, &key))
    {
      if (ax_parse_double (key, "threshold", 0.0, 1.0, &threshold, NULL))
        g_array_append_val (points, threshold);
      ax_json_scan_begin (&scan, '{');
      while (ax_json_scan_next_key (&scan, &name))
        ax_json_scan_number (&scan, -G_MAXDOUBLE, G_MAXDOUBLE, &figure);
    }
  if (!ax_json_scan_end (&scan, NULL))
    g_array_set_size (points, 0);
  return points;
}

gboolean
ax_model_card_read_screening (const AxWeights *weights, AxScreening *screening,
                              GError **error)
{
  g_return_val_if_fail (weights != NULL && screening != NULL, FALSE);
  const char *text = ax_weights_get_metadata (weights, "cascade");
  AxScreening result = { .threshold = -1.0, .lesion_recall = -1.0 };
  g_autofree char *key = NULL;
  if (text == NULL)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_NOT_FOUND,
                   "the model card has no 'cascade'");
      return FALSE;
    }
  AxJsonScan scan = ax_json_scan_init (text, strlen (text), "cascade");
  ax_json_scan_begin (&scan, '{');
  while (ax_json_scan_next_key (&scan, &key))
    if (strcmp (key, "threshold") == 0 && result.threshold < 0.0)
      ax_json_scan_number (&scan, 1e-4, 1.0, &result.threshold);
    else if (strcmp (key, "lesion_recall") == 0 && result.lesion_recall < 0.0)
      ax_json_scan_number (&scan, 0.0, 1.0, &result.lesion_recall);
    else if (strcmp (key, "lesions") == 0 && result.n_lesions == 0)
      ax_json_scan_count (&scan, G_MAXINT32, &result.n_lesions);
    else
      ax_json_scan_fail (&scan, "unknown or second key '%s'", key);
  if (!ax_json_scan_end (&scan, error))
    return FALSE;
  const char *missing = result.threshold < 0.0       ? "threshold"
                        : result.lesion_recall < 0.0 ? "lesion_recall"
                        : result.n_lesions == 0      ? "lesions"
                                                     : NULL;
  if (missing != NULL)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
                   "cascade: key '%s' is missing or 0", missing);
      return FALSE;
    }
  *screening = result;
  return TRUE;
}
