#include "app/commands.h"

#include "app/console.h"
#include "app/option.h"
#include "core/base/error.h"
#include "core/base/parse.h"
#include "core/detect/model-check.h"
#include "core/nn/graph-shape.h"

#include <math.h>

/* Side of the region, in strides beyond one field, for the cost per pixel. */
#define COST_STRIDES 63

/* What `model info` works out besides the card. */
typedef struct
{
  gint64 n_params;
  int cost_px;
  double flop_per_px;
  char *layers; /* (owned) */
} Facts;

static gint64
count_params (const AxGraph *graph)
{
  gint64 total = 0;

  for (guint i = 0; i < ax_graph_get_n_params (graph); i++)
    {
      const AxGraphParam *param = ax_graph_get_param (graph, i);
      gint64 count = 1;

      if (param->role == AX_PARAM_RUNNING_MEAN
          || param->role == AX_PARAM_RUNNING_VAR)
        continue;
      for (int j = 0; j < param->rank; j++)
        count *= param->shape[j];
      total += count;
    }
  return total;
}

static gboolean
collect_facts (AxModel *model, Facts *facts, GError **error)
{
  AxGraph *graph = ax_model_get_graph (model);
  const AxGraphView *view = ax_graph_get_view (graph);
  g_autofree AxShape *shapes = g_new (AxShape, view->n_nodes);
  int field = ax_model_get_field (model);
  int stride = ax_model_get_stride (model);
  double advance_px = (double)stride * (COST_STRIDES + 1);

  facts->n_params = count_params (graph);
  facts->cost_px = field + stride * COST_STRIDES;
  if (!ax_graph_infer_shapes (view, 1, facts->cost_px, facts->cost_px, shapes,
                              error))
    return FALSE;
  facts->flop_per_px
      = ax_graph_count_flops (view, shapes) / (advance_px * advance_px);

  if (!ax_graph_infer_shapes (view, 1, field, field, shapes, error))
    return FALSE;
  facts->layers = ax_graph_describe (graph, shapes);
  return TRUE;
}

static void
print_info_json (AxModel *model, const Facts *facts)
{
  g_autoptr (AxJsonWriter) json = ax_json_writer_new (TRUE);
  AxWeights *weights = ax_model_get_weights (model);
  g_autoptr (GPtrArray) keys = ax_weights_get_metadata_keys (weights);
  g_auto (GStrv) layers = g_strsplit (facts->layers, "\n", -1);

  ax_json_writer_begin_object (json, NULL);
  ax_json_writer_add_string (json, "file", ax_weights_get_path (weights));
  ax_json_writer_add_string (json, "name", ax_model_get_name (model));
  ax_json_writer_add_string (json, "family", ax_model_get_family (model));
  ax_json_writer_add_string (json, "hash", ax_model_get_hash (model));
  ax_json_writer_add_int (json, "field", ax_model_get_field (model));
  ax_json_writer_add_int (json, "stride", ax_model_get_stride (model));
  ax_json_writer_add_double (json, "mpp", ax_model_get_mpp (model), 6);
  ax_json_writer_add_int (json, "parameters", facts->n_params);
  ax_json_writer_add_double (json, "flop_per_px", facts->flop_per_px, 0);
  ax_json_writer_begin_object (json, "card");
  for (guint i = 0; i < keys->len; i++)
    ax_json_writer_add_string (
        json, keys->pdata[i],
        ax_weights_get_metadata (weights, keys->pdata[i]));
  ax_json_writer_end (json);
  ax_json_writer_begin_array (json, "layers");
  for (char **layer = layers; *layer != NULL; layer++)
    if (**layer != '\0')
      ax_json_writer_add_string (json, NULL, g_strstrip (*layer));
  ax_json_writer_end (json);
  ax_console_print_json (json);
}

static void
print_info_text (AxModel *model, const Facts *facts)
{
  AxWeights *weights = ax_model_get_weights (model);
  g_autoptr (GPtrArray) keys = ax_weights_get_metadata_keys (weights);
  int field = ax_model_get_field (model);
  double mpp = ax_model_get_mpp (model);
  char numbers[4][AX_FORMAT_BUFFER];

  ax_console_print ("%s (%s)\n", ax_model_get_name (model),
                    ax_model_get_family (model));
  ax_console_print ("  sha256      %s\n", ax_model_get_hash (model));
  ax_console_print (
      "  field       %d px = %s µm, stride %d px = %s µm, at %s µm/px\n", field,
      ax_format_decimal (numbers[0], field * mpp, 0),
      ax_model_get_stride (model),
      ax_format_decimal (numbers[1], ax_model_get_stride (model) * mpp, 1),
      ax_format_decimal (numbers[2], mpp, 3));
  ax_console_print ("  parameters  %" G_GINT64_FORMAT "\n", facts->n_params);
  ax_console_print (
      "  cost        %s kFLOP per pixel, in regions of %d px\n",
      ax_format_decimal (numbers[3], facts->flop_per_px / 1000, 1),
      facts->cost_px);
  ax_console_print ("card\n");
  for (guint i = 0; i < keys->len; i++)
    ax_console_print ("  %-18s %s\n", (char *)keys->pdata[i],
                      ax_weights_get_metadata (weights, keys->pdata[i]));
  ax_console_print ("layers, for one field\n%s", facts->layers);
}

static gboolean
show_info (const AxCall *call, AxModel *model, GError **error)
{
  Facts facts = { 0 };

  if (!collect_facts (model, &facts, error))
    return FALSE;
  if (call->json)
    print_info_json (model, &facts);
  else
    print_info_text (model, &facts);
  g_free (facts.layers);
  return TRUE;
}

static void
print_check_json (const char *path, const AxModelCheck *check, gboolean passed)
{
  g_autoptr (AxJsonWriter) json = ax_json_writer_new (TRUE);
  g_autofree char *name = g_filename_display_name (path);

  ax_json_writer_begin_object (json, NULL);
  ax_json_writer_add_string (json, "file", name);
  ax_json_writer_add_bool (json, "passed", passed);
  ax_json_writer_add_bool (json, "has_tile", check->has_tile);
  ax_json_writer_add_double (json, "tile_difference",
                             check->has_tile ? check->tile_difference : NAN, 8);
  ax_json_writer_add_double (json, "tile_limit", AX_MODEL_CHECK_TILE_LIMIT, 8);
  ax_json_writer_add_double (json, "glass", check->glass, 8);
  ax_json_writer_add_double (json, "glass_limit", AX_MODEL_CHECK_GLASS_LIMIT,
                             8);
  ax_console_print_json (json);
}

static void
print_check_text (const AxModelCheck *check)
{
  char numbers[2][AX_FORMAT_BUFFER];

  if (check->has_tile)
    ax_console_print (
        "stored tile  differs by at most %s (limit %s)\n",
        ax_format_decimal (numbers[0], check->tile_difference, 8),
        ax_format_decimal (numbers[1], AX_MODEL_CHECK_TILE_LIMIT, 8));
  else
    ax_console_print ("stored tile  none in this file\n");
  ax_console_print (
      "bare glass   probability %s (limit %s)\n",
      ax_format_decimal (numbers[0], check->glass, 6),
      ax_format_decimal (numbers[1], AX_MODEL_CHECK_GLASS_LIMIT, 2));
}

static gboolean
run_check (const AxCall *call, const char *path, AxModel *model, GError **error)
{
  const char *engine = NULL;
  int n_threads = 0;
  g_autoptr (GError) verdict = NULL;
  AxModelCheck check;
  gboolean passed;

  if (!ax_option_engine (&engine, &n_threads, error)
      || !ax_model_check_run (model, engine, n_threads, &check, error))
    return FALSE;
  passed = ax_model_check_judge (&check, path, &verdict);
  if (call->json)
    print_check_json (path, &check, passed);
  else
    print_check_text (&check);
  if (!passed)
    g_propagate_error (error, g_steal_pointer (&verdict));
  return passed;
}

static void
add_listed_json (AxJsonWriter *json, const AxModel *model)
{
  AxWeights *weights = ax_model_get_weights (model);

  ax_json_writer_begin_object (json, NULL);
  ax_json_writer_add_string (json, "name", ax_model_get_name (model));
  ax_json_writer_add_string (json, "family", ax_model_get_family (model));
  ax_json_writer_add_double (json, "mpp", ax_model_get_mpp (model), 6);
  ax_json_writer_add_string (json, "file", ax_weights_get_path (weights));
  ax_json_writer_end (json);
}

static void
print_listed_text (const AxModel *model)
{
  char number[AX_FORMAT_BUFFER];

  ax_console_print ("%-16s %-10s %s µm/px  %s\n", ax_model_get_name (model),
                    ax_model_get_family (model),
                    ax_format_decimal (number, ax_model_get_mpp (model), 3),
                    ax_weights_get_path (ax_model_get_weights (model)));
}

/* One that cannot be loaded is named, and the others are listed. */
static gboolean
run_list (const AxCall *call)
{
  g_autoptr (GPtrArray) names = ax_model_list_names ();
  g_autoptr (AxJsonWriter) json = ax_json_writer_new (TRUE);

  ax_json_writer_begin_object (json, NULL);
  ax_json_writer_begin_array (json, "models");
  for (guint i = 0; i < names->len; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (AxModel) model = ax_model_load (names->pdata[i], &error);

      if (model == NULL)
        ax_console_note ("%s", error->message);
      else if (call->json)
        add_listed_json (json, model);
      else
        print_listed_text (model);
    }
  ax_json_writer_end (json);
  if (call->json)
    ax_console_print_json (json);
  else if (names->len == 0)
    ax_console_note ("no network came with this program");
  return TRUE;
}

static gboolean
run_model (AxCall *call, GError **error)
{
  const char *action = call->arguments[0];
  const char *path = call->arguments[1];
  g_autoptr (AxModel) model = NULL;
  const gboolean is_info = g_str_equal (action, "info");
  const gboolean is_list = g_str_equal (action, "list");

  if (!is_info && !is_list && !g_str_equal (action, "check"))
    g_set_error (error, AX_USAGE_ERROR, AX_USAGE_ERROR_WRONG,
                 "model: '%s' is none of list, info, check", action);
  else if (is_list != (path == NULL))
    g_set_error (error, AX_USAGE_ERROR, AX_USAGE_ERROR_WRONG,
                 is_list ? "model %s takes no file" : "model %s needs a file",
                 action);
  else if (is_list)
    return run_list (call);
  else
    model = ax_model_load (path, error);
  if (model == NULL)
    return FALSE;
  return is_info ? show_info (call, model, error)
                 : run_check (call, path, model, error);
}

const AxCommand ax_command_model = {
  .name = "model",
  .section = "Networks and machine",
  .summary = "what a weights file is, and whether it works here",
  .usage = "list | info FILE | check FILE",
  .details
  = "`list` names the networks that came with this program. `info` prints the "
    "model card, the layers with their output for one "
    "field, the field and stride, the number of parameters and the cost per "
    "pixel. `check` runs the network on the tile that the file itself holds "
    "and compares with the probability stored beside it; bare white glass "
    "must stay below 0.5 in any case. FILE may be the name of a shipped "
    "network.\n\n"
    "A weights file is safetensors. Its metadata is the model card; all "
    "values are text:\n\n"
    "  axilla.family   scannet, unet or attention\n"
    "  axilla.arch     as below\n"
    "  mpp             µm per pixel of its input\n"
    "  field, stride   in pixels, as the layers give them\n"
    "  mean, std       of red, green, blue, each 0 to 1: [0.6, 0.6, 0.6]\n"
    "  classes         [\"normal\", \"tumor\"]\n"
    "  temperature     by which the logits are divided\n"
    "  learnt          outputs that were trained: [\"tumor\"]; without it, "
    "all\n"
    "  cascade         for the first network of `detect --cascade`:\n"
    "                  {\"threshold\": 0.02, \"lesion_recall\": 0.997,\n"
    "                  \"lesions\": 412}: the share of so many validation\n"
    "                  lesions that reach the threshold at α = 2\n\n"
    "scannet: {\"blocks\": [2, 2], \"widths\": [64, 128], \"head\": [256], "
    "\"batch_norm\": false}. Tensors are named as in torchvision's vgg: "
    "features.N.weight and .bias, with .running_mean and .running_var for "
    "batch norm; the head's layers are head.0, head.1 and so on.\n\n"
    "unet: {\"depth\": 4, \"width\": 32, \"dropout\": 0.5}. For each level L "
    "from 1, the finest, downL.conv1, .norm1, .conv2, .norm2; the same of "
    "bottom and upL; upL.transpose; head. It gives a probability for each "
    "pixel; the map averages cells of stride / α pixels. The stride is "
    "2^depth, the field a cell of one stride with the margin that is thrown "
    "away around it.\n\n"
    "attention: {\"blocks\": [2, 2], \"widths\": [32, 64], \"attention\": "
    "[0, 1], \"reduction\": 8, \"head\": 256}. For each block B from 1, "
    "blockB.convI, .normI and, with attention, .squeeze, .excite, .spatial; "
    "head.hidden, head.tumor and head.fraction.\n\n"
    "For `check`: `check.input` (U8, height × width × 3, RGB) and `check.prob` "
    "(F32 or F64, one value a cell of the tumour map at α = 1; a tile of one "
    "field has one cell).",
  .examples = "model list\n"
              "model info weights.safetensors\n"
              "model check weights.safetensors --engine ref",
  .options = (const GOptionEntry *const[]){ ax_engine_options, NULL },
  .min_arguments = 1,
  .max_arguments = 2,
  .run = run_model,
};
