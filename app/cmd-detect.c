#include "app/commands.h"

#include "app/console.h"
#include "app/detection.h"
#include "app/interrupt.h"
#include "app/option.h"
#include "app/results.h"
#include "core/base/error.h"

static struct
{
  char *alpha, *roi, *region, *mpp, *tissue;
  gboolean naive;
  char *store;
} options;

static const GOptionEntry entries[] = {
  { "region", 0, 0, G_OPTION_ARG_STRING, &options.region,
    "look only here, in pixels of level 0", "X,Y,W,H" },
  { "mpp", 0, 0, G_OPTION_ARG_STRING, &options.mpp,
    "µm per pixel of level 0, for files that have none", "M" },
  { "tissue", 0, 0, G_OPTION_ARG_FILENAME, &options.tissue,
    "auto, none (look everywhere) or a mask picture (auto)", "WHAT" },
  { "alpha", 0, 0, G_OPTION_ARG_STRING, &options.alpha,
    "how many times finer than the network's stride the map is: 1, 2, 4, 8, "
    "16 or 32 (2)",
    "N" },
  { "naive", 0, 0, G_OPTION_ARG_NONE, &options.naive,
    "compute the dense map by alpha² shifted passes, for comparison", NULL },
  { "roi", 0, 0, G_OPTION_ARG_STRING, &options.roi,
    "side of the region run at once, in pixels of the network", "PX" },
  { "store", 0, 0, G_OPTION_ARG_FILENAME, &options.store,
    "where finished work is kept; none keeps nothing (the user's own)",
    "FILE" },
  { NULL },
};

/* The outcome of all slides so far. */
typedef struct
{
  AxJsonWriter *json; /* (nullable) */
  GPtrArray *paths;   /* of slides that failed */
  GPtrArray *reasons; /* (element-type GError) */
} Outcome;

/* What is 0 or empty is left to the model. */
static gboolean
parse_scan_options (AxScanOptions *scan, GError **error)
{
  scan->naive = options.naive;
  if (!ax_option_int (options.alpha, "--alpha", 1, 32, &scan->alpha, error)
      || !ax_option_int (options.roi, "--roi", 1, 8192, &scan->roi_px, error)
      || !ax_option_rect (options.region, "--region", &scan->region, error))
    return FALSE;
  if ((scan->alpha & (scan->alpha - 1)) == 0)
    return TRUE;
  g_set_error (error, AX_USAGE_ERROR, AX_USAGE_ERROR_WRONG,
               "--alpha: %d is not one of 1, 2, 4, 8, 16, 32", scan->alpha);
  return FALSE;
}

static void
complete_scan_options (AxScanOptions *scan, const AxModel *model)
{
  AxScanOptions defaults;

  ax_scan_options_init (&defaults, model);
  defaults.naive = scan->naive;
  defaults.region = scan->region;
  defaults.output = scan->output;
  if (scan->alpha > 0)
    defaults.alpha = scan->alpha;
  if (scan->roi_px > 0)
    defaults.roi_px = scan->roi_px;
  *scan = defaults;
}

/* Two slides of one name would overwrite each other's results. */
static gboolean
check_stems (const AxCall *call, const char *folder, GError **error)
{
  g_autoptr (GHashTable) seen
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < call->n_arguments; i++)
    {
      char *path = call->arguments[i];
      char *target = ax_export_get_path (path, folder, AX_EXPORT_JSON);
      const char *other = g_hash_table_lookup (seen, target);

      if (other != NULL)
        {
          g_set_error (error, AX_USAGE_ERROR, AX_USAGE_ERROR_WRONG,
                       "%s and %s would write the same files; give them "
                       "folders of their own",
                       other, path);
          g_free (target);
          return FALSE;
        }
      g_hash_table_insert (seen, target, path);
    }
  return TRUE;
}

static gboolean
parse_detection (const AxCall *call, AxDetection *detection, GError **error)
{
  *detection = (AxDetection){
    .tissue = options.tissue != NULL ? options.tissue : "auto",
    .lesion = AX_LESION_PARAMS_DEFAULT,
    .formats = AX_EXPORT_ALL,
    .progress = call->progress,
  };
  if (!ax_option_results (&detection->folder, &detection->formats, error)
      || !ax_option_lesion_params (&detection->lesion, error)
      || !ax_option_mpp (options.mpp, &detection->mpp, error)
      || !ax_option_engine (&detection->engine, &detection->n_threads, error)
      || !parse_scan_options (&detection->scan, error))
    return FALSE;
  if (detection->folder == NULL)
    {
      g_set_error_literal (error, AX_USAGE_ERROR, AX_USAGE_ERROR_WRONG,
                           "-o is needed: a folder for the result files");
      return FALSE;
    }
  return check_stems (call, detection->folder, error);
}

static gboolean
open_store (AxStore **store, GError **error)
{
  if (options.store != NULL && g_str_equal (options.store, "none"))
    return TRUE;
  *store = ax_store_open (options.store, error);
  return *store != NULL;
}

static void
on_result (const AxResult *result, const GPtrArray *written, gpointer user_data)
{
  Outcome *outcome = user_data;

  if (outcome->json != NULL)
    ax_result_add_json (result, outcome->json, NULL);
  else
    ax_results_print (result, written);
}

/* Whether nothing is wrong with the slide, so that another time may do. */
static gboolean
is_passing (const GError *reason)
{
  static const AxErrorCode codes[]
      = { AX_ERROR_CANCELLED, AX_ERROR_BUSY,   AX_ERROR_NO_DEVICE,
          AX_ERROR_DEVICE,    AX_ERROR_MEMORY, AX_ERROR_ABI };

  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    if (g_error_matches (reason, AX_ERROR, codes[i]))
      return TRUE;
  return FALSE;
}

static void
add_failures (const Outcome *outcome)
{
  ax_json_writer_begin_array (outcome->json, "failed");
  for (guint i = 0; i < outcome->paths->len; i++)
    {
      const GError *reason = outcome->reasons->pdata[i];
      g_autofree char *name
          = g_filename_display_name (outcome->paths->pdata[i]);

      ax_json_writer_begin_object (outcome->json, NULL);
      ax_json_writer_add_string (outcome->json, "file", name);
      ax_json_writer_add_string (outcome->json, "why", reason->message);
      ax_json_writer_add_bool (outcome->json, "retry", is_passing (reason));
      ax_json_writer_end (outcome->json);
    }
  ax_json_writer_end (outcome->json);
}

/* A slide that fails is reported; the others go on. */
static void
detect_slides (AxCall *call, const AxDetection *detection, Outcome *outcome)
{
  for (guint i = 0; i < call->n_arguments; i++)
    {
      GError *error = NULL;

      if (ax_detection_run (detection, call->arguments[i], on_result, outcome,
                            &error))
        continue;
      ax_console_report (error);
      call->failed = TRUE;
      g_ptr_array_add (outcome->paths, call->arguments[i]);
      g_ptr_array_add (outcome->reasons, error);
      if (g_cancellable_is_cancelled (detection->cancellable))
        break;
    }
}

static gboolean
run_detect (AxCall *call, GError **error)
{
  g_autoptr (AxModel) model = NULL;
  g_autoptr (AxModel) first = NULL;
  g_autoptr (AxStore) store = NULL;
  g_autoptr (AxJsonWriter) json = NULL;
  g_autoptr (GPtrArray) paths = g_ptr_array_new ();
  g_autoptr (GPtrArray) reasons
      = g_ptr_array_new_with_free_func ((GDestroyNotify)g_error_free);
  Outcome outcome = { .paths = paths, .reasons = reasons };
  AxDetection detection;

  if (!parse_detection (call, &detection, error))
    return FALSE;
  model = ax_option_load_model (error);
  if (model == NULL || !ax_option_map (model, &detection.scan.output, error)
      || !ax_option_load_first (model, &first, &detection.screening, error)
      || !open_store (&store, error)
      || !ax_results_prepare_folder (detection.folder, error))
    return FALSE;
  complete_scan_options (&detection.scan, model);
  detection.model = model;
  detection.first = first;
  detection.store = store;
  detection.cancellable = ax_interrupt_watch ();

  if (call->json)
    {
      json = outcome.json = ax_json_writer_new (TRUE);
      ax_json_writer_begin_object (json, NULL);
      ax_json_writer_begin_array (json, "slides");
    }
  detect_slides (call, &detection, &outcome);
  if (call->json)
    {
      ax_json_writer_end (json);
      add_failures (&outcome);
      ax_console_print_json (json);
    }
  else if (paths->len < call->n_arguments)
    ax_console_print (AX_RESULT_NOTICE "\n");
  return TRUE;
}

const AxCommand ax_command_detect = {
  .name = "detect",
  .section = "Find tumour",
  .summary = "scan slides with a network, measure and export the lesions",
  .usage = "SLIDE... -o DIR [--model MODEL]",
  .details
  = "Finds the tissue, runs the network over it, takes the cells of the "
    "probability map above the threshold as lesions and writes, for each "
    "slide:\n\n"
    "  DIR/<slide>.xml                 outlines for ASAP\n"
    "  DIR/<slide>.geojson             outlines for QuPath\n"
    "  DIR/<slide>.imagescope.xml      outlines for ImageScope\n"
    "  DIR/<slide>_likelihood_map.tif  the map; ASAP shows it by itself\n"
    "  DIR/<slide>.csv                 probability,X,Y of each lesion\n"
    "  DIR/<slide>.json                everything, with sizes and classes\n\n"
    "Sizes: macro is over 2 mm, micro over 0.2 mm, ITC the rest. The range "
    "in brackets is the diameter at the threshold plus and minus 0.15.\n\n"
    "Finished work is kept in a store as it is done: after Ctrl+C or a crash "
    "the same command goes on where it stopped, and another threshold needs "
    "no new scan. With --cascade, a quicker network of less magnification "
    "looks first; fields that it is confident hold no tumour are not examined "
    "by --model, and the area left out is reported. It must state on its card "
    "that it finds at least 99.5 % of validation lesions. A slide that cannot "
    "be read does not stop the others; the exit status is then 1. A map "
    "without small deposits is no proof that there are none.",
  .examples
  = "detect slide.svs -o out\n"
    "detect *.tif -o out --model weights.safetensors -t 0.7\n"
    "detect slide.svs -o out --region 10000,20000,4096,4096\n"
    "detect slide.svs -o out -m a.safetensors --cascade b.safetensors",
  .options
  = (const GOptionEntry *const[]){ ax_result_options, ax_model_options,
                                   ax_network_options, ax_lesion_options,
                                   entries, ax_engine_options, NULL },
  .min_arguments = 1,
  .max_arguments = G_MAXUINT,
  .run = run_detect,
};
