#include "core/detect/model-check.h"

#include "core/base/error.h"
#include "core/base/parse.h"
#include "core/detect/scan-turn.h"
#include "core/nn/plan-outputs.h"

#include <math.h>
#include <string.h>

static const char *
get_path (AxModel *model)
{
  const char *path = ax_weights_get_path (ax_model_get_weights (model));

  return path != NULL ? path : ax_model_get_name (model);
}

/* The tumour class's map of one picture: (transfer full), *n_cells values. */
static float *
run_network (AxEngine *engine, AxModel *model, const guint8 *rgb, int height,
             int width, gint64 *n_cells, GError **error)
{
  g_autoptr (AxPlan) plan = ax_plan_new (
      engine, ax_model_get_inference_graph (model),
      ax_model_get_inference_weights (model), 1, height, width, error);
  g_auto (AxPlanOutputs) outputs = { { NULL } };
  float *tumor = NULL;
  gint64 shape[4];

  if (plan == NULL)
    return NULL;
  ax_plan_get_output_shape (plan, 0, shape);
  *n_cells = shape[2] * shape[3];
  if (!ax_plan_outputs_init (&outputs, plan, error)
      || !ax_plan_forward_rgb (plan, rgb, outputs.values, error))
    return NULL;
  tumor = outputs.values[0] + ax_model_get_tumor_class (model) * *n_cells;
  return g_memdup2 (tumor, *n_cells * sizeof (float));
}

static gboolean
check_tile_tensors (AxModel *model, const AxTensorView *input,
                    const AxTensorView *prob, GError **error)
{
  int field = ax_model_get_field (model);

  if (prob == NULL
      || (prob->dtype != AX_DTYPE_F32 && prob->dtype != AX_DTYPE_F64))
    {
      g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
                   "%s: tensor '" AX_MODEL_CHECK_PROB
                   "' is missing or not F32 or F64",
                   get_path (model));
      return FALSE;
    }
  if (input->dtype != AX_DTYPE_U8 || input->rank != 3 || input->shape[2] != 3
      || input->shape[0] < field || input->shape[1] < field
      || input->shape[0] > G_MAXINT16 || input->shape[1] > G_MAXINT16)
    {
      g_autofree char *shape = ax_tensor_view_describe (input);

      g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
                   "%s: tensor '" AX_MODEL_CHECK_INPUT
                   "' is %s, not U8 of height x width x 3 of at least %d",
                   get_path (model), shape, field);
      return FALSE;
    }
  return TRUE;
}

static gboolean
check_tile (AxEngine *engine, AxModel *model, AxModelCheck *check,
            GError **error)
{
  AxWeights *weights = ax_model_get_weights (model);
  const AxTensorView *input = ax_weights_find (weights, AX_MODEL_CHECK_INPUT);
  const AxTensorView *prob = ax_weights_find (weights, AX_MODEL_CHECK_PROB);
  g_autofree float *found = NULL;
  gint64 n_cells = 0, n_stored = 0;

  check->has_tile = input != NULL;
  if (input == NULL)
    return TRUE;
  if (!check_tile_tensors (model, input, prob, error))
    return FALSE;

  found = run_network (engine, model, input->data, input->shape[0],
                       input->shape[1], &n_cells, error);
  if (found == NULL)
    return FALSE;
  if (!ax_tensor_view_count (prob, &n_stored) || n_stored != n_cells)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
                   "%s: tensor '" AX_MODEL_CHECK_PROB "' has %" G_GINT64_FORMAT
                   " values, the tile gives %" G_GINT64_FORMAT,
                   get_path (model), n_stored, n_cells);
      return FALSE;
    }
  check->tile_difference = 0;
  for (gint64 i = 0; i < n_cells; i++)
    check->tile_difference = fmax (
        check->tile_difference, fabs (found[i] - ax_tensor_view_get (prob, i)));
  return TRUE;
}

static gboolean
check_glass (AxEngine *engine, AxModel *model, AxModelCheck *check,
             GError **error)
{
  int field = ax_model_get_field (model);
  gsize bytes = (gsize)field * field * 3;
  g_autofree guint8 *white = g_malloc (bytes);
  g_autofree float *found = NULL;
  gint64 n_cells = 0;

  memset (white, 255, bytes);
  found = run_network (engine, model, white, field, field, &n_cells, error);
  if (found == NULL)
    return FALSE;
  check->glass = 0;
  for (gint64 i = 0; i < n_cells; i++)
    check->glass = fmax (check->glass, found[i]);
  return TRUE;
}

static gboolean
run_checks (AxModel *model, const char *engine, int n_threads,
            AxModelCheck *check, GError **error)
{
  const AxEngineSetup setup = { .n_threads = n_threads };
  g_autoptr (AxEngine) made = ax_engine_new (engine, &setup, error);

  return made != NULL && check_tile (made, model, check, error)
         && check_glass (made, model, check, error);
}

gboolean
ax_model_check_run (AxModel *model, const char *engine, int n_threads,
                    AxModelCheck *check, GError **error)
{
  AxScanTurn turn = { 0 };
  gboolean done;

  g_return_val_if_fail (model != NULL && check != NULL, FALSE);

  ax_scan_turn_wait (&turn);
  done = run_checks (model, engine, n_threads, check, error);
  ax_scan_turn_end (&turn);
  return done;
}

gboolean
ax_model_check_judge (const AxModelCheck *check, const char *path,
                      GError **error)
{
  g_autofree char *name = g_filename_display_name (path);
  char number[AX_FORMAT_BUFFER];

  if (check->has_tile && !(check->tile_difference <= AX_MODEL_CHECK_TILE_LIMIT))
    {
      g_set_error (
          error, AX_ERROR, AX_ERROR_FORMAT,
          "%s: the stored tile's probability is off by %s, more than 0.0001",
          name, ax_format_decimal (number, check->tile_difference, 6));
      return FALSE;
    }
  if (!(check->glass < AX_MODEL_CHECK_GLASS_LIMIT))
    {
      g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
                   "%s: bare glass has the tumour probability %s", name,
                   ax_format_decimal (number, check->glass, 3));
      return FALSE;
    }
  return TRUE;
}
