#include "app/option.h"

#include "app/command.h"
#include "core/base/error.h"
#include "core/base/parse.h"
#include "core/nn/engine.h"

static struct
{
  char *model;
  char *map, *cascade;
  char *engine, *threads;
  char *threshold, *size_mode, *opening;
  char *folder, *formats;
} shared;

const GOptionEntry ax_model_options[] = {
  { "model", 'm', 0, G_OPTION_ARG_FILENAME, &shared.model,
    "weights file, or name of a shipped network (" AX_MODEL_DEFAULT ")",
    "MODEL" },
  { NULL },
};

const GOptionEntry ax_network_options[] = {
  { "map", 0, 0, G_OPTION_ARG_STRING, &shared.map,
    "tumor: a probability; fraction: how much of the field is tumour, of "
    "networks that estimate it (tumor)",
    "WHAT" },
  { "cascade", 0, 0, G_OPTION_ARG_FILENAME, &shared.cascade,
    "look first with this network of less magnification, and do not examine "
    "what it is sure is normal",
    "MODEL" },
  { NULL },
};

const GOptionEntry ax_engine_options[] = {
  { "engine", 0, 0, G_OPTION_ARG_STRING, &shared.engine,
    "auto, cuda, cpu or ref; see `engines` (auto)", "NAME" },
  { "threads", 0, 0, G_OPTION_ARG_STRING, &shared.threads,
    "threads of the engine (all cores)", "N" },
  { NULL },
};

const GOptionEntry ax_lesion_options[] = {
  { "threshold", 't', 0, G_OPTION_ARG_STRING, &shared.threshold,
    "smallest tumour probability of a lesion's cells (0.5)", "P" },
  { "size-mode", 0, 0, G_OPTION_ARG_STRING, &shared.size_mode,
    "ajcc: contiguous foci; camelyon16: gaps of at most 75 µm are bridged "
    "(ajcc)",
    "MODE" },
  { "opening", 0, 0, G_OPTION_ARG_STRING, &shared.opening,
    "1 removes specks by a morphological opening, 0 keeps single cells (1)",
    "0|1" },
  { NULL },
};

const GOptionEntry ax_result_options[] = {
  { "output", 'o', 0, G_OPTION_ARG_FILENAME, &shared.folder,
    "folder for the result files, made when missing", "DIR" },
  { "formats", 0, 0, G_OPTION_ARG_STRING, &shared.formats,
    "which of xml,geojson,imagescope,tiff,csv,json (all)", "LIST" },
  { NULL },
};

/* What a parser refuses on the command line is wrong usage. */
static void
take_as_usage (GError **error, GError *local)
{
  g_set_error_literal (error, AX_USAGE_ERROR, AX_USAGE_ERROR_WRONG,
                       local->message);
  g_error_free (local);
}

gboolean
ax_option_double (const char *text, const char *name, double min, double max,
                  double *out, GError **error)
{
  GError *local = NULL;

  if (text == NULL || ax_parse_double (text, name, min, max, out, &local))
    return TRUE;
  take_as_usage (error, local);
  return FALSE;
}

gboolean
ax_option_int (const char *text, const char *name, int min, int max, int *out,
               GError **error)
{
  GError *local = NULL;
  gint64 value = 0;

  if (text == NULL)
    return TRUE;
  if (!ax_parse_int (text, name, min, max, &value, &local))
    {
      take_as_usage (error, local);
      return FALSE;
    }
  *out = value;
  return TRUE;
}

const char *
ax_option_or_usual (const char *text)
{
  return text != NULL ? text : "usual";
}

gboolean
ax_option_rect (const char *text, const char *name, AxRect0 *out,
                GError **error)
{
  GError *local = NULL;
  gint64 values[4];

  if (text == NULL)
    return TRUE;
  if (!ax_parse_rect (text, name, values, &local))
    {
      take_as_usage (error, local);
      return FALSE;
    }
  *out = (AxRect0){ values[0], values[1], values[2], values[3] };
  return TRUE;
}

gboolean
ax_option_mpp (const char *text, AxScale *out, GError **error)
{
  double value = 0;

  if (text == NULL)
    return TRUE;
  if (!ax_option_double (text, "--mpp", 0.01, 100, &value, error))
    return FALSE;
  *out = (AxScale){ value, value };
  return TRUE;
}

AxModel *
ax_option_load_model (GError **error)
{
  return ax_model_load (shared.model != NULL ? shared.model : AX_MODEL_DEFAULT,
                        error);
}

gboolean
ax_option_map (const AxModel *model, guint *output, GError **error)
{
  g_autoptr (GString) names = g_string_new (NULL);
  guint n_tasks = 0;
  const AxModelTask *tasks = ax_model_get_tasks (model, &n_tasks);

  *output = 0;
  if (shared.map == NULL)
    return TRUE;
  for (guint i = 0; i < n_tasks; i++)
    {
      if (!ax_model_has_learnt (model, i))
        continue;
      if (g_str_equal (tasks[i].name, shared.map))
        {
          *output = i;
          return TRUE;
        }
      g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "",
                              tasks[i].name);
    }
  g_set_error (error, AX_ERROR, AX_ERROR_NOT_FOUND,
               "--map: %s has no trained output '%.64s', only %s",
               ax_model_get_name (model), shared.map, names->str);
  return FALSE;
}

gboolean
ax_option_load_first (const AxModel *model, AxModel **first,
                      AxScreening *screening, GError **error)
{
  g_autoptr (AxModel) loaded = NULL;
  char numbers[2][AX_FORMAT_BUFFER];

  *first = NULL;
  if (shared.cascade == NULL)
    return TRUE;
  loaded = ax_model_load (shared.cascade, error);
  if (loaded == NULL || !ax_model_get_screening (loaded, screening, error))
    return FALSE;
  if (ax_model_get_mpp (loaded) <= ax_model_get_mpp (model))
    {
      g_set_error (
          error, AX_ERROR, AX_ERROR_LIMIT,
          "--cascade: %s works at %s µm/px, which is not coarser than the %s "
          "of %s",
          ax_model_get_name (loaded),
          ax_format_decimal (numbers[0], ax_model_get_mpp (loaded), 3),
          ax_format_decimal (numbers[1], ax_model_get_mpp (model), 3),
          ax_model_get_name (model));
      return FALSE;
    }
  *first = g_steal_pointer (&loaded);
  return TRUE;
}

static gboolean
check_engine (const char *name, GError **error)
{
  g_autoptr (GString) names = g_string_new ("auto");
  const AxEngineInfo *engines = NULL;
  guint n_engines = 0;

  if (g_str_equal (name, "auto"))
    return TRUE;
  engines = ax_engine_list (&n_engines);
  for (guint i = 0; i < n_engines; i++)
    {
      if (g_str_equal (engines[i].name, name))
        return TRUE;
      g_string_append_printf (names, ", %s", engines[i].name);
    }
  g_set_error (error, AX_USAGE_ERROR, AX_USAGE_ERROR_WRONG,
               "--engine: '%s' is not one of %s", name, names->str);
  return FALSE;
}

gboolean
ax_option_engine (const char **engine, int *n_threads, GError **error)
{
  const char *name = shared.engine != NULL ? shared.engine : "auto";

  if (!check_engine (name, error)
      || !ax_option_int (shared.threads, "--threads", 1, 1024, n_threads,
                         error))
    return FALSE;
  *engine = name;
  return TRUE;
}

gboolean
ax_option_lesion_params (AxLesionParams *params, GError **error)
{
  if (!ax_option_double (shared.threshold, "--threshold", 0.0001, 1,
                         &params->threshold, error)
      || !ax_option_int (shared.opening, "--opening", 0, 1, &params->opening,
                         error))
    return FALSE;
  if (shared.size_mode == NULL
      || ax_size_mode_from_name (shared.size_mode, &params->mode))
    return TRUE;
  g_set_error (error, AX_USAGE_ERROR, AX_USAGE_ERROR_WRONG,
               "--size-mode: '%s' is not one of ajcc, camelyon16",
               shared.size_mode);
  return FALSE;
}

gboolean
ax_option_results (const char **folder, AxExportFlags *formats, GError **error)
{
  GError *local = NULL;

  if (shared.formats != NULL
      && !ax_export_flags_parse (shared.formats, formats, &local))
    {
      g_prefix_error (&local, "--formats: ");
      take_as_usage (error, local);
      return FALSE;
    }
  *folder = shared.folder;
  return TRUE;
}
