#include "core/train/hard-negative.h"

#include "core/train/mining.h"
#include "core/train/trainer.h"
#include "tests/support/data.h"
#include "tests/support/drawn-source.h"
#include "tests/support/expect-error.h"
#include "tests/support/tiny-model.h"
#include "tests/support/training-slides.h"

#include <glib/gstdio.h>
#include <math.h>
#include <stdlib.h>

#define FIELD TINY_MODEL_FIELD
#define STEP TINY_MODEL_STRIDE

static AxEngine *
open_engine (void)
{
  const AxEngineSetup setup = { .n_threads = 1 };
  g_autoptr (GError) error = NULL;
  AxEngine *engine = ax_engine_new ("cpu", &setup, &error);
  g_assert_no_error (error);
  return engine;
}

/* The tumour probability of one field by itself. */
static double
judge (AxEngine *engine, AxModel *model, const guint8 *rgb)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AxPlan) plan = ax_plan_new (
      engine, ax_model_get_inference_graph (model),
      ax_model_get_inference_weights (model), 1, FIELD, FIELD, &error);
  float values[2] = { 0 };
  float *output = values;
  g_assert_no_error (error);
  ax_plan_forward_rgb (plan, rgb, &output, &error);
  g_assert_no_error (error);
  return values[ax_model_get_tumor_class (model)];
}

static void
mine (AxHardNegatives *negatives, AxModel *model, AxEngine *engine,
      const AxMiningSpec *spec)
{
  g_autoptr (GError) error = NULL;
  ax_mine (negatives, model, engine, spec, &error);
  g_assert_no_error (error);
}

static AxMiningSpec
make_spec (const AxModel *model)
{
  AxMiningSpec spec;
  ax_mining_spec_init (&spec, model);
  spec.n_threads = 1;
  return spec;
}

/* Pictures. */

#define N_PICTURES 75
#define BROKEN 40

static void
draw_blotches (int label, guint item, int side, guint8 *rgb)
{
  AxRng rng = ax_rng_init (11, item);
  const double base[3]
      = { ax_rng_range (&rng, 0, 255), ax_rng_range (&rng, 0, 255),
          ax_rng_range (&rng, 0, 255) };
  for (int i = 0; i < side * side * 3; i++)
    rgb[i] = (guint8)CLAMP (base[i % 3] + 30 * ax_rng_normal (&rng), 0, 255);
}

/* Median of the probabilities, so that half of them are found. */
static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double
judge_pictures (AxEngine *engine, AxModel *model, double *probabilities)
{
  double sorted[N_PICTURES];
  guint8 rgb[3 * FIELD * FIELD];
  for (guint i = 0; i < N_PICTURES; i++)
    {
      draw_blotches (0, i, FIELD, rgb);
      sorted[i] = probabilities[i] = judge (engine, model, rgb);
    }
  qsort (sorted, N_PICTURES, sizeof *sorted, compare_doubles);
  return (sorted[N_PICTURES / 2] + sorted[N_PICTURES / 2 + 1]) / 2.0;
}

static void
test_pictures (void)
{
  DrawnSource *drawn = drawn_source_new (N_PICTURES, 9, FIELD, draw_blotches);
  g_autoptr (AxSampleSource) parent = &drawn->source;
  g_autoptr (AxModel) model = tiny_model_new (1, 1.0);
  g_autoptr (AxEngine) engine = open_engine ();
  g_autoptr (AxHardNegatives) negatives = ax_hard_negatives_new (parent);
  AxMiningSpec spec = make_spec (model);
  double probabilities[N_PICTURES];
  guint n = 0;
  spec.threshold = judge_pictures (engine, model, probabilities);
  drawn->broken = BROKEN;
  mine (negatives, model, engine, &spec);
  for (guint i = 0; i < N_PICTURES; i++)
    if (i != BROKEN && probabilities[i] >= spec.threshold)
      {
        const AxHardNegative *found = ax_hard_negatives_get (negatives, n++);
        g_assert_cmpuint (found->item, ==, i);
        g_assert_cmpfloat_with_epsilon (found->p, probabilities[i], 1e-5);
      }
  g_assert_cmpuint (n, >=, N_PICTURES / 2 - 1);
  g_assert_cmpuint (ax_hard_negatives_get_n_found (negatives, 0), ==, n);

  /* Nothing is found twice. */
  mine (negatives, model, engine, &spec);
  g_assert_cmpuint (ax_hard_negatives_get_n_rounds (negatives), ==, 2);
  g_assert_cmpuint (ax_hard_negatives_get_n_found (negatives, 1), ==, 0);
  g_assert_cmpuint (ax_hard_negatives_get_n (negatives), ==, n);
}

static void
test_source (void)
{
  DrawnSource *drawn = drawn_source_new (20, 9, FIELD, draw_blotches);
  g_autoptr (AxSampleSource) parent = &drawn->source;
  g_autoptr (AxHardNegatives) negatives = ax_hard_negatives_new (parent);
  AxSampleSource *source = ax_hard_negatives_get_source (negatives);
  g_autoptr (GArray) found
      = g_array_new (FALSE, FALSE, sizeof (AxHardNegative));
  const AxHardNegative seventh = { .item = 7, .p = 0.9 };
  guint8 expected[3 * FIELD * FIELD];
  g_auto (AxSample) sample = { 0 };
  AxRng rng = ax_rng_init (1, 1);
  g_autoptr (GError) error = NULL;
  g_assert_cmpuint (ax_sample_source_get_n_items (source, 0), ==, 0);
  g_array_append_val (found, seventh);
  ax_hard_negatives_add_round (negatives, found);
  g_assert_cmpuint (ax_sample_source_get_n_items (source, 0), ==, 1);
  g_assert_cmpuint (ax_sample_source_get_n_items (source, 1), ==, 0);
  g_assert_cmpstr (ax_sample_source_get_name (source), ==,
                   "hard negatives of drawn");
  ax_sample_source_read (source, 0, 0, &rng, &sample, &error);
  g_assert_no_error (error);
  draw_blotches (0, 7, FIELD, expected);
  g_assert_cmpmem (sample.rgb, sizeof expected, expected, sizeof expected);
}

static void
test_cancelled (void)
{
  DrawnSource *drawn = drawn_source_new (20, 9, FIELD, draw_blotches);
  g_autoptr (AxSampleSource) parent = &drawn->source;
  g_autoptr (AxModel) model = tiny_model_new (1, 1.0);
  g_autoptr (AxEngine) engine = open_engine ();
  g_autoptr (AxHardNegatives) negatives = ax_hard_negatives_new (parent);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  AxMiningSpec spec = make_spec (model);
  spec.cancellable = cancellable;
  g_cancellable_cancel (cancellable);
  g_assert_false (ax_mine (negatives, model, engine, &spec, &error));
  expect_error (&error, AX_ERROR_CANCELLED, "mining was cancelled");
  g_assert_cmpuint (ax_hard_negatives_get_n_rounds (negatives), ==, 0);
}

/* Slides. */

static const TrainingArea lesion = { "a", "_0", 300, 200, 500, 400 };

typedef struct
{
  TrainingSlides files;
  AxModel *model;
  AxEngine *engine;
  AxSlideFolder *folder;
  AxHardNegatives *negatives;
  AxMiningSpec spec;
} MiningFixture;

static void
count_share (double share, gpointer user_data)
{
  double *last = user_data;
  g_assert_cmpfloat (share, >=, *last);
  *last = share;
}

static void
slides_init (MiningFixture *self)
{
  const AxSlideFolderSpec spec = {
    .mpp = TRAINING_SLIDE_MPP, .field = FIELD, .window = STEP, .side = FIELD
  };
  g_autoptr (GError) error = NULL;
  training_slides_init (&self->files);
  training_slides_add (&self->files, "a.tif", NULL, 0);
  training_slides_annotate (&self->files, "a.xml", &lesion, 1);
  training_slides_add (&self->files, "b.tif", NULL, 0);
  training_slides_annotate (&self->files, "b.xml", NULL, 0);
  self->model = tiny_model_new (1, TRAINING_SLIDE_MPP);
  self->engine = open_engine ();
  self->folder = ax_slide_folder_new (self->files.folder, &spec, &error);
  g_assert_no_error (error);
  self->negatives
      = ax_hard_negatives_new (ax_slide_folder_get_source (self->folder));
  self->spec = make_spec (self->model);
  self->spec.max_per_slide = 0;
}

static void
slides_clear (MiningFixture *self)
{
  ax_hard_negatives_free (self->negatives);
  ax_sample_source_free (ax_slide_folder_get_source (self->folder));
  ax_engine_free (self->engine);
  ax_model_unref (self->model);
  training_slides_clear (&self->files);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (MiningFixture, slides_clear)

/* A sample's own pixels give the probability that the scan found. */
static void
check_place (const MiningFixture *self, guint index)
{
  const AxHardNegative *found = ax_hard_negatives_get (self->negatives, index);
  const int x = (int)found->place.x, y = (int)found->place.y;
  g_auto (AxSample) sample = { 0 };
  AxRng rng = ax_rng_init (1, 1);
  g_autoptr (GError) error = NULL;
  ax_sample_source_read (ax_hard_negatives_get_source (self->negatives), 0,
                         index, &rng, &sample, &error);
  g_assert_no_error (error);
  g_assert_cmpint (sample.label, ==, 0);
  g_assert_cmpfloat_with_epsilon (judge (self->engine, self->model, sample.rgb),
                                  found->p, 1e-4);
  g_assert_cmpfloat (found->p, >=, self->spec.threshold - 1e-5);
  if (found->item == 0)
    g_assert_true (x + STEP / 2 <= lesion.x || x - STEP / 2 >= lesion.end_x
                   || y + STEP / 2 <= lesion.y || y - STEP / 2 >= lesion.end_y);
}

static double
get_distance (const AxHardNegative *a, const AxHardNegative *b)
{
  return hypot ((double)(a->place.x - b->place.x),
                (double)(a->place.y - b->place.y));
}

static void
check_spread (const MiningFixture *self)
{
  const guint n = ax_hard_negatives_get_n (self->negatives);
  for (guint i = 0; i < n; i++)
    for (guint j = 0; j < i; j++)
      {
        const AxHardNegative *a = ax_hard_negatives_get (self->negatives, i);
        const AxHardNegative *b = ax_hard_negatives_get (self->negatives, j);
        if (a->item == b->item)
          g_assert_cmpfloat (get_distance (a, b), >, FIELD / 2.0);
      }
}

/* Without a limit a round leaves nothing to a second one. */
static void
test_slides (void)
{
  g_auto (MiningFixture) self = { 0 };
  double last = 0.0;
  slides_init (&self);
  self.spec.threshold = 0.3;
  self.spec.on_progress = count_share;
  self.spec.user_data = &last;
  mine (self.negatives, self.model, self.engine, &self.spec);
  const guint n = ax_hard_negatives_get_n (self.negatives);
  g_assert_cmpuint (n, >, 100);
  g_assert_cmpfloat (last, ==, 1.0);
  check_spread (&self);
  for (guint i = 0; i < n; i += 1 + n / 50)
    check_place (&self, i);
  for (guint i = 1; i < n; i++)
    {
      const AxHardNegative *a = ax_hard_negatives_get (self.negatives, i - 1);
      const AxHardNegative *b = ax_hard_negatives_get (self.negatives, i);
      g_assert_true (a->item < b->item || a->p >= b->p);
    }
  last = 0.0;
  mine (self.negatives, self.model, self.engine, &self.spec);
  g_assert_cmpuint (ax_hard_negatives_get_n_found (self.negatives, 1), ==, 0);
}

/* The most probable ones come first, the next ones in the next round. */
static void
test_limit (void)
{
  g_auto (MiningFixture) self = { 0 };
  g_auto (MiningFixture) all = { 0 };
  slides_init (&self);
  slides_init (&all);
  self.spec.threshold = all.spec.threshold = 0.3;
  self.spec.max_per_slide = 5;
  mine (all.negatives, all.model, all.engine, &all.spec);
  mine (self.negatives, self.model, self.engine, &self.spec);
  mine (self.negatives, self.model, self.engine, &self.spec);
  g_assert_cmpuint (ax_hard_negatives_get_n_found (self.negatives, 0), ==, 10);
  g_assert_cmpuint (ax_hard_negatives_get_n_found (self.negatives, 1), ==, 10);
  for (guint i = 0; i < 10; i++)
    {
      const guint index = i < 5 ? i : i + 5;
      const AxHardNegative *a = ax_hard_negatives_get (all.negatives, i);
      const AxHardNegative *b = ax_hard_negatives_get (self.negatives, index);
      g_assert_cmpuint (b->item, ==, 0);
      g_assert_cmpint (a->place.x, ==, b->place.x);
      g_assert_cmpint (a->place.y, ==, b->place.y);
    }
  check_spread (&self);
}

/* The file. */

static AxHardNegatives *
make_two_rounds (AxSampleSource *parent)
{
  const AxHardNegative first[]
      = { { 3, { 10, 20 }, 0.75 }, { 0, { 0, 5000000 }, 1.0 } };
  const AxHardNegative third[] = { { 19, { 1, 2 }, 0.5 } };
  AxHardNegatives *negatives = ax_hard_negatives_new (parent);
  g_autoptr (GArray) found
      = g_array_new (FALSE, FALSE, sizeof (AxHardNegative));
  g_array_append_vals (found, first, 2);
  ax_hard_negatives_add_round (negatives, found);
  g_array_set_size (found, 0);
  ax_hard_negatives_add_round (negatives, found);
  g_array_append_vals (found, third, 1);
  ax_hard_negatives_add_round (negatives, found);
  return negatives;
}

static void
test_file (void)
{
  DrawnSource *drawn = drawn_source_new (20, 9, FIELD, draw_blotches);
  g_autoptr (AxSampleSource) parent = &drawn->source;
  g_autoptr (AxHardNegatives) negatives = make_two_rounds (parent);
  g_autofree char *path = scratch_path ("negatives.json");
  g_autoptr (GError) error = NULL;
  ax_hard_negatives_write (negatives, path, &error);
  g_assert_no_error (error);
  g_autoptr (AxHardNegatives) read
      = ax_hard_negatives_read (path, parent, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (ax_hard_negatives_get_n_rounds (read), ==, 3);
  g_assert_cmpuint (ax_hard_negatives_get_n_found (read, 0), ==, 2);
  g_assert_cmpuint (ax_hard_negatives_get_n_found (read, 1), ==, 0);
  for (guint i = 0; i < 3; i++)
    {
      const AxHardNegative *a = ax_hard_negatives_get (negatives, i);
      const AxHardNegative *b = ax_hard_negatives_get (read, i);
      g_assert_cmpuint (a->item, ==, b->item);
      g_assert_cmpint (a->place.x, ==, b->place.x);
      g_assert_cmpint (a->place.y, ==, b->place.y);
      g_assert_cmpfloat (a->p, ==, b->p);
    }
}

static void
test_bad_file (void)
{
#define HEAD "{\"items\": 20, \"places\": false, \"rounds\": "
  static const struct
  {
    const char *text, *regex;
  } cases[] = {
    { "", "bad.json, byte 0: ends where '\\{' was expected" },
    { "{\"items\": 21, \"places\": false, \"rounds\": []}",
      "made of 21 normal items, but there are 20 now" },
    { "{\"items\": 20, \"places\": true, \"rounds\": []}",
      "made of slides, not of pictures" },
    { "{\"places\": false, \"rounds\": []}", "'items' is missing" },
    { HEAD "[[[20,0,0,0.5]]]}", "19" },
    { HEAD "[[[1,0,0]]]}", "a hard negative is \\[item, x, y, p\\]" },
    { HEAD "[[[1,0,0,0.5,1]]]}", "a hard negative is \\[item, x, y, p\\]" },
    { HEAD "[[[1,-4,0,0.5]]]}", "'-4' is not a whole number from 0" },
    { HEAD "[[[1,0,0,1.5]]]}", "1.5" },
    { HEAD "[[[1,0,0,0.5]]", "ends where ',' was expected" },
    { HEAD "[], \"more\": 1}", "'more' is not known" },
    { HEAD "[]} x", "text after the end" },
  };
#undef HEAD
  DrawnSource *drawn = drawn_source_new (20, 9, FIELD, draw_blotches);
  g_autoptr (AxSampleSource) parent = &drawn->source;
  g_autofree char *path = scratch_path ("bad.json");
  g_autoptr (GError) error = NULL;
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_assert_true (g_file_set_contents (path, cases[i].text, -1, NULL));
      g_assert_null (ax_hard_negatives_read (path, parent, &error));
      expect_error (&error, AX_ERROR_FORMAT, cases[i].regex);
    }
  g_remove (path);
  g_assert_null (ax_hard_negatives_read (path, parent, &error));
  expect_error (&error, AX_ERROR_IO, "bad.json");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/hard-negative/pictures", test_pictures);
  g_test_add_func ("/hard-negative/source", test_source);
  g_test_add_func ("/hard-negative/cancelled", test_cancelled);
  g_test_add_func ("/hard-negative/slides", test_slides);
  g_test_add_func ("/hard-negative/limit", test_limit);
  g_test_add_func ("/hard-negative/file", test_file);
  g_test_add_func ("/hard-negative/bad-file", test_bad_file);
  return g_test_run ();
}
