#include "core/train/trainer.h"
#include "core/nn/safetensors.h"
#include "core/nn/tensor.h"
#include "core/slide/image.h"
#include "core/train/finish.h"
#include "core/train/patch-folder.h"
#include "core/train/weights-init.h"
#include "tests/support/drawn-source.h"
#include "tests/support/expect-error.h"
#include "tests/support/tiny-model.h"

#include <glib/gstdio.h>
#include <math.h>
#include <signal.h>
#include <sys/resource.h>

#define N_EPOCHS 3

/* A whole run on drawn samples. */
typedef struct
{
  AxModel *model;
  AxSampleSource *train, *valid;
  AxSampler *sampler;
  AxValidation *validation;
  AxTrainSpec spec;
  AxTrainer *trainer;
} Fixture;

static void
fixture_begin (Fixture *self, const char *engine, guint n_bad)
{
  g_autoptr (GError) error = NULL;
  const AxAugment usual = ax_augment_usual (0.2);
  const double shares[2] = { 1, 1 };
  self->model = tiny_model_new (3, 1.0);
  self->train
      = &drawn_source_new_noise (40, n_bad, TINY_MODEL_FIELD + 2)->source;
  self->valid = &drawn_source_new_noise (25, 0, TINY_MODEL_FIELD + 2)->source;
  self->sampler = ax_sampler_new (2, shares, TINY_MODEL_FIELD, &usual, 7);
  ax_sampler_add (self->sampler, self->train, 1.0);
  self->validation
      = ax_validation_new (self->valid, 2, 0, TINY_MODEL_FIELD, 1, 2);
  self->spec = (AxTrainSpec){ .engine = engine,
                              .n_threads = 1,
                              .batch = 8,
                              .n_epochs = N_EPOCHS,
                              .n_samples = 84,
                              .optim = ax_optim_init (AX_OPTIM_ADAM, 0.02),
                              .head_rate = 2.0,
                              .average = 0.9,
                              .n_producers = 2 };
  self->trainer = ax_trainer_new (&self->spec, self->model, self->sampler,
                                  self->validation, &error);
  g_assert_no_error (error);
}

static void
fixture_clear (Fixture *self)
{
  ax_trainer_free (self->trainer);
  ax_validation_free (self->validation);
  ax_sampler_free (self->sampler);
  ax_sample_source_free (self->train);
  ax_sample_source_free (self->valid);
  ax_model_unref (self->model);
  *self = (Fixture){ 0 };
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fixture, fixture_clear)

static void
remake_trainer (Fixture *self)
{
  g_autoptr (GError) error = NULL;
  g_clear_pointer (&self->trainer, ax_trainer_free);
  self->trainer = ax_trainer_new (&self->spec, self->model, self->sampler,
                                  self->validation, &error);
  g_assert_no_error (error);
}

static void
run_to_end (Fixture *self)
{
  g_autoptr (GError) error = NULL;
  while (!ax_trainer_is_done (self->trainer))
    {
      ax_trainer_run_epoch (self->trainer, NULL, NULL, NULL, &error);
      g_assert_no_error (error);
    }
}

static AxTrainRow
get_row (const Fixture *self, guint index)
{
  return g_array_index (ax_trainer_get_curve (self->trainer), AxTrainRow,
                        index);
}

/* Cancels after so many steps of one epoch. */
typedef struct
{
  GCancellable *cancellable;
  guint n_steps_left;
} Stop;

static void
count_down (const AxTrainProgress *progress, gpointer user_data)
{
  Stop *stop = user_data;
  if (progress->batch > 0 && stop->n_steps_left > 0
      && --stop->n_steps_left == 0)
    g_cancellable_cancel (stop->cancellable);
}

static void
run_steps (Fixture *self, guint n_steps)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Stop stop = { cancellable, n_steps };
  while (!g_cancellable_is_cancelled (cancellable))
    {
      g_clear_error (&error);
      ax_trainer_run_epoch (self->trainer, cancellable, count_down, &stop,
                            &error);
    }
  expect_error (&error, AX_ERROR_CANCELLED, "interrupted");
}

static void
test_learns (gconstpointer engine)
{
  g_auto (Fixture) run = { 0 };
  fixture_begin (&run, engine, 0);
  run_to_end (&run);
  g_assert_cmpuint (ax_trainer_get_n_epochs (run.trainer), ==, N_EPOCHS);
  g_assert_cmpfloat (get_row (&run, 2).loss, <, get_row (&run, 0).loss);
  g_assert_cmpfloat (get_row (&run, 2).valid_auc, >, 0.95);
  g_assert_cmpfloat (get_row (&run, 2).valid_loss, <, 0.5);
}

/* A network that was not symmetric is from the start, and stays so. */
static void
test_symmetry (gconstpointer engine)
{
  g_autoptr (GError) error = NULL;
  g_auto (Fixture) run = { 0 };
  fixture_begin (&run, engine, 0);
  run.spec.symmetry = AX_SYMMETRY_P4;
  run.spec.optim = ax_optim_init (AX_OPTIM_SGD, 0.05);
  remake_trainer (&run);
  run_to_end (&run);
  g_assert_cmpfloat (get_row (&run, 2).loss, <, get_row (&run, 0).loss);
  g_autoptr (AxModel) model = ax_trainer_get_model (run.trainer, &error);
  g_assert_no_error (error);
  AxWeights *weights = ax_model_get_weights (model);
  for (guint i = 0; i < ax_weights_get_n_tensors (weights); i++)
    {
      const AxTensorView *view
          = ax_weights_find (weights, ax_weights_get_name (weights, i));
      gint64 count = 0;
      g_assert_true (ax_tensor_view_count (view, &count));
      const gsize n_bytes = (gsize)count * ax_dtype_get_size (view->dtype);
      g_autofree guint8 *before = g_memdup2 (view->data, n_bytes);
      ax_symmetry_copy (AX_SYMMETRY_P4, view);
      g_assert_cmpmem (view->data, n_bytes, before, n_bytes);
    }
}

static char *
make_path (const char *name)
{
  g_autofree char *folder = g_dir_make_tmp ("axilla-test-XXXXXX", NULL);
  return g_build_filename (folder, name, NULL);
}

static void
remove_path (char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_unlink (path);
  g_rmdir (folder);
  g_free (path);
}

static void
assert_same_run (const Fixture *a, const Fixture *b)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AxModel) model_a = ax_trainer_get_best_model (a->trainer, &error);
  g_autoptr (AxModel) model_b = ax_trainer_get_best_model (b->trainer, &error);
  g_assert_cmpstr (ax_model_get_hash (model_a), ==,
                   ax_model_get_hash (model_b));
  for (guint i = 0; i < N_EPOCHS; i++)
    {
      const AxTrainRow row_a = get_row (a, i), row_b = get_row (b, i);
      g_assert_cmpfloat (row_a.loss, ==, row_b.loss);
      g_assert_cmpfloat (row_a.valid_loss, ==, row_b.valid_loss);
      g_assert_cmpfloat (row_a.valid_auc, ==, row_b.valid_auc);
      g_assert_cmpfloat (row_a.rate, ==, row_b.rate);
    }
}

/* Interrupted in the middle of the second epoch, saved, loaded by another
 * trainer: the same losses and weights, bit by bit. */
static void
test_resumes (gconstpointer engine)
{
  g_autoptr (GError) error = NULL;
  g_auto (Fixture) whole = { 0 };
  g_auto (Fixture) first = { 0 };
  g_auto (Fixture) second = { 0 };
  char *path = make_path ("run.safetensors");
  fixture_begin (&whole, engine, 0);
  run_to_end (&whole);
  fixture_begin (&first, engine, 0);
  run_steps (&first, 14);
  g_assert_true (ax_trainer_save (first.trainer, path, &error));
  fixture_begin (&second, engine, 0);
  ax_trainer_load (second.trainer, path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (ax_trainer_get_n_epochs (second.trainer), ==, 1);
  run_to_end (&second);
  assert_same_run (&whole, &second);
  remove_path (path);
}

static void
expect_refusal (Fixture *run, const char *path, const char *regex)
{
  g_autoptr (GError) error = NULL;
  g_assert_false (ax_trainer_load (run->trainer, path, &error));
  expect_error (&error, AX_ERROR_FORMAT, regex);
}

static void
test_other_run (void)
{
  g_autoptr (GError) error = NULL;
  g_auto (Fixture) run = { 0 };
  g_auto (Fixture) other = { 0 };
  char *path = make_path ("run.safetensors");
  fixture_begin (&run, "cpu", 0);
  run_steps (&run, 2);
  g_assert_true (ax_trainer_save (run.trainer, path, &error));
  fixture_begin (&other, "cpu", 0);
  other.spec.batch = 4;
  remake_trainer (&other);
  expect_refusal (&other, path,
                  "run.safetensors: .* it has batch=8, this run batch=4$");
  g_assert_true (
      ax_safetensors_save (ax_model_get_weights (other.model), path, &error));
  expect_refusal (&other, path, "not a checkpoint of a training run");
  remove_path (path);
}

static void
test_other_network (void)
{
  g_autoptr (GError) error = NULL;
  g_auto (Fixture) run = { 0 };
  char *path = make_path ("run.safetensors");
  fixture_begin (&run, "cpu", 0);
  run_steps (&run, 2);
  g_assert_true (ax_trainer_save (run.trainer, path, &error));
  g_autoptr (AxWeights) saved = ax_safetensors_load (path, &error);
  ax_weights_set_metadata (saved, "axilla.arch", "{}");
  g_assert_true (ax_safetensors_save (saved, path, &error));
  expect_refusal (&run, path, "of another network: its axilla.arch is '{}'");
  remove_path (path);
}

/* A rate that throws the weights to infinity ends the run, and says where. */
static void
test_divergence (void)
{
  g_autoptr (GError) error = NULL;
  g_auto (Fixture) run = { 0 };
  fixture_begin (&run, "cpu", 0);
  run.spec.optim = ax_optim_init (AX_OPTIM_SGD, 1000.0);
  run.spec.head_rate = 1e6;
  remake_trainer (&run);
  g_assert_false (ax_trainer_run_epoch (run.trainer, NULL, NULL, NULL, &error));
  expect_error (&error, AX_ERROR_DEVICE, "^step [0-9]+: ");
}

/* A step may end in infinite weights though its loss was a number: they are not
 * kept. */
static void
test_divergence_is_not_saved (void)
{
  g_autoptr (GError) error = NULL;
  g_auto (Fixture) run = { 0 };
  g_autofree char *folder = g_dir_make_tmp ("axilla-test-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "run.safetensors", NULL);
  fixture_begin (&run, "cpu", 0);
  run.spec.optim = ax_optim_init (AX_OPTIM_SGD, 1000.0);
  run.spec.head_rate = 1e38;
  remake_trainer (&run);
  run_steps (&run, 1);
  g_assert_false (ax_trainer_save (run.trainer, path, &error));
  expect_error (&error, AX_ERROR_FORMAT, "^step 1: .*'value/head.* infinite");
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

/* With no room left the checkpoint before stays as it was. */
static void
test_full_disk (void)
{
  g_autoptr (GError) error = NULL;
  g_auto (Fixture) run = { 0 };
  g_autofree char *before = NULL, *after = NULL;
  gsize n_before, n_after;
  struct rlimit unlimited, limit;
  char *path = make_path ("run.safetensors");
  fixture_begin (&run, "cpu", 0);
  run_steps (&run, 2);
  g_assert_true (ax_trainer_save (run.trainer, path, &error));
  g_assert_true (g_file_get_contents (path, &before, &n_before, NULL));
  run_steps (&run, 2);
  signal (SIGXFSZ, SIG_IGN);
  getrlimit (RLIMIT_FSIZE, &unlimited);
  limit = unlimited;
  limit.rlim_cur = 1000;
  setrlimit (RLIMIT_FSIZE, &limit);
  const gboolean saved = ax_trainer_save (run.trainer, path, &error);
  setrlimit (RLIMIT_FSIZE, &unlimited);
  g_assert_false (saved);
  expect_error (&error, AX_ERROR_IO, "run.safetensors");
  g_assert_true (g_file_get_contents (path, &after, &n_after, NULL));
  g_assert_cmpmem (before, n_before, after, n_after);
  remove_path (path);
}

static void
test_patience (void)
{
  g_autoptr (GError) error = NULL;
  g_auto (Fixture) run = { 0 };
  fixture_begin (&run, "cpu", 0);
  run.spec.optim.rate = 1e-7;
  run.spec.n_epochs = 50;
  run.spec.patience = 2;
  remake_trainer (&run);
  run_to_end (&run);
  g_assert_cmpuint (ax_trainer_get_n_epochs (run.trainer), <, 50);
  g_assert_cmpuint (ax_trainer_get_n_epochs (run.trainer), ==,
                    ax_trainer_get_best_epoch (run.trainer) + 2);
}

/* Where nothing gets better, as above. */
static void
test_keep_last (void)
{
  g_autoptr (GError) error = NULL;
  for (int keep_last = 0; keep_last < 2; keep_last++)
    {
      g_auto (Fixture) run = { 0 };
      fixture_begin (&run, "cpu", 0);
      run.spec.optim.rate = 1e-7;
      run.spec.n_epochs = 4;
      run.spec.keep_last = keep_last;
      remake_trainer (&run);
      run_to_end (&run);
      const guint kept = ax_trainer_get_best_epoch (run.trainer);
      g_assert_true (keep_last ? kept == 4 : kept < 4);
    }
}

static void
test_unreadable_samples (void)
{
  g_autoptr (GError) error = NULL;
  g_auto (Fixture) few = { 0 };
  g_auto (Fixture) many = { 0 };
  fixture_begin (&few, "cpu", 3);
  ax_trainer_run_epoch (few.trainer, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (get_row (&few, 0).n_failed, >=, 2);
  fixture_begin (&many, "cpu", 30);
  g_assert_false (
      ax_trainer_run_epoch (many.trainer, NULL, NULL, NULL, &error));
  expect_error (&error, AX_ERROR_FORMAT,
                "samples of this epoch could not be read, the first: item");
}

/* What is kept has its figures, temperature and tile in it. */
static void
test_finish (void)
{
  g_autoptr (GError) error = NULL;
  g_auto (Fixture) run = { 0 };
  g_auto (AxValidationResult) result = { 0 };
  fixture_begin (&run, "cpu", 0);
  run_to_end (&run);
  g_autoptr (AxModel) best = ax_trainer_get_best_model (run.trainer, &error);
  g_autoptr (AxWeights) kept
      = ax_train_finish (best, ax_trainer_get_engine (run.trainer),
                         run.validation, TRUE, NULL, &result, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (result.n_samples, ==, 50);
  g_assert_cmpint (ax_weights_find (kept, "features.0.weight")->dtype, ==,
                   AX_DTYPE_F16);
  g_assert_cmpint (ax_weights_find (kept, "features.0.bias")->dtype, ==,
                   AX_DTYPE_F32);
  g_assert_nonnull (ax_weights_find (kept, "check.input"));
  g_autoptr (AxModel) model = ax_model_new (kept, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (ax_model_get_temperature (model), !=, 1.0);
  g_assert_cmpstr (
      ax_weights_get_metadata (ax_model_get_weights (model), "learnt"), ==,
      "[\"tumor\"]");
  g_auto (AxValidationResult) again = { 0 };
  g_assert_true (ax_validation_run (run.validation,
                                    ax_trainer_get_engine (run.trainer), model,
                                    NULL, &again, &error));
  g_assert_cmpfloat (again.loss, ==, result.loss);
  g_assert_cmpfloat (again.auc, ==, result.auc);
}

static void
test_init (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AxModel) model = tiny_model_new (3, 1.0);
  g_autoptr (AxModel) donor = tiny_model_new (4, 1.0);
  g_autoptr (AxWeights) source = ax_weights_new ();
  g_autoptr (AxWeights) stranger = ax_weights_new ();
  g_auto (AxWeightsTaken) taken = { 0 };
  const AxTensorView *theirs
      = ax_weights_find (ax_model_get_weights (donor), "features.0.weight");
  const gint64 five[] = { 5 };
  ax_weights_add (source, "features.0.weight", AX_DTYPE_F32, theirs->rank,
                  theirs->shape, theirs->data);
  ax_weights_add (source, "features.0.bias", AX_DTYPE_F32, 1, five, NULL);
  ax_weights_add (source, "classifier.6.bias", AX_DTYPE_F32, 1, five, NULL);
  g_autoptr (AxModel) begun
      = ax_model_init_from (model, source, &taken, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (taken.taken->len, ==, 1);
  g_assert_cmpuint (taken.reshaped->len, ==, 1);
  g_assert_cmpstr (taken.reshaped->pdata[0], ==, "features.0.bias");
  g_assert_cmpuint (taken.missing->len, ==, 6);
  g_assert_cmpuint (taken.unused->len, ==, 1);
  const AxTensorView *got
      = ax_weights_find (ax_model_get_weights (begun), "features.0.weight");
  g_assert_cmpmem (got->data, ax_tensor_view_get_bytes (got), theirs->data,
                   ax_tensor_view_get_bytes (theirs));
  ax_weights_add (stranger, "other", AX_DTYPE_F32, 1, five, NULL);
  g_auto (AxWeightsTaken) nothing = { 0 };
  g_assert_null (ax_model_init_from (model, stranger, &nothing, &error));
  expect_error (&error, AX_ERROR_FORMAT, "none of its 1 tensors");
}

static void
test_init_attention (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AxModel) model = ax_model_new_random ("attention-10x", 1, &error);
  g_autoptr (AxModel) donor = ax_model_new_random ("scannet-10x", 2, &error);
  g_auto (AxWeightsTaken) taken = { 0 };
  g_assert_no_error (error);
  AxWeights *source = ax_model_get_weights (donor);
  g_autoptr (AxModel) begun
      = ax_model_init_from (model, source, &taken, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (taken.taken->len, ==, ax_weights_get_n_tensors (source));
  g_assert_cmpuint (taken.reshaped->len, ==, 0);
  g_assert_cmpuint (taken.unused->len, ==, 0);
  const AxTensorView *theirs = ax_weights_find (source, "features.24.weight");
  const AxTensorView *got
      = ax_weights_find (ax_model_get_weights (begun), "block4.conv2.weight");
  g_assert_cmpmem (got->data, ax_tensor_view_get_bytes (got), theirs->data,
                   ax_tensor_view_get_bytes (theirs));
}

static void
test_patch_folder (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("axilla-test-XXXXXX", NULL);
  g_autofree char *zero = g_build_filename (folder, "0", NULL);
  g_autofree char *one = g_build_filename (folder, "1", NULL);
  g_autofree char *small = g_build_filename (zero, "small.png", NULL);
  g_autofree char *bad = g_build_filename (one, "bad.jpg", NULL);
  g_auto (AxSample) sample = { 0 };
  AxRng rng = ax_rng_init (1, 1);
  g_assert_null (ax_patch_folder_new (folder, 2, 14, &error));
  expect_error (&error, AX_ERROR_NOT_FOUND, "/0: no such folder");
  g_mkdir (zero, 0700);
  g_mkdir (one, 0700);
  g_autoptr (AxImage) image = ax_image_new (10, 20, 3, AX_SAMPLE_U8, &error);
  g_assert_true (ax_image_save_png (image, small, &error));
  g_assert_null (ax_patch_folder_new (folder, 2, 14, &error));
  expect_error (&error, AX_ERROR_NOT_FOUND, "/1: no pictures .* of class 1");
  g_assert_true (g_file_set_contents (bad, "\xff\xd8\xff junk", -1, &error));
  g_autoptr (AxSampleSource) source
      = ax_patch_folder_new (folder, 2, 14, &error);
  g_assert_no_error (error);
  g_assert_false (ax_sample_source_read (source, 0, 0, &rng, &sample, &error));
  expect_error (&error, AX_ERROR_LIMIT,
                "small.png: 10 × 20 px is smaller than the network's field");
  g_assert_false (ax_sample_source_read (source, 1, 0, &rng, &sample, &error));
  expect_error (&error, AX_ERROR_FORMAT, "bad.jpg");
  g_unlink (small);
  g_unlink (bad);
  g_rmdir (zero);
  g_rmdir (one);
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/trainer/learns/cpu", "cpu", test_learns);
  g_test_add_data_func ("/trainer/learns/ref", "ref", test_learns);
  g_test_add_data_func ("/trainer/symmetry/cpu", "cpu", test_symmetry);
  g_test_add_data_func ("/trainer/symmetry/ref", "ref", test_symmetry);
  g_test_add_data_func ("/trainer/resumes/cpu", "cpu", test_resumes);
  g_test_add_data_func ("/trainer/resumes/ref", "ref", test_resumes);
  g_test_add_func ("/trainer/other-run", test_other_run);
  g_test_add_func ("/trainer/other-network", test_other_network);
  g_test_add_func ("/trainer/divergence", test_divergence);
  g_test_add_func ("/trainer/divergence/is-not-saved",
                   test_divergence_is_not_saved);
  g_test_add_func ("/trainer/full-disk", test_full_disk);
  g_test_add_func ("/trainer/patience", test_patience);
  g_test_add_func ("/trainer/keep-last", test_keep_last);
  g_test_add_func ("/trainer/unreadable-samples", test_unreadable_samples);
  g_test_add_func ("/trainer/finish", test_finish);
  g_test_add_func ("/trainer/init", test_init);
  g_test_add_func ("/trainer/init/attention", test_init_attention);
  g_test_add_func ("/trainer/patch-folder", test_patch_folder);
  return g_test_run ();
}
