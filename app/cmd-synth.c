#include "app/commands.h"

#include "app/console.h"
#include "app/interrupt.h"
#include "app/option.h"
#include "app/progress.h"
#include "core/base/parse.h"
#include "core/synth/synth.h"

static struct
{
  char *output, *truth, *lesions;
  char *size, *seed, *mpp, *stain;
  gboolean no_folds, pen, no_defocus;
} options;

static const GOptionEntry entries[] = {
  { "output", 'o', 0, G_OPTION_ARG_FILENAME, &options.output,
    "the slide to write", "SLIDE.tif" },
  { "truth", 't', 0, G_OPTION_ARG_FILENAME, &options.truth,
    "its metastases as ASAP annotations", "SLIDE.xml" },
  { "lesions", 'l', 0, G_OPTION_ARG_STRING, &options.lesions,
    "classes with numbers, or diameters in µm", "LIST" },
  { "size", 0, 0, G_OPTION_ARG_STRING, &options.size,
    "level-0 pixels (16000,12000)", "W,H" },
  { "seed", 's', 0, G_OPTION_ARG_STRING, &options.seed,
    "another seed is another slide (1)", "N" },
  { "mpp", 0, 0, G_OPTION_ARG_STRING, &options.mpp,
    "µm per pixel of level 0 (0.243)", "M" },
  { "stain", 0, 0, G_OPTION_ARG_STRING, &options.stain,
    "how far the stain may stray, 0 to 1 (1)", "V" },
  { "no-folds", 0, 0, G_OPTION_ARG_NONE, &options.no_folds, "no folded tissue",
    NULL },
  { "no-defocus", 0, 0, G_OPTION_ARG_NONE, &options.no_defocus,
    "all of it in focus", NULL },
  { "pen", 0, 0, G_OPTION_ARG_NONE, &options.pen, "a pen mark on the glass",
    NULL },
  { NULL },
};

static gboolean
read_size (AxSynthSpec *spec, GError **error)
{
  g_autoptr (GArray) sides = NULL;

  if (options.size == NULL)
    return TRUE;
  sides = ax_parse_int_list (options.size, "--size", 512, 1000000, error);
  if (sides == NULL)
    return FALSE;
  if (sides->len != 2)
    {
      g_set_error (error, AX_USAGE_ERROR, AX_USAGE_ERROR_WRONG,
                   "--size: needs two numbers, W,H");
      return FALSE;
    }
  spec->width = g_array_index (sides, gint64, 0);
  spec->height = g_array_index (sides, gint64, 1);
  return TRUE;
}

static gboolean
read_spec (AxSynthSpec *spec, GError **error)
{
  gint64 seed = 1;

  if (options.seed != NULL
      && !ax_parse_int (options.seed, "--seed", 0, G_MAXINT64, &seed, error))
    return FALSE;
  ax_synth_spec_init (spec, (guint64)seed, 16000, 12000);
  spec->folds = !options.no_folds;
  spec->pen = options.pen;
  spec->defocus = !options.no_defocus;
  return read_size (spec, error)
         && ax_option_double (options.mpp, "--mpp", 0.1, 2.0, &spec->mpp, error)
         && ax_option_double (options.stain, "--stain", 0.0, 1.0,
                              &spec->stain_variation, error);
}

static void
on_progress (double share, gpointer progress)
{
  ax_progress_update (progress, share, "");
}

static void
print_result (const AxCall *call, const GArray *diameters)
{
  g_autofree char *name = g_filename_display_name (options.output);
  g_autoptr (AxJsonWriter) json = NULL;

  if (!call->json)
    {
      ax_console_print ("%s: %u metastas%s\n", name, diameters->len,
                        diameters->len == 1 ? "is" : "es");
      return;
    }
  json = ax_json_writer_new (TRUE);
  ax_json_writer_begin_object (json, NULL);
  ax_json_writer_add_string (json, "file", name);
  ax_json_writer_begin_array (json, "lesions");
  for (guint i = 0; i < diameters->len; i++)
    {
      double diameter = g_array_index (diameters, double, i);

      ax_json_writer_begin_object (json, NULL);
      ax_json_writer_add_double (json, "diameter_um", diameter, 2);
      ax_json_writer_add_string (
          json, "class",
          ax_size_class_get_name (ax_size_class_from_um (diameter)));
      ax_json_writer_end (json);
    }
  ax_json_writer_end (json);
  ax_console_print_json (json);
}

static gboolean
run_synth (AxCall *call, GError **error)
{
  AxSynthSpec spec;
  g_autoptr (GArray) diameters = NULL;
  g_autoptr (AxAnnotationSet) truth = NULL;
  g_autoptr (AxProgress) progress = NULL;

  if (options.output == NULL)
    {
      g_set_error (error, AX_USAGE_ERROR, AX_USAGE_ERROR_WRONG,
                   "needs -o SLIDE.tif");
      return FALSE;
    }
  if (!read_spec (&spec, error))
    return FALSE;
  diameters = ax_synth_lesions_parse (
      options.lesions != NULL ? options.lesions : "", &spec, error);
  if (diameters == NULL)
    return FALSE;
  spec.diameters_um = (const double *)diameters->data;
  spec.n_diameters = diameters->len;
  progress = ax_progress_new (options.output, call->progress);
  if (!ax_synth_write (&spec, options.output, &truth, on_progress, progress,
                       ax_interrupt_watch (), error))
    return FALSE;
  g_clear_pointer (&progress, ax_progress_free);
  if (options.truth != NULL
      && !ax_annot_write (truth, options.truth, AX_ANNOT_FORMAT_ASAP, NULL,
                          NULL, error))
    return FALSE;
  print_result (call, diameters);
  return TRUE;
}

const AxCommand ax_command_synth = {
  .name = "synth",
  .section = "Synthetic slides",
  .summary = "a procedural lymph-node slide with known metastases",
  .usage = "-o SLIDE.tif [--truth SLIDE.xml] [--lesions LIST]",
  .details
  = "Draws a lymph node by rule: capsule, sinuses, cortex with follicles, "
    "medulla, vessels and fat, and metastases of chosen size, whose outlines "
    "are known exactly. The slide is a pyramidal JPEG TIFF with µm/px. The "
    "same seed and size give the same slide.\n\n"
    "LIST: macro:1,micro:2,itc:3 or diameters in µm (2600,400,90), or both.\n\n"
    "Such slides are for trying things out, for tests and for training; they "
    "say nothing about how well a model does on real tissue.",
  .examples = "synth -o node.tif --truth node.xml --lesions micro:2,itc:2\n"
              "synth -o negative.tif --seed 7",
  .options = (const GOptionEntry *const[]){ entries, NULL },
  .run = run_synth,
};
