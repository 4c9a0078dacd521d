#include "app/commands.h"

#include "app/console.h"
#include "app/option.h"
#include "app/results.h"
#include "core/detect/likelihood-tiff.h"

#include <math.h>

static struct
{
  char *mpp, *step, *scale_max;
} options;

static const GOptionEntry entries[] = {
  { "mpp", 0, 0, G_OPTION_ARG_STRING, &options.mpp,
    "µm per pixel of the slide's level 0 (required)", "M" },
  { "step", 0, 0, G_OPTION_ARG_STRING, &options.step,
    "level-0 pixels per cell of the map, where the file does not say", "PX" },
  { "scale-max", 0, 0, G_OPTION_ARG_STRING, &options.scale_max,
    "value that stands for probability 1 (1 in float maps, 255 or 65535 in "
    "others)",
    "V" },
  { NULL },
};

static double
measure_analysed_mm2 (AxProbMap *map)
{
  const AxProbGeometry *geometry = ax_prob_map_get_geometry (map);
  gint64 histogram[256];

  return ax_prob_map_count (map, histogram) * geometry->cell.x * geometry->mpp.x
         * geometry->cell.y * geometry->mpp.y / 1e6;
}

static gboolean
report_result (const AxCall *call, const AxResult *result, const char *folder,
               AxExportFlags formats, GError **error)
{
  g_autoptr (GPtrArray) written = g_ptr_array_new_with_free_func (g_free);

  if (folder != NULL
      && !ax_result_write (result, folder, formats, written, NULL, error))
    return FALSE;

  if (call->json)
    {
      g_autoptr (AxJsonWriter) json = ax_json_writer_new (TRUE);

      ax_json_writer_begin_object (json, NULL);
      ax_json_writer_begin_array (json, "slides");
      ax_result_add_json (result, json, NULL);
      ax_json_writer_end (json);
      ax_console_print_json (json);
    }
  else
    ax_results_print (result, written);
  return TRUE;
}

static gboolean
run_lesions (AxCall *call, GError **error)
{
  const char *path = call->arguments[0];
  AxLesionParams params = AX_LESION_PARAMS_DEFAULT;
  const char *folder = NULL;
  AxExportFlags formats = AX_EXPORT_ALL;
  AxScale mpp = { 0, 0 };
  double step = 0, scale_max = 0;
  g_autoptr (AxProbMap) map = NULL;
  g_autoptr (AxLesionSet) lesions = NULL;
  const AxProbGeometry *geometry = NULL;
  AxResult result = { .slide_path = path };

  if (!ax_option_mpp (options.mpp, &mpp, error)
      || !ax_option_double (options.step, "--step", 0.01, 1e6, &step, error)
      || !ax_option_double (options.scale_max, "--scale-max", 1e-6, 1e9,
                            &scale_max, error)
      || !ax_option_lesion_params (&params, error)
      || !ax_option_results (&folder, &formats, error))
    return FALSE;
  if (options.mpp == NULL)
    {
      g_set_error_literal (error, AX_USAGE_ERROR, AX_USAGE_ERROR_WRONG,
                           "--mpp is needed: µm per pixel of level 0");
      return FALSE;
    }
  if (folder != NULL
      && (!ax_results_prepare_folder (folder, error)
          || !ax_result_check_targets (path, folder, formats, error)))
    return FALSE;

  map = ax_likelihood_read (path, scale_max, step, mpp, error);
  if (map == NULL)
    return FALSE;
  lesions = ax_lesion_set_extract (map, &params, NULL, error);
  if (lesions == NULL)
    return FALSE;

  geometry = ax_prob_map_get_geometry (map);
  result.extent = (AxRect0){
    .width = ceil (geometry->width * geometry->cell.x),
    .height = ceil (geometry->height * geometry->cell.y),
  };
  result.mpp = geometry->mpp;
  result.analysed_mm2 = measure_analysed_mm2 (map);
  result.tissue_mm2 = result.analysed_mm2;
  result.map = map;
  result.lesions = lesions;
  return report_result (call, &result, folder, formats, error);
}

const AxCommand ax_command_lesions = {
  .name = "lesions",
  .section = "Find tumour",
  .summary = "lesions of a probability map that exists already",
  .usage = "MAP --mpp M [--threshold P] [-o DIR]",
  .details
  = "Reads a single-channel map (float32, 8 or 16-bit TIFF, PNG or JPEG), "
    "cuts it at the threshold and measures what is left as `detect` does: "
    "8-connected components, their score (highest probability), greatest "
    "diameter and size class. Maps written by `detect` know their own "
    "pitch; for others give --step.\n\n"
    "Sizes: macro is over 2 mm, micro over 0.2 mm, ITC the rest. The range "
    "in brackets is the diameter at the threshold plus and minus 0.15.",
  .examples = "lesions slide_likelihood_map.tif --mpp 0.243 --threshold 0.7\n"
              "lesions heat.png --mpp 0.243 --step 32 --scale-max 200 -o out",
  .options = (const GOptionEntry *const[]){ entries, ax_lesion_options,
                                            ax_result_options, NULL },
  .min_arguments = 1,
  .max_arguments = 1,
  .run = run_lesions,
};
