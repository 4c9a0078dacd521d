#include "core/train/mining.h"

#include "core/train/trainer.h"
#include "tests/support/drawn-source.h"
#include "tests/support/tiny-model.h"

#include <stdlib.h>

/* Does mining help where it should: few tumour, and among many normal pictures
 * a few that look like it?  Tumour is a dark disc; most of what is normal is
 * light, and one picture in LOOK_ALIKE is a dark disc with a light middle. */

#define FIELD TINY_MODEL_FIELD
#define LOOK_ALIKE 50
#define N_NORMAL 3000
#define N_TUMOR 60
#define N_TEST_NORMAL 4000
#define N_TEST_TUMOR 400
#define FIRST_TEST 100000
#define N_EPOCHS 12
#define N_SAMPLES 320
#define EPOCHS_A_ROUND 4 /* learnt before it */
#define N_ROUNDS 2
#define N_RUNS 4
#define SENSITIVITY 0.95

static void
draw_picture (int label, guint item, int side, guint8 *rgb)
{
  static const double light[3] = { 225, 190, 215 };
  static const double dark[3] = { 120, 70, 150 };
  AxRng rng = ax_rng_init (label == 1 ? 21 : 22, item);
  const gboolean look_alike = label == 0 && item % LOOK_ALIKE == 0;
  const double x0 = side / 2.0 + ax_rng_range (&rng, -1.0, 1.0);
  const double y0 = side / 2.0 + ax_rng_range (&rng, -1.0, 1.0);
  const double radius = ax_rng_range (&rng, 3.5, 5.5);
  const double hole = look_alike ? ax_rng_range (&rng, 1.2, 2.0) : 0.0;
  const double shade = ax_rng_range (&rng, -25.0, 25.0);
  for (int y = 0; y < side; y++)
    for (int x = 0; x < side; x++)
      {
        const double dx = x + 0.5 - x0, dy = y + 0.5 - y0;
        const double r2 = dx * dx + dy * dy;
        const gboolean is_dark = (label == 1 || look_alike)
                                 && r2 <= radius * radius && r2 >= hole * hole;
        const double *colour = is_dark ? dark : light;
        for (int c = 0; c < 3; c++)
          *rgb++ = (guint8)CLAMP (
              colour[c] + shade + 18.0 * ax_rng_normal (&rng), 0.0, 255.0);
      }
}

static void
draw_test_picture (int label, guint item, int side, guint8 *rgb)
{
  draw_picture (label, item + FIRST_TEST, side, rgb);
}

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Normal pictures at least as probable as the least probable of the tumour
 * pictures that are found at the sensitivity. */
static guint
count_false_positives (const AxValidationResult *result)
{
  double tumor[N_TEST_TUMOR];
  guint n_tumor = 0, n_false = 0;
  for (guint i = 0; i < result->n_samples; i++)
    if (result->labels[i] == 1)
      tumor[n_tumor++] = result->probabilities[2 * i + 1];
  qsort (tumor, n_tumor, sizeof *tumor, compare_doubles);
  const double threshold = tumor[(guint)((1.0 - SENSITIVITY) * n_tumor)];
  for (guint i = 0; i < result->n_samples; i++)
    n_false += result->labels[i] == 0
               && result->probabilities[2 * i + 1] >= threshold;
  return n_false;
}

static guint
judge (AxTrainer *trainer)
{
  g_autoptr (AxSampleSource) test
      = &drawn_source_new (N_TEST_NORMAL, N_TEST_TUMOR, FIELD,
                           draw_test_picture)
             ->source;
  g_autoptr (AxValidation) validation
      = ax_validation_new (test, 2, 0, FIELD, 1, 2);
  g_auto (AxValidationResult) result = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (AxModel) model = ax_trainer_get_model (trainer, &error);
  g_assert_no_error (error);
  ax_validation_run (validation, ax_trainer_get_engine (trainer), model, NULL,
                     &result, &error);
  g_assert_no_error (error);
  return count_false_positives (&result);
}

static void
run_epoch (AxTrainer *trainer)
{
  g_autoptr (GError) error = NULL;
  ax_trainer_run_epoch (trainer, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
mine_round (AxTrainer *trainer, AxHardNegatives *negatives)
{
  g_autoptr (GError) error = NULL;
  AxMiningSpec spec;
  g_autoptr (AxModel) model = ax_trainer_get_model (trainer, &error);
  g_assert_no_error (error);
  ax_mining_spec_init (&spec, model);
  ax_mine (negatives, model, ax_trainer_get_engine (trainer), &spec, &error);
  g_assert_no_error (error);
}

/* What comes of a run; those of one seed have the same length and chance. */
static guint
train (guint64 seed, guint n_rounds)
{
  const double shares[2] = { 1, 1 };
  const AxAugment none = ax_augment_none ();
  const AxTrainSpec spec = { .engine = "cpu",
                             .n_threads = 1,
                             .batch = 32,
                             .n_epochs = N_EPOCHS,
                             .n_samples = N_SAMPLES,
                             .optim = ax_optim_init (AX_OPTIM_ADAM, 0.01),
                             .head_rate = 1.0,
                             .average = 0.9,
                             .n_producers = 2 };
  g_autoptr (AxSampleSource) source
      = &drawn_source_new (N_NORMAL, N_TUMOR, FIELD, draw_picture)->source;
  g_autoptr (AxHardNegatives) negatives = ax_hard_negatives_new (source);
  g_autoptr (AxModel) start = tiny_model_new (seed, 1.0);
  g_autoptr (AxSampler) sampler
      = ax_sampler_new (2, shares, FIELD, &none, seed);
  g_autoptr (GError) error = NULL;
  ax_sampler_add (sampler, source, 1.0);
  g_autoptr (AxTrainer) trainer
      = ax_trainer_new (&spec, start, sampler, NULL, &error);
  g_assert_no_error (error);
  for (guint epoch = 0; epoch < N_EPOCHS; epoch++)
    {
      const guint round = epoch / EPOCHS_A_ROUND;
      if (epoch % EPOCHS_A_ROUND == 0 && round > 0 && round <= n_rounds)
        mine_round (trainer, negatives);
      if (epoch == EPOCHS_A_ROUND && n_rounds > 0)
        ax_sampler_add (sampler, ax_hard_negatives_get_source (negatives), 1.0);
      run_epoch (trainer);
    }
  g_test_message ("%u hard negatives", ax_hard_negatives_get_n (negatives));
  return judge (trainer);
}

static void
test_fewer_false_positives (void)
{
  guint n_without = 0, n_with = 0;
  for (guint64 seed = 1; seed <= N_RUNS; seed++)
    {
      n_without += train (seed, 0);
      n_with += train (seed, N_ROUNDS);
    }
  g_test_message ("%u false positives without mining, %u with it", n_without,
                  n_with);
  g_assert_cmpfloat (n_with, <, 0.8 * n_without);
}

/* The attention network has a second output, which mining does not ask. */
static void
test_networks_of_two_outputs (void)
{
  enum { N = 40 };
  g_autoptr (GError) error = NULL;
  g_autoptr (AxModel) model = ax_model_new_random ("attention-10x", 3, &error);
  g_assert_no_error (error);
  const AxEngineSetup setup = { .n_threads = 1 };
  g_autoptr (AxEngine) engine = ax_engine_new ("cpu", &setup, &error);
  g_assert_no_error (error);
  const int field = ax_model_get_field (model);
  g_autoptr (AxSampleSource) source
      = &drawn_source_new (N, 1, field, draw_picture)->source;
  g_autoptr (AxHardNegatives) negatives = ax_hard_negatives_new (source);
  g_autoptr (AxValidation) validation
      = ax_validation_new (source, 2, 0, field, 1, 1);
  g_auto (AxValidationResult) expected = { 0 };
  AxMiningSpec spec;
  ax_validation_run (validation, engine, model, NULL, &expected, &error);
  g_assert_no_error (error);
  ax_mining_spec_init (&spec, model);
  spec.threshold = 0.0;
  ax_mine (negatives, model, engine, &spec, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (ax_hard_negatives_get_n (negatives), ==, N);
  for (guint i = 0; i < N; i++)
    {
      const AxHardNegative *negative = ax_hard_negatives_get (negatives, i);
      g_assert_cmpfloat_with_epsilon (
          negative->p, expected.probabilities[2 * negative->item + 1], 1e-6);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mining/fewer-false-positives", test_fewer_false_positives);
  g_test_add_func ("/mining/networks-of-two-outputs",
                   test_networks_of_two_outputs);
  return g_test_run ();
}
