#include "core/train/trainer.h"

#include "core/base/error.h"
#include "core/nn/safetensors.h"
#include "core/nn/tensor.h"
#include "core/train/trainer-private.h"
#include "core/train/weights-copy.h"

#include <math.h>
#include <string.h>

/*
 * A run as safetensors: states of the parameters, averages and best weights
 * under their names behind a prefix; the counters and the curve as float64, so
 * that they come back bit by bit; the settings as text.
 */
#define KEY_SETTINGS "axilla.training"
#define STATE_TENSOR "run/state"
#define CURVE_TENSOR "run/curve"
#define AVERAGE_PREFIX "average/"
#define BEST_PREFIX "best/"

static const char *const state_prefixes[] = {
  [AX_STATE_VALUE] = "value/",
  [AX_STATE_MOMENT1] = "moment1/",
  [AX_STATE_MOMENT2] = "moment2/",
};

static const AxTrainState kept_states[]
    = { AX_STATE_VALUE, AX_STATE_MOMENT1, AX_STATE_MOMENT2 };

/* What of the card says which network it is. */
static const char *const network_keys[] = { "axilla.family", "axilla.arch" };

enum
{
  COUNT_STEPS,
  COUNT_BATCHES,
  COUNT_LOSS,
  COUNT_BEST_EPOCH,
  COUNT_BEST_FIGURE,
  N_COUNTS,
};

#define N_COLUMNS 10

static void
row_to_numbers (const AxTrainRow *row, double numbers[N_COLUMNS])
{
  const double all[N_COLUMNS]
      = { row->epoch,     row->loss,           row->valid_loss,
          row->valid_auc, row->valid_accuracy, row->valid_ece,
          row->rate,      row->samples_per_s,  row->consumer_wait,
          row->n_failed };
  memcpy (numbers, all, sizeof all);
}

static AxTrainRow
row_from_numbers (const double numbers[N_COLUMNS])
{
  return (AxTrainRow){
    .epoch = (guint)numbers[0],
    .loss = numbers[1],
    .valid_loss = numbers[2],
    .valid_auc = numbers[3],
    .valid_accuracy = numbers[4],
    .valid_ece = numbers[5],
    .rate = numbers[6],
    .samples_per_s = numbers[7],
    .consumer_wait = numbers[8],
    .n_failed = (guint)numbers[9],
  };
}

static gboolean
uses_state (const AxTrainer *self, AxTrainState state)
{
  return state != AX_STATE_MOMENT2 || self->spec.optim.kind == AX_OPTIM_ADAM;
}

/* Everything that the next loss depends on and that is not in the file. */
static char *
describe_settings (const AxTrainer *self)
{
  const AxOptim *o = &self->spec.optim;
  const AxSchedule *s = &o->schedule;
  GString *text = g_string_new (NULL);
  const struct
  {
    const char *name;
    double value;
  } numbers[] = {
    { "batch", self->spec.batch },
    { "epochs", self->spec.n_epochs },
    { "samples", self->spec.n_samples },
    { "optimizer", o->kind },
    { "nesterov", o->nesterov },
    { "rate", o->rate },
    { "momentum", o->momentum },
    { "beta2", o->beta2 },
    { "epsilon", o->epsilon },
    { "weight-decay", o->weight_decay },
    { "schedule", s->kind },
    { "steps", (double)s->n_steps },
    { "warm-up", (double)s->n_warm_up },
    { "period", (double)s->period },
    { "gamma", s->gamma },
    { "power", s->power },
    { "final", s->final },
    { "head-rate", self->spec.head_rate },
    { "average", self->spec.average },
    { "symmetry", self->spec.symmetry },
    { "items", self->n_items },
    { "seed", (double)ax_sampler_get_seed (self->sampler) },
  };
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      char number[G_ASCII_DTOSTR_BUF_SIZE];
      g_ascii_dtostr (number, sizeof number, numbers[i].value);
      g_string_append_printf (text, "%s%s=%s", i > 0 ? " " : "",
                              numbers[i].name, number);
    }
  if (self->spec.samples_as != NULL)
    g_string_append_printf (text, " %s", self->spec.samples_as);
  return g_string_free (text, FALSE);
}

static gboolean
add_numbers (AxTrainer *self, AxWeights *weights, GError **error)
{
  const double counts[N_COUNTS] = {
    [COUNT_STEPS] = (double)self->n_steps,
    [COUNT_BATCHES] = self->n_batches_done,
    [COUNT_LOSS] = self->loss_sum,
    [COUNT_BEST_EPOCH] = self->best_epoch,
    [COUNT_BEST_FIGURE] = self->best_figure,
  };
  const gint64 state_shape[] = { N_COUNTS };
  const gint64 curve_shape[] = { self->curve->len, N_COLUMNS };
  g_autofree double *rows
      = g_new0 (double, MAX (self->curve->len, 1) * N_COLUMNS);
  for (guint i = 0; i < self->curve->len; i++)
    row_to_numbers (&g_array_index (self->curve, AxTrainRow, i),
                    rows + (gsize)i * N_COLUMNS);
  if (ax_weights_add (weights, STATE_TENSOR, AX_DTYPE_F64, 1, state_shape,
                      counts)
          != NULL
      && ax_weights_add (weights, CURVE_TENSOR, AX_DTYPE_F64, 2, curve_shape,
                         rows)
             != NULL)
    return TRUE;
  g_set_error_literal (error, AX_ERROR, AX_ERROR_MEMORY,
                       "no memory for a checkpoint");
  return FALSE;
}

gboolean
ax_trainer_save (AxTrainer *self, const char *path, GError **error)
{
  g_return_val_if_fail (self != NULL && path != NULL, FALSE);
  g_autoptr (AxWeights) weights = ax_weights_new ();
  g_autofree char *settings = describe_settings (self);
  for (guint i = 0; i < G_N_ELEMENTS (kept_states); i++)
    if (uses_state (self, kept_states[i])
        && !ax_trainer_pull (self, kept_states[i],
                             state_prefixes[kept_states[i]], weights, error))
      return FALSE;
  if ((self->average != NULL
       && !ax_weights_add_copies (weights, AVERAGE_PREFIX, self->average,
                                  error))
      || (self->best != NULL
          && !ax_weights_add_copies (weights, BEST_PREFIX, self->best, error)))
    return FALSE;
  /* Before the numbers, which are NaN where nothing was judged. */
  if (!ax_weights_check_finite (weights, error))
    {
      g_prefix_error (error, "step %" G_GINT64_FORMAT ": ", self->n_steps);
      return FALSE;
    }
  if (!add_numbers (self, weights, error))
    return FALSE;
  ax_weights_copy_metadata (ax_model_get_weights (self->start), weights);
  ax_weights_set_metadata (weights, KEY_SETTINGS, settings);
  return ax_safetensors_save (weights, path, error);
}

/* Names the first setting that is another one. */
static gboolean
check_settings (const AxTrainer *self, const AxWeights *file, GError **error)
{
  AxWeights *start = ax_model_get_weights (self->start);
  const char *text = ax_weights_get_metadata (file, KEY_SETTINGS);
  g_autofree char *own = describe_settings (self);
  if (text == NULL)
    {
      g_set_error_literal (error, AX_ERROR, AX_ERROR_FORMAT,
                           "not a checkpoint of a training run");
      return FALSE;
    }
  for (guint i = 0; i < G_N_ELEMENTS (network_keys); i++)
    if (g_strcmp0 (ax_weights_get_metadata (file, network_keys[i]),
                   ax_weights_get_metadata (start, network_keys[i]))
        != 0)
      {
        g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
                     "a checkpoint of another network: its %s is '%.200s'",
                     network_keys[i],
                     ax_weights_get_metadata (file, network_keys[i]));
        return FALSE;
      }
  g_auto (GStrv) theirs = g_strsplit (text, " ", -1);
  g_auto (GStrv) ours = g_strsplit (own, " ", -1);
  for (guint i = 0; ours[i] != NULL; i++)
    if (theirs[i] == NULL || !g_str_equal (theirs[i], ours[i]))
      {
        g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
                     "a checkpoint of another run: it has %.80s, this run %s",
                     theirs[i] != NULL ? theirs[i] : "nothing", ours[i]);
        return FALSE;
      }
  return TRUE;
}

static const AxTensorView *
find_tensor (const AxTrainer *self, const AxWeights *file, const char *prefix,
             const AxGraphParam *param, GError **error)
{
  g_autofree char *name = g_strconcat (prefix, param->name, NULL);
  const AxTensorView *view = ax_weights_find (file, name);
  if (view != NULL && view->dtype == (gint32)self->dtype
      && ax_tensor_view_same_shape (view, param->rank, param->shape))
    return view;
  g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
               "tensor '%s' is missing or of another shape or type%s", name,
               view != NULL ? " (was it made by another engine?)" : "");
  return NULL;
}

static gboolean
push_state (AxTrainer *self, const AxWeights *file, AxTrainState state,
            GError **error)
{
  AxGraph *graph = ax_model_get_graph (self->start);
  for (guint i = 0; i < ax_graph_get_n_params (graph); i++)
    {
      const AxTensorView *view
          = find_tensor (self, file, state_prefixes[state],
                         ax_graph_get_param (graph, i), error);
      if (view == NULL
          || !ax_train_plan_push (self->plan, i, state, view, error))
        return FALSE;
    }
  return TRUE;
}

static AxWeights *
read_weights (AxTrainer *self, const AxWeights *file, const char *prefix,
              GError **error)
{
  AxGraph *graph = ax_model_get_graph (self->start);
  g_autoptr (AxWeights) weights = ax_weights_new ();
  for (guint i = 0; i < ax_graph_get_n_params (graph); i++)
    {
      const AxGraphParam *param = ax_graph_get_param (graph, i);
      const AxTensorView *view = find_tensor (self, file, prefix, param, error);
      if (view == NULL)
        return NULL;
      if (ax_weights_add (weights, param->name, view->dtype, view->rank,
                          view->shape, view->data)
          == NULL)
        {
          g_set_error (error, AX_ERROR, AX_ERROR_MEMORY, "no memory for '%s%s'",
                       prefix, param->name);
          return NULL;
        }
    }
  return g_steal_pointer (&weights);
}

/* A count within its limits, or -1. */
static gint64
get_count (const double *counts, int which, gint64 max)
{
  const double value = counts[which];
  return value >= 0.0 && value <= (double)max && value == rint (value)
             ? (gint64)value
             : -1;
}

static gboolean
read_numbers (AxTrainer *self, const AxWeights *file, GError **error)
{
  const AxTensorView *state = ax_weights_find (file, STATE_TENSOR);
  const AxTensorView *curve = ax_weights_find (file, CURVE_TENSOR);
  if (state != NULL && state->dtype == AX_DTYPE_F64 && state->rank == 1
      && state->shape[0] == N_COUNTS && curve != NULL
      && curve->dtype == AX_DTYPE_F64 && curve->rank == 2
      && curve->shape[0] <= self->spec.n_epochs && curve->shape[1] == N_COLUMNS)
    {
      const double *counts = state->data;
      const double *rows = curve->data;
      const gint64 n_epochs = curve->shape[0];
      const gint64 n_steps = get_count (counts, COUNT_STEPS, G_MAXINT32);
      const gint64 n_done = get_count (counts, COUNT_BATCHES, self->n_batches);
      const gint64 best = get_count (counts, COUNT_BEST_EPOCH, n_epochs);
      if (n_done >= 0 && best >= 0
          && n_steps == n_epochs * self->n_batches + n_done)
        {
          self->n_steps = n_steps;
          self->n_batches_done = (guint)n_done;
          self->best_epoch = (guint)best;
          self->loss_sum = counts[COUNT_LOSS];
          self->best_figure = counts[COUNT_BEST_FIGURE];
          g_array_set_size (self->curve, 0);
          for (gint64 i = 0; i < n_epochs; i++)
            {
              const AxTrainRow row = row_from_numbers (rows + i * N_COLUMNS);
              g_array_append_val (self->curve, row);
            }
          return TRUE;
        }
    }
  g_set_error_literal (error, AX_ERROR, AX_ERROR_FORMAT,
                       "the run's counters are missing or make no sense");
  return FALSE;
}

static gboolean
take_checkpoint (AxTrainer *self, const AxWeights *file, GError **error)
{
  if (!check_settings (self, file, error) || !read_numbers (self, file, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (kept_states); i++)
    if (uses_state (self, kept_states[i])
        && !push_state (self, file, kept_states[i], error))
      return FALSE;
  g_clear_pointer (&self->average, ax_weights_unref);
  g_clear_pointer (&self->best, ax_weights_unref);
  if (self->n_steps > 0)
    self->average = read_weights (self, file, AVERAGE_PREFIX, error);
  if (self->n_steps > 0 && self->average == NULL)
    return FALSE;
  if (self->best_epoch > 0)
    self->best = read_weights (self, file, BEST_PREFIX, error);
  return self->best_epoch == 0 || self->best != NULL;
}

gboolean
ax_trainer_load (AxTrainer *self, const char *path, GError **error)
{
  g_return_val_if_fail (self != NULL && path != NULL, FALSE);
  g_autoptr (AxWeights) file = ax_safetensors_load (path, error);
  if (file == NULL)
    return FALSE;
  if (take_checkpoint (self, file, error))
    return TRUE;
  g_autofree char *shown = g_filename_display_name (path);
  g_prefix_error (error, "%s: ", shown);
  return FALSE;
}
