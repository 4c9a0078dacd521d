#include "app/train-data.h"

#include "app/command.h"
#include "app/option.h"
#include "core/train/patch-folder.h"
#include "core/train/slide-folder.h"
#include "core/train/slide-list.h"

#define DEFAULT_PRODUCERS 2
#define DEFAULT_VALID_PLACES 1000 /* of each class, from slides */

static struct
{
  char **data;
  char *shares, *augment, *producers, *valid_places;
} options;

const GOptionEntry ax_train_data_options[] = {
  { "data", 'd', 0, G_OPTION_ARG_FILENAME_ARRAY, &options.data,
    "pictures or slides to learn from; may be given several times", "DIR" },
  { "shares", 0, 0, G_OPTION_ARG_STRING, &options.shares,
    "how much of the samples comes from each DIR (1,1,...)", "LIST" },
  { "augment", 0, 0, G_OPTION_ARG_STRING, &options.augment,
    "how far pictures are changed at random: 0 not at all, 1 as usual (1)",
    "S" },
  { "producers", 0, 0, G_OPTION_ARG_STRING, &options.producers,
    "threads that read and change pictures (2)", "N" },
  { "valid-places", 0, 0, G_OPTION_ARG_STRING, &options.valid_places,
    "places of each class to judge on, of slides (1000)", "N" },
  { NULL },
};

/* One DIR. */
typedef struct
{
  AxSampleSource *train, *valid; /* (valid nullable) */
  double share;
  gboolean is_slides;
} Set;

struct _AxTrainData
{
  AxModel *model;
  AxAugment augment;
  GArray *sets;
  AxSampler *sampler;
  AxValidation *validation; /* (nullable) */
  int n_producers, n_valid_places;
  char *description;
};

static void
set_clear (gpointer data)
{
  Set *self = data;
  ax_sample_source_free (self->train);
  ax_sample_source_free (self->valid);
}

static AxSampleSource *
open_slides (const AxTrainData *self, const char *folder, GError **error)
{
  const int field = ax_model_get_field (self->model);
  const AxSlideFolderSpec spec = {
    .mpp = ax_model_get_mpp (self->model),
    .field = field,
    .window = 2 * ax_model_get_stride (self->model),
    .side = ax_augment_get_side (&self->augment, field),
  };
  AxSlideFolder *slides = ax_slide_folder_new (folder, &spec, error);
  return slides != NULL ? ax_slide_folder_get_source (slides) : NULL;
}

static AxSampleSource *
open_pictures (const AxTrainData *self, const char *folder, GError **error)
{
  return ax_patch_folder_new (folder, (int)ax_model_get_n_classes (self->model),
                              ax_model_get_field (self->model), error);
}

/* DIR/train and DIR/valid of slides, or DIR itself, judged on nothing. */
static gboolean
open_slide_set (const AxTrainData *self, const char *folder, Set *set,
                GError **error)
{
  g_autofree char *train = g_build_filename (folder, "train", NULL);
  g_autofree char *valid = g_build_filename (folder, "valid", NULL);
  const gboolean is_split = ax_slide_list_is_folder (train);
  set->is_slides = TRUE;
  set->train = open_slides (self, is_split ? train : folder, error);
  if (set->train == NULL)
    return FALSE;
  if (is_split && ax_slide_list_is_folder (valid))
    set->valid = open_slides (self, valid, error);
  return !is_split || !ax_slide_list_is_folder (valid) || set->valid != NULL;
}

static gboolean
open_picture_set (const AxTrainData *self, const char *folder, Set *set,
                  GError **error)
{
  g_autofree char *train = g_build_filename (folder, "train", NULL);
  g_autofree char *valid = g_build_filename (folder, "valid", NULL);
  set->train = open_pictures (self, train, error);
  if (set->train != NULL)
    set->valid = open_pictures (self, valid, error);
  return set->valid != NULL;
}

static gboolean
add_set (AxTrainData *self, const char *folder, double share, GError **error)
{
  g_autofree char *train = g_build_filename (folder, "train", NULL);
  Set set = { .share = share };
  const gboolean is_slides
      = ax_slide_list_is_folder (train) || ax_slide_list_is_folder (folder);
  const gboolean opened = is_slides
                              ? open_slide_set (self, folder, &set, error)
                              : open_picture_set (self, folder, &set, error);
  g_array_append_val (self->sets, set);
  return opened;
}

/* One for each DIR: (element-type double). */
static GArray *
read_shares (guint n, GError **error)
{
  g_auto (GStrv) parts
      = g_strsplit (options.shares != NULL ? options.shares : "", ",", -1);
  g_autoptr (GArray) shares = g_array_new (FALSE, FALSE, sizeof (double));
  for (guint i = 0; i < n; i++)
    {
      double share = 1.0;
      if (options.shares != NULL && parts[i] == NULL)
        break;
      if (!ax_option_double (options.shares != NULL ? parts[i] : NULL,
                             "--shares", 0.001, 1000, &share, error))
        return NULL;
      g_array_append_val (shares, share);
    }
  if (shares->len == n
      && (options.shares == NULL || g_strv_length (parts) == n))
    return g_steal_pointer (&shares);
  g_set_error (error, AX_USAGE_ERROR, AX_USAGE_ERROR_WRONG,
               "--shares: %u numbers for %u folders of --data",
               g_strv_length (parts), n);
  return NULL;
}

static gboolean
open_sets (AxTrainData *self, GError **error)
{
  const guint n = options.data != NULL ? g_strv_length (options.data) : 0;
  if (n == 0)
    {
      g_set_error_literal (error, AX_USAGE_ERROR, AX_USAGE_ERROR_WRONG,
                           "needs --data DIR");
      return FALSE;
    }
  g_autoptr (GArray) shares = read_shares (n, error);
  if (shares == NULL)
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (!add_set (self, options.data[i], g_array_index (shares, double, i),
                  error))
      return FALSE;
  return TRUE;
}

static void
make_sampler (AxTrainData *self, guint64 seed)
{
  const int n_classes = (int)ax_model_get_n_classes (self->model);
  g_autofree double *shares = g_new (double, n_classes);
  for (int label = 0; label < n_classes; label++)
    shares[label] = 1.0;
  self->sampler
      = ax_sampler_new (n_classes, shares, ax_model_get_field (self->model),
                        &self->augment, seed);
  for (guint i = 0; i < self->sets->len; i++)
    {
      const Set *set = &g_array_index (self->sets, Set, i);
      ax_sampler_add (self->sampler, set->train, set->share);
    }
}

/* On the first folder that has something to judge on. */
static void
make_validation (AxTrainData *self, guint64 seed)
{
  for (guint i = 0; i < self->sets->len && self->validation == NULL; i++)
    {
      const Set *set = &g_array_index (self->sets, Set, i);
      if (set->valid != NULL)
        self->validation = ax_validation_new (
            set->valid, (int)ax_model_get_n_classes (self->model),
            set->is_slides ? (guint)self->n_valid_places : 0,
            ax_model_get_field (self->model), seed, (guint)self->n_producers);
    }
}

static void
describe (AxTrainData *self)
{
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < self->sets->len; i++)
    {
      const Set *set = &g_array_index (self->sets, Set, i);
      const guint n
          = ax_sample_source_get_n_items (set->train, 0)
            + (set->is_slides ? 0
                              : ax_sample_source_get_n_items (set->train, 1));
      g_string_append_printf (text, "%s%u %s of %s", i > 0 ? ", " : "", n,
                              set->is_slides ? "slides" : "pictures",
                              ax_sample_source_get_name (set->train));
    }
  self->description = g_string_free (text, FALSE);
}

AxTrainData *
ax_train_data_new (AxModel *model, guint64 seed, GError **error)
{
  double strength = 1.0;
  g_return_val_if_fail (model != NULL, NULL);
  g_autoptr (AxTrainData) self = g_new0 (AxTrainData, 1);
  self->model = ax_model_ref (model);
  self->n_producers = DEFAULT_PRODUCERS;
  self->n_valid_places = DEFAULT_VALID_PLACES;
  self->sets = g_array_new (FALSE, FALSE, sizeof (Set));
  g_array_set_clear_func (self->sets, set_clear);
  if (!ax_option_double (options.augment, "--augment", 0, 3, &strength, error)
      || !ax_option_int (options.producers, "--producers", 1, 64,
                         &self->n_producers, error)
      || !ax_option_int (options.valid_places, "--valid-places", 1, 1000000,
                         &self->n_valid_places, error))
    return NULL;
  self->augment = ax_augment_usual (strength);
  if (!open_sets (self, error))
    return NULL;
  make_sampler (self, seed);
  make_validation (self, seed);
  describe (self);
  return g_steal_pointer (&self);
}

void
ax_train_data_free (AxTrainData *self)
{
  if (self == NULL)
    return;
  ax_sampler_free (self->sampler);
  ax_validation_free (self->validation);
  if (self->sets != NULL)
    g_array_unref (self->sets);
  g_clear_pointer (&self->model, ax_model_unref);
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

guint
ax_train_data_get_n_sets (const AxTrainData *self)
{
  return self->sets->len;
}

AxSampleSource *
ax_train_data_get_set (AxTrainData *self, guint index)
{
  return g_array_index (self->sets, Set, index).train;
}
