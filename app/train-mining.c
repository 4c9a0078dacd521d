#include "app/train-mining.h"

#include "app/console.h"
#include "app/option.h"
#include "app/progress.h"
#include "app/train-result.h"
#include "core/train/mining.h"

#define DEFAULT_SHARE 0.5

static struct
{
  char *rounds, *share, *threshold, *from;
} options;

const GOptionEntry ax_train_mining_options[] = {
  { "mine", 0, 0, G_OPTION_ARG_STRING, &options.rounds,
    "rounds of looking for false positives among the normal samples, which "
    "are then learnt from more often (0)",
    "N" },
  { "mine-share", 0, 0, G_OPTION_ARG_STRING, &options.share,
    "how much of the normal samples they become, against the --shares of the "
    "DIRs (0.5)",
    "S" },
  { "mine-threshold", 0, 0, G_OPTION_ARG_STRING, &options.threshold,
    "probability from which on one is false (0.5)", "P" },
  { "mine-from", 0, 0, G_OPTION_ARG_STRING, &options.from,
    "where they are looked for: numbers of DIRs, from 1 (all)", "LIST" },
  { NULL },
};

struct _AxTrainMining
{
  AxMiningSpec spec;
  guint n_rounds, n_epochs;
  GPtrArray *negatives; /* of AxHardNegatives, one for each DIR mined */
  GPtrArray *paths;
};

/* A run that begins writes its file at once: what another run of that name left
 * must not be taken for its own when it is gone on with. */
static gboolean
open_file (AxTrainMining *self, AxSampleSource *parent, const char *path,
           gboolean resume, GError **error)
{
  g_autoptr (AxHardNegatives) negatives
      = resume ? ax_hard_negatives_read (path, parent, error)
               : ax_hard_negatives_new (parent);
  if (negatives == NULL
      || (!resume && !ax_hard_negatives_write (negatives, path, error)))
    return FALSE;
  g_ptr_array_add (self->negatives, g_steal_pointer (&negatives));
  return TRUE;
}

/* (transfer full): of each DIR, whether it is mined. */
static GArray *
read_from (guint n_sets, GError **error)
{
  g_autoptr (GArray) mined = g_array_new (FALSE, TRUE, sizeof (gboolean));
  g_auto (GStrv) parts
      = g_strsplit (options.from != NULL ? options.from : "", ",", -1);
  g_array_set_size (mined, n_sets);
  for (guint i = 0; i < n_sets && options.from == NULL; i++)
    g_array_index (mined, gboolean, i) = TRUE;
  for (guint i = 0; parts[i] != NULL; i++)
    {
      int number = 0;
      if (!ax_option_int (parts[i], "--mine-from", 1, (int)n_sets, &number,
                          error))
        return NULL;
      g_array_index (mined, gboolean, number - 1) = TRUE;
    }
  return g_steal_pointer (&mined);
}

static gboolean
open_negatives (AxTrainMining *self, AxTrainData *data, const char *output,
                double share, gboolean resume, GError **error)
{
  const guint n_sets = ax_train_data_get_n_sets (data);
  g_autofree char *stem = ax_train_result_get_stem (output);
  g_autoptr (GArray) mined = read_from (n_sets, error);
  for (guint i = 0; mined != NULL && i < n_sets; i++)
    {
      if (!g_array_index (mined, gboolean, i))
        continue;
      char *path = g_strdup_printf ("%s.mined-%u.json", stem, i + 1);
      g_ptr_array_add (self->paths, path);
      if (!open_file (self, ax_train_data_get_set (data, i), path, resume,
                      error))
        return FALSE;
      ax_sampler_add (ax_train_data_get_sampler (data),
                      ax_hard_negatives_get_source (g_ptr_array_index (
                          self->negatives, self->negatives->len - 1)),
                      share);
    }
  return mined != NULL;
}

/* Each has an epoch of its own to come before. */
static gboolean
check_rounds (const AxTrainMining *self, GError **error)
{
  if (self->n_rounds == 0 || self->n_rounds < self->n_epochs)
    return TRUE;
  g_set_error (error, AX_USAGE_ERROR, AX_USAGE_ERROR_WRONG,
               "--mine: %u rounds need at least %u epochs, not %u",
               self->n_rounds, self->n_rounds + 1, self->n_epochs);
  return FALSE;
}

AxTrainMining *
ax_train_mining_new (AxTrainData *data, AxModel *model,
                     const AxTrainSpec *training, const char *output,
                     gboolean resume, GError **error)
{
  double share = DEFAULT_SHARE;
  int n_rounds = 0;
  g_autoptr (AxTrainMining) self = g_new0 (AxTrainMining, 1);
  self->n_epochs = training->n_epochs;
  self->negatives
      = g_ptr_array_new_with_free_func ((GDestroyNotify)ax_hard_negatives_free);
  self->paths = g_ptr_array_new_with_free_func (g_free);
  ax_mining_spec_init (&self->spec, model);
  self->spec.n_threads = training->n_threads;
  self->spec.n_producers = training->n_producers;
  if (!ax_option_int (options.rounds, "--mine", 0, 100, &n_rounds, error)
      || !ax_option_double (options.share, "--mine-share", 0.001, 1000, &share,
                            error)
      || !ax_option_double (options.threshold, "--mine-threshold", 0.01, 1,
                            &self->spec.threshold, error))
    return NULL;
  self->n_rounds = (guint)n_rounds;
  if (!check_rounds (self, error))
    return NULL;
  if (n_rounds > 0
      && !open_negatives (self, data, output, share, resume, error))
    return NULL;
  return g_steal_pointer (&self);
}

char *
ax_train_mining_get_settings (void)
{
  return g_strdup_printf ("mine=%s mine-from=%s mine-share=%s "
                          "mine-threshold=%s",
                          ax_option_or_usual (options.rounds),
                          ax_option_or_usual (options.from),
                          ax_option_or_usual (options.share),
                          ax_option_or_usual (options.threshold));
}

void
ax_train_mining_free (AxTrainMining *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->negatives);
  g_ptr_array_unref (self->paths);
  g_free (self);
}

static void
print_round (const AxCall *call, guint round, guint n_found)
{
  if (!call->json)
    {
      ax_console_print ("mining round %u: %u false positives\n", round,
                        n_found);
      return;
    }
  g_autoptr (AxJsonWriter) json = ax_json_writer_new (FALSE);
  ax_json_writer_begin_object (json, NULL);
  ax_json_writer_add_int (json, "mining_round", round);
  ax_json_writer_add_int (json, "false_positives", n_found);
  ax_console_print_json (json);
}

/* The rounds that belong to the epochs done. */
static guint
count_due (const AxTrainMining *self, guint n_epochs_done)
{
  guint n_due = 0;
  while (n_due < self->n_rounds
         && (guint64)n_epochs_done * (self->n_rounds + 1)
                >= (guint64)(n_due + 1) * self->n_epochs)
    n_due++;
  return n_due;
}

static void
on_progress (double share, gpointer progress)
{
  ax_progress_update (progress, share, "");
}

gboolean
ax_train_mining_run (AxTrainMining *self, const AxCall *call,
                     AxTrainer *trainer, GCancellable *cancellable,
                     GError **error)
{
  const guint n_due = count_due (self, ax_trainer_get_n_epochs (trainer));
  g_autoptr (AxProgress) progress = ax_progress_new ("mine", call->progress);
  g_autoptr (AxModel) model = NULL;
  guint n_found = 0;
  gboolean mined = FALSE;
  self->spec.cancellable = cancellable;
  self->spec.on_progress = on_progress;
  self->spec.user_data = progress;
  for (guint i = 0; i < self->negatives->len; i++)
    {
      AxHardNegatives *negatives = self->negatives->pdata[i];
      if (ax_hard_negatives_get_n_rounds (negatives) >= n_due)
        continue;
      if (model == NULL)
        model = ax_trainer_get_model (trainer, error);
      if (model == NULL
          || !ax_mine (negatives, model, ax_trainer_get_engine (trainer),
                       &self->spec, error)
          || !ax_hard_negatives_write (negatives, self->paths->pdata[i], error))
        return FALSE;
      n_found += ax_hard_negatives_get_n_found (
          negatives, ax_hard_negatives_get_n_rounds (negatives) - 1);
      mined = TRUE;
    }
  ax_progress_wipe (progress);
  if (mined)
    print_round (call, n_due, n_found);
  return TRUE;
}
