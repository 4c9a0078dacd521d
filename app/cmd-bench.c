#include "app/commands.h"

#include "app/bench.h"
#include "app/console.h"
#include "app/option.h"
#include "core/base/error.h"

static struct
{
  char *model;
  char *slide;
} options;

static const GOptionEntry entries[] = {
  { "model", 'm', 0, G_OPTION_ARG_FILENAME, &options.model,
    "scannet, scannet-10x, unet, unet-16, attention-10x or attention-5x, with "
    "random weights if need be, or a weights file (scannet)",
    "MODEL" },
  { "slide", 0, 0, G_OPTION_ARG_FILENAME, &options.slide,
    "also measure reading and scanning this slide, all of it", "SLIDE" },
  { NULL },
};

/* Speed does not depend on the weights' values. */
static AxModel *
load_model (GError **error)
{
  const char *name = options.model != NULL ? options.model : "scannet";
  g_autoptr (GError) local = NULL;
  AxModel *model = ax_model_load (name, &local);

  if (model == NULL && g_error_matches (local, AX_ERROR, AX_ERROR_NOT_FOUND))
    model = ax_model_new_random (name, 1, NULL);
  if (model == NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  return model;
}

static void
clear_result (gpointer result)
{
  g_free (((AxBenchResult *)result)->name);
}

static void
print_json (const AxBench *bench)
{
  g_autoptr (AxJsonWriter) json = ax_json_writer_new (TRUE);

  ax_json_writer_begin_object (json, NULL);
  ax_json_writer_begin_array (json, "results");
  for (guint i = 0; i < bench->results->len; i++)
    {
      const AxBenchResult *result
          = &g_array_index (bench->results, AxBenchResult, i);

      ax_json_writer_begin_object (json, NULL);
      ax_json_writer_add_string (json, "name", result->name);
      ax_json_writer_add_double (json, "value", result->value, 4);
      ax_json_writer_add_string (json, "unit", result->unit);
      ax_json_writer_add_double (json, "peak_fraction", result->peak_fraction,
                                 4);
      ax_json_writer_end (json);
    }
  ax_json_writer_end (json);
  ax_console_print_json (json);
}

static gboolean
measure (AxBench *bench, AxModel *model, GError **error)
{
  ax_bench_peak (bench);
  if (!ax_bench_network (bench, model, error))
    return FALSE;
  if (options.slide != NULL
      && !ax_bench_slide (bench, model, options.slide, error))
    return FALSE;
  return ax_bench_lesions (bench, error);
}

static gboolean
run_bench (AxCall *call, GError **error)
{
  g_autoptr (GArray) results
      = g_array_new (FALSE, FALSE, sizeof (AxBenchResult));
  g_autoptr (AxModel) model = NULL;
  AxBench bench = { .n_threads = g_get_num_processors (),
                    .quiet = call->json,
                    .results = results };

  g_array_set_clear_func (results, clear_result);
  if (!ax_option_engine (&bench.engine, &bench.n_threads, error))
    return FALSE;
  model = load_model (error);
  if (model == NULL || !measure (&bench, model, error))
    return FALSE;
  if (call->json)
    print_json (&bench);
  return TRUE;
}

const AxCommand ax_command_bench = {
  .name = "bench",
  .section = "Networks and machine",
  .summary = "how fast this machine is at each part of the work",
  .usage = "[--model MODEL] [--engine NAME] [--slide SLIDE]",
  .details
  = "Measures the machine's peak in fused multiply-adds, then the network's "
    "forward passes as a share of it, the tissue it goes over in a second at "
    "α = 1, what a dense map at α = 2 costs in the shared and in the naive "
    "form, the decoding of tiles, a scan of a whole "
    "slide, and the extraction of lesions from a map of 12,500 × 6,250 cells. "
    "Each figure is the best of at least three runs, the scan a single one. "
    "The reference engine gets one field only.",
  .examples = "bench --model scannet\n"
              "bench --slide slide.svs --json",
  .options = (const GOptionEntry *const[]){ entries, ax_engine_options, NULL },
  .run = run_bench,
};
