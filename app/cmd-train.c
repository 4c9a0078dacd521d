#include "app/commands.h"

#include "app/console.h"
#include "app/interrupt.h"
#include "app/option.h"
#include "app/progress.h"
#include "app/train-data.h"
#include "app/train-mining.h"
#include "app/train-result.h"
#include "app/train-spec.h"
#include "core/base/error.h"
#include "core/base/output.h"
#include "core/nn/safetensors.h"
#include "core/train/contact-sheet.h"
#include "core/train/trainer.h"
#include "core/train/weights-init.h"

#include <glib/gstdio.h>

#define SHEET_SAMPLES 64
#define SHEET_COLUMNS 8
#define SAVE_EVERY_US (10 * G_TIME_SPAN_MINUTE)

static struct
{
  char *network, *output, *init;
  char *seed, *until;
  char *trained_on, *license, *sheet;
  gboolean resume, half;
} options;

static const GOptionEntry entries[] = {
  { "model", 'm', 0, G_OPTION_ARG_FILENAME, &options.network,
    "network to train, by name, or a weights file to go on from (scannet-10x)",
    "MODEL" },
  { "output", 'o', 0, G_OPTION_ARG_FILENAME, &options.output,
    "weights file to write", "WEIGHTS" },
  { "init", 0, 0, G_OPTION_ARG_FILENAME, &options.init,
    "weights file to begin with, where names and shapes agree", "FILE" },
  { "resume", 0, 0, G_OPTION_ARG_NONE, &options.resume,
    "go on with the run that was interrupted", NULL },
  { "until", 0, 0, G_OPTION_ARG_STRING, &options.until,
    "end after this epoch, however many the schedule is for", "N" },
  { "seed", 0, 0, G_OPTION_ARG_STRING, &options.seed,
    "of first weights, samples, changes and dropout (1)", "N" },
  { "show-samples", 0, 0, G_OPTION_ARG_FILENAME, &options.sheet,
    "draw some samples as the network sees them, and train nothing",
    "SHEET.png" },
  { "half", 0, 0, G_OPTION_ARG_NONE, &options.half,
    "write convolutions as 16-bit numbers: half the size", NULL },
  { "trained-on", 0, 0, G_OPTION_ARG_STRING, &options.trained_on,
    "what the model card says of the data (folders, epochs, first weights)",
    "TEXT" },
  { "license", 0, 0, G_OPTION_ARG_STRING, &options.license,
    "of the weights, for the model card", "TEXT" },
  { NULL },
};

/* One call. */
typedef struct
{
  AxCall *call;
  AxTrainSpec spec;
  guint until; /* epoch */
  guint64 seed;
  AxModel *start;
  const AxTrainRecipe *recipe;
  AxTrainData *data;
  AxTrainer *trainer;
  AxTrainMining *mining;
  char *checkpoint, *samples_as;
  AxProgress *progress;
  gint64 shown_us;     /* when there was progress for the first time */
  double shown_epochs; /* done by then */
  gint64 saved_us;
  GError *save_error; /* of a checkpoint written between two steps */
  GCancellable *cancellable;
} Run;

static void
run_clear (Run *self)
{
  ax_trainer_free (self->trainer);
  ax_train_mining_free (self->mining);
  ax_train_data_free (self->data);
  g_clear_pointer (&self->start, ax_model_unref);
  ax_progress_free (self->progress);
  g_clear_error (&self->save_error);
  g_free (self->checkpoint);
  g_free (self->samples_as);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

static gboolean
read_seed (Run *self, GError **error)
{
  int seed = 1;
  if (!ax_option_int (options.seed, "--seed", 0, G_MAXINT, &seed, error))
    return FALSE;
  self->seed = (guint64)seed;
  return TRUE;
}

static gboolean
read_until (Run *self, GError **error)
{
  int until = G_MAXINT;
  if (!ax_option_int (options.until, "--until", 1, G_MAXINT, &until, error))
    return FALSE;
  self->until = (guint)until;
  return TRUE;
}

/* Whether a network is that of a weights file. */
static gboolean
is_file (const char *network)
{
  return network != NULL && g_str_has_suffix (network, ".safetensors");
}

static AxModel *
make_start (const Run *self, GError **error)
{
  const char *name = options.network ? options.network : "scannet-10x";
  g_autoptr (AxModel) model
      = is_file (name) ? ax_model_load (name, error)
                       : ax_model_new_random (name, self->seed, error);
  g_autoptr (AxWeights) source = NULL;
  if (model == NULL || options.init == NULL)
    return g_steal_pointer (&model);
  source = ax_safetensors_load (options.init, error);
  if (source == NULL)
    return NULL;
  g_auto (AxWeightsTaken) taken = { 0 };
  AxModel *begun = ax_model_init_from (model, source, &taken, error);
  if (begun != NULL)
    ax_train_result_report_taken (&taken, options.init);
  return begun;
}

/* (transfer full): ", left 2 min 41 s", going by what this call has done. */
static char *
describe_left (Run *self, double n_done, double n_epochs)
{
  const gint64 now_us = g_get_monotonic_time ();
  if (self->shown_us == 0)
    {
      self->shown_us = now_us;
      self->shown_epochs = n_done;
    }
  if (n_done <= self->shown_epochs)
    return g_strdup ("");
  g_autofree char *left = ax_console_describe_duration (
      (double)(now_us - self->shown_us) / G_TIME_SPAN_SECOND
      * (n_epochs - n_done) / (n_done - self->shown_epochs));
  return g_strconcat (", left ", left, NULL);
}

static void
show_progress (Run *self, const AxTrainProgress *progress)
{
  const guint n_epochs = self->spec.n_epochs;
  const double end = MIN (n_epochs, self->until);
  const double share = progress->batch == 0
                           ? 1.0
                           : (double)progress->batch / progress->n_batches;
  const double n_done = progress->epoch - 1 + share;
  g_autofree char *left = describe_left (self, n_done, end);
  g_autofree char *details
      = progress->batch == 0
            ? g_strdup_printf ("epoch %u of %u, judging%s", progress->epoch,
                               n_epochs, left)
            : g_strdup_printf ("epoch %u of %u%s, loss %.4f, %.0f samples/s",
                               progress->epoch, n_epochs, left, progress->loss,
                               progress->samples_per_s);
  ax_progress_update (self->progress, n_done / end, details);
}

static void
on_progress (const AxTrainProgress *progress, gpointer user_data)
{
  Run *self = user_data;
  show_progress (self, progress);
  const gint64 now_us = g_get_monotonic_time ();
  if (progress->batch == 0 || now_us - self->saved_us < SAVE_EVERY_US
      || self->save_error != NULL)
    return;
  self->saved_us = now_us;
  if (!ax_trainer_save (self->trainer, self->checkpoint, &self->save_error))
    g_cancellable_cancel (self->cancellable);
}

/* @reason: why it cannot be saved, then. */
static gboolean
save_interrupted (Run *self, GError **reason)
{
  GError *error = NULL;
  if (ax_trainer_save (self->trainer, self->checkpoint, &error))
    return TRUE;
  g_error_free (*reason);
  *reason = error;
  return FALSE;
}

/* What a run that ends early leaves behind. */
static gboolean
end_early (Run *self, GError *reason, GError **error)
{
  g_autofree char *shown = g_filename_display_name (self->checkpoint);
  gboolean kept = g_file_test (self->checkpoint, G_FILE_TEST_EXISTS);
  if (self->save_error != NULL)
    {
      g_clear_error (&reason);
      reason = g_steal_pointer (&self->save_error);
    }
  else if (g_error_matches (reason, AX_ERROR, AX_ERROR_CANCELLED)
           && save_interrupted (self, &reason))
    {
      g_prefix_error (&reason, "%s holds the run, --resume goes on: ", shown);
      kept = FALSE;
    }
  if (kept)
    g_prefix_error (&reason, "%s is the last good checkpoint: ", shown);
  g_propagate_error (error, reason);
  return FALSE;
}

static gboolean
run_epochs (Run *self, GError **error)
{
  const guint first = ax_trainer_get_n_epochs (self->trainer);
  self->saved_us = g_get_monotonic_time ();
  while (!ax_trainer_is_done (self->trainer)
         && ax_trainer_get_n_epochs (self->trainer) < self->until)
    {
      GError *reason = NULL;
      if (!ax_train_mining_run (self->mining, self->call, self->trainer,
                                self->cancellable, &reason)
          || !ax_trainer_run_epoch (self->trainer, self->cancellable,
                                    on_progress, self, &reason))
        return end_early (self, reason, error);
      ax_progress_wipe (self->progress);
      ax_train_result_print_row (self->call, self->trainer);
      if (!ax_trainer_save (self->trainer, self->checkpoint, &reason)
          || !ax_train_result_save_curve (self->trainer, options.output,
                                          &reason))
        return end_early (self, reason, error);
      self->saved_us = g_get_monotonic_time ();
    }
  if (first == ax_trainer_get_n_epochs (self->trainer))
    ax_console_note ("the run was over already; writing its weights");
  return TRUE;
}

static char *
make_checkpoint_path (const char *output)
{
  g_autofree char *stem = ax_train_result_get_stem (output);
  return g_strconcat (stem, ".checkpoint.safetensors", NULL);
}

/* Before the data is read, which takes its time: whether the run may write
 * where it is to, and is the one to go on with or a new one. */
static gboolean
check_output (Run *self, GError **error)
{
  if (options.output == NULL)
    {
      g_set_error_literal (error, AX_USAGE_ERROR, AX_USAGE_ERROR_WRONG,
                           "needs -o WEIGHTS.safetensors");
      return FALSE;
    }
  self->checkpoint = make_checkpoint_path (options.output);
  const gboolean exists = g_file_test (self->checkpoint, G_FILE_TEST_EXISTS);
  if (exists == options.resume)
    {
      g_autoptr (AxOutput) writable = ax_output_new (self->checkpoint, error);
      return writable != NULL;
    }
  g_autofree char *shown = g_filename_display_name (self->checkpoint);
  g_set_error (error, AX_ERROR, exists ? AX_ERROR_BUSY : AX_ERROR_NOT_FOUND,
               exists ? "%s: an unfinished run; --resume goes on with it, "
                        "removing the file forgets it"
                      : "%s: no such run to go on with",
               shown);
  return FALSE;
}

static char *
describe_samples (void)
{
  g_autofree char *data = ax_train_data_get_settings ();
  g_autofree char *mining = ax_train_mining_get_settings ();
  return g_strconcat (data, " ", mining, NULL);
}

static gboolean
save_sheet (const Run *self, GError **error)
{
  g_autoptr (AxEpoch) epoch = ax_sampler_plan (
      ax_train_data_get_sampler (self->data), 1, SHEET_SAMPLES, error);
  return epoch != NULL
         && ax_contact_sheet_save (epoch, SHEET_COLUMNS, options.sheet, error);
}

static gboolean
write_result (Run *self, GError **error)
{
  const char *network = is_file (options.network) ? options.network : NULL;
  const AxTrainOutput output
      = { .path = options.output,
          .half = options.half,
          .trained_on = options.trained_on,
          .began_as = options.init ? options.init : network,
          .license = options.license };
  GError *reason = NULL;
  if (!ax_train_result_write (self->call, self->trainer, self->data, &output,
                              self->cancellable, &reason))
    return end_early (self, reason, error);
  g_unlink (self->checkpoint);
  return TRUE;
}

static gboolean
run_train (AxCall *call, GError **error)
{
  g_auto (Run) self = { .call = call };
  if (!read_seed (&self, error))
    return FALSE;
  self.start = make_start (&self, error);
  if (self.start == NULL)
    return FALSE;
  self.recipe = ax_train_recipe_choose (self.start, error);
  if (self.recipe == NULL || !read_until (&self, error)
      || !ax_train_spec_read (&self.spec, self.recipe, options.init != NULL,
                              error)
      || (options.sheet == NULL && !check_output (&self, error)))
    return FALSE;
  self.data = ax_train_data_new (self.start, self.recipe, self.seed,
                                 call->progress, error);
  if (self.data == NULL)
    return FALSE;
  if (options.sheet != NULL)
    return save_sheet (&self, error);
  self.spec.n_producers = ax_train_data_get_n_producers (self.data);
  if (!ax_train_spec_read_samples (&self.spec, self.recipe,
                                   ax_train_data_get_n_samples (self.data),
                                   error))
    return FALSE;
  self.samples_as = describe_samples ();
  self.spec.samples_as = self.samples_as;
  self.cancellable = ax_interrupt_watch ();
  self.trainer = ax_trainer_new (
      &self.spec, self.start, ax_train_data_get_sampler (self.data),
      ax_train_data_get_validation (self.data), error);
  if (self.trainer == NULL
      || (options.resume
          && !ax_trainer_load (self.trainer, self.checkpoint, error)))
    return FALSE;
  self.mining = ax_train_mining_new (self.data, self.start, &self.spec,
                                     options.output, options.resume, error);
  if (self.mining == NULL)
    return FALSE;
  self.progress = ax_progress_new ("train", call->progress);
  if (!run_epochs (&self, error))
    return FALSE;
  g_clear_pointer (&self.progress, ax_progress_free);
  return write_result (&self, error);
}

const AxCommand ax_command_train = {
  .name = "train",
  .section = "Train",
  .summary = "train a network on patches or slides",
  .usage = "--data DIR -o WEIGHTS.safetensors [OPTION...]",
  .details
  = "Learns from pictures DIR/train/0/*, DIR/train/1/* (0 normal, 1 tumour; "
    "JPEG, PNG or TIFF with the network's µm/px, at least one field large) "
    "and judges each epoch on DIR/valid/0 and /1; or from slides with ASAP "
    "annotations, in DIR/train and DIR/valid or in DIR, each as CAMELYON16 "
    "has them (training/normal, training/tumor, lesion_annotations) or "
    "slides and annotations side by side. Of several DIR the first with "
    "something to judge on is judged on.\n\n"
    "Beside the weights it writes the learning curve (.curve.csv, .curve.png), "
    "a reliability diagram (.reliability.png), and, after each epoch, every "
    "ten minutes and when interrupted, a checkpoint, from which --resume goes "
    "on to the same losses. The weights of the epoch with the highest AUC are "
    "kept, with their temperature fitted and their figures in the model card.",
  .examples = "train --data pcam -o mine.safetensors\n"
              "train --data pcam -o mine.safetensors --resume\n"
              "train --data pcam --data slides --mine 2 -o mine.safetensors\n"
              "train --data slides --show-samples sheet.png",
  .options = (const GOptionEntry *const[]){ entries, ax_train_spec_options,
                                            ax_train_recipe_options,
                                            ax_train_data_options,
                                            ax_train_mining_options,
                                            ax_engine_options, NULL },
  .run = run_train,
};
