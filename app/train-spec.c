#include "app/train-spec.h"

#include "app/command.h"
#include "app/option.h"

#define WARM_UP_STEPS 200 /* or a tenth of the run */
#define FINAL_RATE 0.01

static struct
{
  char *epochs, *samples, *batch;
  char *optimizer, *rate, *schedule, *decay, *head_rate;
  char *average, *patience, *symmetry;
  gboolean keep_last;
} options;

const GOptionEntry ax_train_spec_options[] = {
  { "epochs", 0, 0, G_OPTION_ARG_STRING, &options.epochs,
    "passes over the samples (30)", "N" },
  { "samples", 0, 0, G_OPTION_ARG_STRING, &options.samples,
    "samples of an epoch (each picture, 100 places of each slide)", "N" },
  { "batch", 0, 0, G_OPTION_ARG_STRING, &options.batch,
    "samples of a step (64; unet 16)", "N" },
  { "optimizer", 0, 0, G_OPTION_ARG_STRING, &options.optimizer,
    "sgd or adam (sgd; unet adam)", "NAME" },
  { "lr", 0, 0, G_OPTION_ARG_STRING, &options.rate,
    "learning rate (0.05; unet 0.001)", "R" },
  { "schedule", 0, 0, G_OPTION_ARG_STRING, &options.schedule,
    "constant, step, polynomial or cosine, behind a warm-up (cosine; unet "
    "step)",
    "NAME" },
  { "weight-decay", 0, 0, G_OPTION_ARG_STRING, &options.decay,
    "of the weights, not of norms and biases (0.0005)", "D" },
  { "head-rate", 0, 0, G_OPTION_ARG_STRING, &options.head_rate,
    "learning rate of the head, as a multiple (1; 10 with --init)", "X" },
  { "average", 0, 0, G_OPTION_ARG_STRING, &options.average,
    "decay of the moving average of the weights that is kept (0.999)", "D" },
  { "symmetry", 0, 0, G_OPTION_ARG_STRING, &options.symmetry,
    "of the weights: none; p4, blind to quarter turns; p4m, to those and "
    "mirroring (none)",
    "NAME" },
  { "patience", 0, 0, G_OPTION_ARG_STRING, &options.patience,
    "end after so many epochs without a better AUC (never)", "N" },
  { "keep-last", 0, 0, G_OPTION_ARG_NONE, &options.keep_last,
    "keep the weights of the last epoch, not of the one with the highest AUC",
    NULL },
  { NULL },
};

static gboolean
fail_usage (GError **error, const char *format, const char *value)
{
  g_autofree char *shown = g_strdup_printf ("%.64s", value);
  g_set_error (error, AX_USAGE_ERROR, AX_USAGE_ERROR_WRONG, format, shown);
  return FALSE;
}

static gboolean
read_schedule (const AxTrainRecipe *recipe, AxTrainSpec *spec, GError **error)
{
  spec->optim.schedule = (AxSchedule){
    .kind = recipe->schedule, .gamma = 0.1, .power = 0.9, .final = FINAL_RATE
  };
  if (options.schedule == NULL
      || ax_schedule_kind_from_name (options.schedule,
                                     &spec->optim.schedule.kind, NULL))
    return TRUE;
  return fail_usage (error,
                     "--schedule: '%s' is not one of constant, step, "
                     "polynomial, cosine",
                     options.schedule);
}

static gboolean
read_optimizer (const AxTrainRecipe *recipe, AxTrainSpec *spec, GError **error)
{
  AxOptimKind kind = recipe->optim;
  if (options.optimizer != NULL && g_str_equal (options.optimizer, "sgd"))
    kind = AX_OPTIM_SGD;
  else if (options.optimizer != NULL && g_str_equal (options.optimizer, "adam"))
    kind = AX_OPTIM_ADAM;
  else if (options.optimizer != NULL)
    return fail_usage (error, "--optimizer: '%s' is neither sgd nor adam",
                       options.optimizer);
  spec->optim = ax_optim_init (kind, recipe->rate);
  spec->optim.nesterov = kind == AX_OPTIM_SGD;
  return read_schedule (recipe, spec, error)
         && ax_option_double (options.rate, "--lr", 1e-8, 100,
                              &spec->optim.rate, error)
         && ax_option_double (options.decay, "--weight-decay", 0, 1,
                              &spec->optim.weight_decay, error);
}

static gboolean
read_count (const char *text, const char *name, guint *out, GError **error)
{
  int value = (int)*out;
  if (!ax_option_int (text, name, 1, G_MAXINT, &value, error))
    return FALSE;
  *out = (guint)value;
  return TRUE;
}

static gboolean
read_symmetry (AxTrainSpec *spec, GError **error)
{
  if (options.symmetry == NULL
      || ax_symmetry_from_name (options.symmetry, &spec->symmetry, NULL))
    return TRUE;
  return fail_usage (error, "--symmetry: '%s' is not one of none, p4, p4m",
                     options.symmetry);
}

gboolean
ax_train_spec_read (AxTrainSpec *spec, const AxTrainRecipe *recipe,
                    gboolean has_init, GError **error)
{
  spec->n_epochs = recipe->n_epochs;
  spec->batch = recipe->batch;
  spec->keep_last = options.keep_last;
  spec->average = 0.999;
  spec->head_rate = has_init ? 10.0 : 1.0;
  return ax_option_engine (&spec->engine, &spec->n_threads, error)
         && read_optimizer (recipe, spec, error) && read_symmetry (spec, error)
         && read_count (options.epochs, "--epochs", &spec->n_epochs, error)
         && read_count (options.batch, "--batch", &spec->batch, error)
         && read_count (options.patience, "--patience", &spec->patience, error)
         && ax_option_double (options.head_rate, "--head-rate", 1e-6, 1e6,
                              &spec->head_rate, error)
         && ax_option_double (options.average, "--average", 0, 0.999999,
                              &spec->average, error);
}

/* What the schedule counts in steps. */
static void
set_steps (AxTrainSpec *spec, const AxTrainRecipe *recipe)
{
  AxSchedule *schedule = &spec->optim.schedule;
  const gint64 n_batches = spec->n_samples / MAX (spec->batch, 1);
  schedule->n_warm_up = MIN (WARM_UP_STEPS, n_batches * spec->n_epochs / 10);
  schedule->period = MAX (1, n_batches * MAX (recipe->period, 1));
}

gboolean
ax_train_spec_read_samples (AxTrainSpec *spec, const AxTrainRecipe *recipe,
                            guint n_samples, GError **error)
{
  spec->n_samples = n_samples;
  if (!read_count (options.samples, "--samples", &spec->n_samples, error))
    return FALSE;
  set_steps (spec, recipe);
  return TRUE;
}
