#include "app/train-data.h"

#include "app/command.h"
#include "app/option.h"
#include "app/progress.h"
#include "core/train/patch-folder.h"
#include "core/train/slide-folder.h"
#include "core/train/slide-list.h"

#define DEFAULT_PRODUCERS 2
#define DEFAULT_VALID_PLACES 1000 /* of each class, from slides */
#define DEFAULT_SIDE 256          /* of networks that learn from masks */
#define PLACES_OF_SLIDE 100       /* in an epoch, unless told otherwise */

static struct
{
  char **data;
  char *shares, *class_shares, *augment, *producers, *valid_places, *side;
} options;

const GOptionEntry ax_train_data_options[] = {
  { "data", 'd', 0, G_OPTION_ARG_FILENAME_ARRAY, &options.data,
    "pictures or slides to learn from; may be given several times", "DIR" },
  { "shares", 0, 0, G_OPTION_ARG_STRING, &options.shares,
    "how much of the samples comes from each DIR (1,1,...)", "LIST" },
  { "class-shares", 0, 0, G_OPTION_ARG_STRING, &options.class_shares,
    "how much of the samples is of each class (as the recipe says)", "LIST" },
  { "side", 0, 0, G_OPTION_ARG_STRING, &options.side,
    "of the pictures, for networks that learn from masks (256)", "PX" },
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
  int side; /* of the pictures learnt from */
  gboolean masks;
  char *description;
  AxProgress *progress; /* (unowned) of opening slides */
};

static void
set_clear (gpointer data)
{
  Set *self = data;
  ax_sample_source_free (self->train);
  ax_sample_source_free (self->valid);
}

static void
show_share (double share, gpointer progress)
{
  ax_progress_update (progress, share, "");
}

static AxSampleSource *
open_slides (const AxTrainData *self, const char *folder, GError **error)
{
  const int field = ax_model_get_field (self->model);
  const int side = ax_augment_get_side (&self->augment, self->side);
  const AxSlideFolderSpec spec = {
    .mpp = ax_model_get_mpp (self->model),
    .field = field,
    .window = MIN (2 * ax_model_get_stride (self->model), field),
    .side = MAX (side, field + (side - field) % 2),
    .masks = self->masks,
    .on_progress = show_share,
    .user_data = self->progress,
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

/* @n numbers, each 1 when none are given: (element-type double). */
static GArray *
read_shares (const char *text, const char *name, guint n, const char *what,
             GError **error)
{
  g_auto (GStrv) parts = g_strsplit (text != NULL ? text : "", ",", -1);
  g_autoptr (GArray) shares = g_array_new (FALSE, FALSE, sizeof (double));
  if (text != NULL && g_strv_length (parts) != n)
    {
      g_set_error (error, AX_USAGE_ERROR, AX_USAGE_ERROR_WRONG,
                   "%s: %u numbers for %u %s", name, g_strv_length (parts), n,
                   what);
      return NULL;
    }
  for (guint i = 0; i < n; i++)
    {
      double share = 1.0;
      if (!ax_option_double (text != NULL ? parts[i] : NULL, name, 0.001, 1000,
                             &share, error))
        return NULL;
      g_array_append_val (shares, share);
    }
  return g_steal_pointer (&shares);
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
  g_autoptr (GArray) shares
      = read_shares (options.shares, "--shares", n, "folders of --data", error);
  if (shares == NULL)
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (!add_set (self, options.data[i], g_array_index (shares, double, i),
                  error))
      return FALSE;
  return TRUE;
}

static gboolean
make_sampler (AxTrainData *self, const AxTrainRecipe *recipe, guint64 seed,
              GError **error)
{
  const guint n_classes = ax_model_get_n_classes (self->model);
  g_autoptr (GArray) shares = read_shares (
      options.class_shares, "--class-shares", n_classes, "classes", error);
  if (shares == NULL)
    return FALSE;
  for (guint i = 0; i < MIN (n_classes, G_N_ELEMENTS (recipe->class_shares))
                    && options.class_shares == NULL;
       i++)
    g_array_index (shares, double, i) = recipe->class_shares[i];
  self->sampler = ax_sampler_new ((int)n_classes, (const double *)shares->data,
                                  self->side, &self->augment, seed);
  for (guint i = 0; i < self->sets->len; i++)
    {
      const Set *set = &g_array_index (self->sets, Set, i);
      ax_sampler_add (self->sampler, set->train, set->share);
    }
  return TRUE;
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

char *
ax_train_data_shorten (const char *folder)
{
  g_autofree char *above = g_path_get_dirname (folder);
  g_autofree char *outer = g_path_get_basename (above);
  g_autofree char *inner = g_path_get_basename (folder);
  return g_path_is_absolute (outer) || g_str_equal (outer, ".")
             ? g_steal_pointer (&inner)
             : g_build_filename (outer, inner, NULL);
}

/* Pictures, or slides: those with tumour have normal tissue as well. */
static guint
count_files (const Set *set)
{
  const guint n = ax_sample_source_get_n_items (set->train, 0);
  return set->is_slides ? n : n + ax_sample_source_get_n_items (set->train, 1);
}

static void
describe (AxTrainData *self)
{
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < self->sets->len; i++)
    {
      const Set *set = &g_array_index (self->sets, Set, i);
      const guint n = count_files (set);
      g_autofree char *name
          = ax_train_data_shorten (ax_sample_source_get_name (set->train));
      g_string_append_printf (text, "%s%u %s of %s", i > 0 ? ", " : "", n,
                              set->is_slides ? "slides" : "pictures", name);
    }
  self->description = g_string_free (text, FALSE);
}

/* Masks are learnt from whole pictures, classes from one field. */
static gboolean
choose_side (AxTrainData *self, GError **error)
{
  const int stride = ax_model_get_stride (self->model);
  guint n_tasks;
  const AxModelTask *tasks = ax_model_get_tasks (self->model, &n_tasks);
  self->side = ax_model_get_field (self->model);
  for (guint t = 0; t < n_tasks; t++)
    self->masks |= tasks[t].target == AX_TARGET_MASK;
  if (!self->masks)
    return TRUE;
  self->side = DEFAULT_SIDE;
  if (!ax_option_int (options.side, "--side", 16, 4096, &self->side, error))
    return FALSE;
  if (self->side % stride == 0)
    return TRUE;
  g_set_error (error, AX_USAGE_ERROR, AX_USAGE_ERROR_WRONG,
               "--side: %d is not a multiple of the network's %d", self->side,
               stride);
  return FALSE;
}

AxTrainData *
ax_train_data_new (AxModel *model, const AxTrainRecipe *recipe, guint64 seed,
                   gboolean show_progress, GError **error)
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
  self->augment = ax_train_recipe_get_augment (recipe, strength);
  g_autoptr (AxProgress) progress
      = ax_progress_new ("opening slides", show_progress);
  self->progress = progress;
  if (!choose_side (self, error) || !open_sets (self, error))
    return NULL;
  if (!make_sampler (self, recipe, seed, error))
    return NULL;
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

char *
ax_train_data_get_settings (void)
{
  return g_strdup_printf ("shares=%s class-shares=%s side=%s augment=%s",
                          ax_option_or_usual (options.shares),
                          ax_option_or_usual (options.class_shares),
                          ax_option_or_usual (options.side),
                          ax_option_or_usual (options.augment));
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
ax_train_data_get_n_samples (const AxTrainData *self)
{
  guint n_samples = 0;
  for (guint i = 0; i < self->sets->len; i++)
    {
      const Set *set = &g_array_index (self->sets, Set, i);
      n_samples += count_files (set) * (set->is_slides ? PLACES_OF_SLIDE : 1);
    }
  return n_samples;
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
