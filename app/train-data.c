#include "app/train-data.h"

#include "app/command.h"
#include "app/option.h"
#include "core/train/patch-folder.h"

#define DEFAULT_PRODUCERS 2

static struct
{
  char *data, *augment, *producers;
} options;

const GOptionEntry ax_train_data_options[] = {
  { "data", 'd', 0, G_OPTION_ARG_FILENAME, &options.data,
    "folder with train/0, train/1, valid/0, valid/1", "DIR" },
  { "augment", 0, 0, G_OPTION_ARG_STRING, &options.augment,
    "how far pictures are changed at random: 0 not at all, 1 as usual (1)",
    "S" },
  { "producers", 0, 0, G_OPTION_ARG_STRING, &options.producers,
    "threads that read and change pictures (2)", "N" },
  { NULL },
};

struct _AxTrainData
{
  AxSampleSource *train, *valid;
  AxSampler *sampler;
  AxValidation *validation;
  int n_producers;
  char *description;
};

static AxSampleSource *
open_part (const char *part, AxModel *model, GError **error)
{
  g_autofree char *folder = g_build_filename (options.data, part, NULL);
  return ax_patch_folder_new (folder, (int)ax_model_get_n_classes (model),
                              ax_model_get_field (model), error);
}

static void
make_sampler (AxTrainData *self, AxModel *model, const AxAugment *augment,
              guint64 seed)
{
  const int n_classes = (int)ax_model_get_n_classes (model);
  const int field = ax_model_get_field (model);
  g_autofree double *shares = g_new (double, n_classes);
  for (int label = 0; label < n_classes; label++)
    shares[label] = 1.0;
  self->sampler = ax_sampler_new (n_classes, shares, field, augment, seed);
  ax_sampler_add (self->sampler, self->train, 1.0);
  self->validation = ax_validation_new (self->valid, n_classes, 0, field, seed,
                                        (guint)self->n_producers);
}

AxTrainData *
ax_train_data_new (AxModel *model, guint64 seed, GError **error)
{
  double strength = 1.0;
  int n_producers = DEFAULT_PRODUCERS;
  g_return_val_if_fail (model != NULL, NULL);
  if (options.data == NULL)
    {
      g_set_error_literal (error, AX_USAGE_ERROR, AX_USAGE_ERROR_WRONG,
                           "needs --data DIR");
      return NULL;
    }
  if (!ax_option_double (options.augment, "--augment", 0, 3, &strength, error)
      || !ax_option_int (options.producers, "--producers", 1, 64, &n_producers,
                         error))
    return NULL;
  AxTrainData *self = g_new0 (AxTrainData, 1);
  const AxAugment augment = ax_augment_usual (strength);
  self->n_producers = n_producers;
  self->train = open_part ("train", model, error);
  if (self->train != NULL)
    self->valid = open_part ("valid", model, error);
  if (self->valid == NULL)
    {
      ax_train_data_free (self);
      return NULL;
    }
  make_sampler (self, model, &augment, seed);
  self->description
      = g_strdup_printf ("%u pictures of %s", ax_train_data_get_n_items (self),
                         ax_sample_source_get_name (self->train));
  return self;
}

void
ax_train_data_free (AxTrainData *self)
{
  if (self == NULL)
    return;
  ax_sampler_free (self->sampler);
  ax_validation_free (self->validation);
  ax_sample_source_free (self->train);
  ax_sample_source_free (self->valid);
  g_free (self->description);
  g_free (self);
}

AxSampler *
ax_train_data_get_sampler (AxTrainData *self)
{
  return self->sampler;
}

AxValidation *
ax_train_data_get_validation (AxTrainData *self)
{
  return self->validation;
}

guint
ax_train_data_get_n_producers (const AxTrainData *self)
{
  return (guint)self->n_producers;
}

guint
ax_train_data_get_n_items (const AxTrainData *self)
{
  return ax_sampler_get_n_items (self->sampler);
}

const char *
ax_train_data_describe (const AxTrainData *self)
{
  return self->description;
}
