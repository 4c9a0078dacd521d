#include "app/commands.h"

#include "app/cohort.h"
#include "app/console.h"
#include "app/graded-slide.h"
#include "app/option.h"
#include "core/base/csv.h"
#include "core/base/error.h"
#include "core/base/output.h"
#include "core/grade/slide-features.h"

static struct
{
  char *output, *mpp, *step;
} options;

static const GOptionEntry entries[] = {
  { "output", 'o', 0, G_OPTION_ARG_FILENAME, &options.output,
    "write the table there (standard output)", "FEATURES.csv" },
  { "mpp", 0, 0, G_OPTION_ARG_STRING, &options.mpp,
    "µm per pixel of level 0, for maps and where the slide has none", "M" },
  { "step", 0, 0, G_OPTION_ARG_STRING, &options.step,
    "level-0 pixels per cell of maps whose file does not say", "PX" },
  { NULL },
};

typedef struct
{
  char *name;
  double values[AX_N_FEATURES];
} Row;

static void
row_free (gpointer data)
{
  Row *self = data;

  g_free (self->name);
  g_free (self);
}

/* (transfer full) */
static Row *
measure (const AxGradedSlide *slide, const char *path, GError **error)
{
  Row *row = g_new0 (Row, 1);

  row->name = g_strdup (slide->name);
  if (ax_features_measure (slide->map, slide->tissue_mm2, row->values, error))
    return row;
  g_prefix_error (error, "%s: ", path);
  row_free (row);
  return NULL;
}

/* (transfer full) (element-type filename): folders stand for their results. */
static GPtrArray *
list_paths (const AxCall *call, GError **error)
{
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < call->n_arguments; i++)
    if (!g_file_test (call->arguments[i], G_FILE_TEST_IS_DIR))
      g_ptr_array_add (paths, g_strdup (call->arguments[i]));
    else if (!ax_graded_slide_list (call->arguments[i], paths, error))
      return NULL;
  return g_steal_pointer (&paths);
}

/* (transfer full) (element-type Row) */
static GPtrArray *
measure_all (const GPtrArray *paths, const AxExclusions *exclusions,
             AxScale mpp, double step, GError **error)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (row_free);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < paths->len; i++)
    {
      const char *path = paths->pdata[i];
      g_autoptr (AxGradedSlide) slide
          = ax_graded_slide_load (path, mpp, step, error);
      Row *row = NULL;

      if (slide == NULL)
        return NULL;
      if (ax_cohort_leaves_out (exclusions, slide->name, AX_EXCLUDE_SLIDE))
        continue;
      row = measure (slide, path, error);
      if (row == NULL)
        return NULL;
      g_ptr_array_add (rows, row);
      if (!g_hash_table_add (seen, row->name))
        {
          g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
                       "%s: slide '%s' comes a second time", path, row->name);
          return NULL;
        }
    }
  return g_steal_pointer (&rows);
}

/* (transfer full) */
static GString *
format_table (const GPtrArray *rows)
{
  const char *const *names = ax_features_get_names ();
  GString *text = g_string_new ("name");

  for (int i = 0; i < AX_N_FEATURES; i++)
    g_string_append_printf (text, ",%s", names[i]);
  g_string_append_c (text, '\n');
  for (guint r = 0; r < rows->len; r++)
    {
      const Row *row = rows->pdata[r];
      char number[G_ASCII_DTOSTR_BUF_SIZE];

      ax_csv_append (text, row->name);
      for (int i = 0; i < AX_N_FEATURES; i++)
        g_string_append_printf (
            text, ",%s",
            g_ascii_formatd (number, sizeof number, "%.12g", row->values[i]));
      g_string_append_c (text, '\n');
    }
  return text;
}

static void
print_json (const GPtrArray *rows)
{
  const char *const *names = ax_features_get_names ();
  g_autoptr (AxJsonWriter) json = ax_json_writer_new (TRUE);

  ax_json_writer_begin_object (json, NULL);
  ax_json_writer_begin_array (json, "rows");
  for (guint r = 0; r < rows->len; r++)
    {
      const Row *row = rows->pdata[r];

      ax_json_writer_begin_object (json, NULL);
      ax_json_writer_add_string (json, "name", row->name);
      for (int i = 0; i < AX_N_FEATURES; i++)
        ax_json_writer_add_exact (json, names[i], row->values[i]);
      ax_json_writer_end (json);
    }
  ax_json_writer_end (json);
  ax_console_print_json (json);
}

static gboolean
run_features (AxCall *call, GError **error)
{
  g_autoptr (AxExclusions) exclusions = NULL;
  g_autoptr (GPtrArray) paths = NULL;
  g_autoptr (GPtrArray) rows = NULL;
  g_autoptr (GString) table = NULL;
  AxScale mpp = { 0, 0 };
  double step = 0;

  if (!ax_option_mpp (options.mpp, &mpp, error)
      || !ax_option_double (options.step, "--step", 0.01, 1e6, &step, error)
      || !ax_cohort_read_exclusions (&exclusions, error))
    return FALSE;
  paths = list_paths (call, error);
  if (paths == NULL)
    return FALSE;
  rows = measure_all (paths, exclusions, mpp, step, error);
  if (rows == NULL)
    return FALSE;
  table = format_table (rows);
  if (options.output != NULL
      && !ax_output_write_file (options.output, table->str, table->len, error))
    return FALSE;
  if (call->json)
    print_json (rows);
  else if (options.output == NULL)
    ax_console_print ("%s", table->str);
  return TRUE;
}

const AxCommand ax_command_features = {
  .name = "features",
  .section = "Grade and evaluate",
  .summary = "numbers that describe a slide's probability map, for `forest`",
  .usage = "RESULT|DIR|MAP|SLIDE... [-o FEATURES.csv]",
  .details
  = "Measures regions of the map at several thresholds: longest axis, area, "
    "number, density, shape, share of the tissue. Takes\n\n"
    "  DIR/<slide>.json   a result of `detect`, its map beside it\n"
    "  DIR                all results of `detect` in a folder\n"
    "  MAP --mpp M        a map alone: TIFF, or a picture with --step\n"
    "  SLIDE              a slide with result or map beside it (`detect -o .`)"
    "\n\nLengths are mm, or cells of 3.402 µm in the "
    "columns named as in the CAMELYON16 tables; ratios are of the tissue's "
    "area, for bare maps of the area analysed.",
  .examples = "features results -o features.csv\n"
              "features slide_likelihood_map.tif --mpp 0.243",
  .options = (const GOptionEntry *const[]){ entries, ax_exclude_options, NULL },
  .min_arguments = 1,
  .max_arguments = G_MAXUINT,
  .run = run_features,
};
