#include "core/train/prefetch.h"
#include "core/train/sampler.h"
#include "tests/support/drawn-source.h"
#include "tests/support/expect-error.h"

#define SIDE 6
#define N_PIXELS (SIDE * SIDE)

static const double equal_shares[2] = { 1, 1 };

static AxSampleSource *
noise_new (guint n_items, guint n_broken, int side)
{
  return &drawn_source_new_noise (n_items, n_broken, side)->source;
}

static guint
count_read (AxSampleSource *source)
{
  return (guint)g_atomic_int_get (&((DrawnSource *)source)->n_read);
}

static AxSampler *
make_sampler (guint64 seed, AxSampleSource *source)
{
  const AxAugment usual = ax_augment_usual (1.0);
  AxSampler *sampler = ax_sampler_new (2, equal_shares, SIDE, &usual, seed);
  ax_sampler_add (sampler, source, 1.0);
  return sampler;
}

static AxEpoch *
plan (AxSampler *sampler, guint epoch, guint n_samples)
{
  g_autoptr (GError) error = NULL;
  AxEpoch *made = ax_sampler_plan (sampler, epoch, n_samples, &error);
  g_assert_no_error (error);
  return made;
}

static void
read_sample (AxEpoch *epoch, guint index, guint8 *rgb, int *label)
{
  g_autoptr (GError) error = NULL;
  g_auto (AxSample) scratch = { 0 };
  AxEpochSample sample = { .rgb = rgb };
  ax_epoch_read (epoch, index, &scratch, &sample, &error);
  g_assert_no_error (error);
  *label = sample.label;
}

/* The picture that a plan without changes gives tells which item it is. */
static void
test_rounds (void)
{
  const AxAugment none = ax_augment_none ();
  g_autoptr (AxSampleSource) source = noise_new (10, 0, SIDE);
  g_autoptr (AxSampler) sampler
      = ax_sampler_new (2, equal_shares, SIDE, &none, 5);
  guint counts[2] = { 0 };
  ax_sampler_add (sampler, source, 1.0);
  g_autoptr (AxEpoch) epoch = plan (sampler, 1, 60);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (
      g_bytes_hash, g_bytes_equal, (GDestroyNotify)g_bytes_unref, NULL);
  for (guint i = 0; i < 60; i++)
    {
      guint8 rgb[N_PIXELS * 3];
      int label;
      read_sample (epoch, i, rgb, &label);
      counts[label]++;
      GBytes *key = g_bytes_new (rgb, sizeof rgb);
      const guint n = GPOINTER_TO_UINT (g_hash_table_lookup (seen, key));
      g_hash_table_replace (seen, key, GUINT_TO_POINTER (n + 1));
    }
  g_assert_cmpuint (counts[0], ==, 30);
  g_assert_cmpuint (counts[1], ==, 30);
  g_assert_cmpuint (g_hash_table_size (seen), ==, 20);
  GHashTableIter iter;
  gpointer value;
  g_hash_table_iter_init (&iter, seen);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    g_assert_cmpuint (GPOINTER_TO_UINT (value), ==, 3);
}

static void
read_all (AxSampler *sampler, guint epoch, guint8 *rgb)
{
  g_autoptr (AxEpoch) made = plan (sampler, epoch, 20);
  for (guint i = 0; i < 20; i++)
    {
      int label;
      read_sample (made, i, rgb + i * N_PIXELS * 3, &label);
    }
}

static void
test_depends_on_seed_and_epoch (void)
{
  g_autoptr (AxSampleSource) source = noise_new (10, 0, SIDE);
  g_autoptr (AxSampler) sampler = make_sampler (5, source);
  g_autoptr (AxSampler) same = make_sampler (5, source);
  g_autoptr (AxSampler) other = make_sampler (6, source);
  static guint8 a[20 * N_PIXELS * 3], b[20 * N_PIXELS * 3];
  read_all (sampler, 3, a);
  read_all (same, 3, b);
  g_assert_cmpmem (a, sizeof a, b, sizeof b);
  read_all (same, 4, b);
  g_assert_true (memcmp (a, b, sizeof a) != 0);
  read_all (other, 3, b);
  g_assert_true (memcmp (a, b, sizeof a) != 0);
}

static void
test_shares (void)
{
  const AxAugment none = ax_augment_none ();
  const double shares[2] = { 2, 1 };
  g_autoptr (AxSampleSource) few = noise_new (10, 0, SIDE);
  g_autoptr (AxSampleSource) many = noise_new (10, 0, SIDE);
  g_autoptr (AxSampler) sampler = ax_sampler_new (2, shares, SIDE, &none, 5);
  guint n_tumor = 0;
  ax_sampler_add (sampler, few, 1.0);
  ax_sampler_add (sampler, many, 3.0);
  g_autoptr (AxEpoch) epoch = plan (sampler, 1, 900);
  for (guint i = 0; i < 900; i++)
    {
      guint8 rgb[N_PIXELS * 3];
      int label;
      read_sample (epoch, i, rgb, &label);
      n_tumor += (guint)label;
      g_assert_cmpint (ax_epoch_get_label (epoch, i), ==, label);
    }
  g_assert_cmpuint (n_tumor, ==, 300);
  g_assert_cmpuint (count_read (few), >, 900 / 4 - 50);
  g_assert_cmpuint (count_read (few), <, 900 / 4 + 50);
}

static void
test_empty_class (void)
{
  const AxAugment none = ax_augment_none ();
  const double shares[3] = { 1, 1, 1 };
  g_autoptr (GError) error = NULL;
  g_autoptr (AxSampleSource) source = noise_new (10, 0, SIDE);
  g_autoptr (AxSampler) sampler = ax_sampler_new (3, shares, SIDE, &none, 5);
  ax_sampler_add (sampler, source, 1.0);
  g_assert_null (ax_sampler_plan (sampler, 1, 30, &error));
  expect_error (&error, AX_ERROR_NOT_FOUND, "no training samples of class 2");
}

/* All batches from @first on, one behind the other. */
static GByteArray *
fetch (const AxEpoch *epoch, guint first, guint n_producers, guint n_slots)
{
  const AxPrefetchSpec spec = { .batch = 4,
                                .first = first,
                                .n_producers = n_producers,
                                .n_slots = n_slots,
                                .masks = TRUE,
                                .partial = TRUE };
  g_autoptr (GError) error = NULL;
  g_autoptr (AxPrefetch) prefetch = ax_prefetch_new (epoch, &spec, &error);
  GByteArray *all = g_byte_array_new ();
  const AxBatch *batch;
  g_assert_no_error (error);
  while ((batch = ax_prefetch_next (prefetch)) != NULL)
    {
      g_byte_array_append (all, batch->rgb, 4 * N_PIXELS * 3);
      g_byte_array_append (all, (guint8 *)batch->labels,
                           4 * sizeof *batch->labels);
      g_byte_array_append (all, (guint8 *)batch->masks,
                           4 * N_PIXELS * sizeof *batch->masks);
      g_byte_array_append (all, (guint8 *)batch->weights,
                           4 * sizeof *batch->weights);
    }
  return all;
}

static void
test_any_number_of_producers (void)
{
  g_autoptr (AxSampleSource) source = noise_new (10, 0, SIDE);
  g_autoptr (AxSampler) sampler = make_sampler (5, source);
  g_autoptr (AxEpoch) epoch = plan (sampler, 1, 41);
  g_autoptr (GByteArray) one = fetch (epoch, 0, 1, 1);
  const guint batch_bytes = one->len / 11;
  g_assert_cmpuint (one->len, ==, batch_bytes * 11);
  for (guint n = 2; n < 8; n++)
    {
      g_autoptr (GByteArray) several = fetch (epoch, 0, n, n % 4 + 1);
      g_autoptr (GByteArray) later = fetch (epoch, n, n, 2);
      g_assert_cmpmem (several->data, several->len, one->data, one->len);
      g_assert_cmpmem (later->data, later->len, one->data + n * batch_bytes,
                       one->len - n * batch_bytes);
    }
}

/* Nothing is read beyond the ring, and the producers end when told to. */
static void
test_bounded (void)
{
  const AxPrefetchSpec spec = { .batch = 4, .n_producers = 3, .n_slots = 2 };
  g_autoptr (GError) error = NULL;
  g_autoptr (AxSampleSource) source = noise_new (10, 0, SIDE);
  g_autoptr (AxSampler) sampler = make_sampler (5, source);
  g_autoptr (AxEpoch) epoch = plan (sampler, 1, 400);
  AxPrefetch *prefetch = ax_prefetch_new (epoch, &spec, &error);
  g_assert_no_error (error);
  for (guint i = 1; i <= 5; i++)
    {
      const AxBatch *batch = ax_prefetch_next (prefetch);
      g_assert_cmpuint (batch->n_samples, ==, 4);
      g_assert_cmpuint (count_read (source), <=, 4 * (i - 1 + spec.n_slots));
    }
  ax_prefetch_free (prefetch);
  g_assert_cmpuint (count_read (source), <=, 4 * (4 + spec.n_slots));
  g_assert_cmpuint (ax_prefetch_count (41, &spec), ==, 10);
}

static void
test_bad_samples (void)
{
  const AxPrefetchSpec spec = { .batch = 10, .n_producers = 2, .n_slots = 2 };
  g_autoptr (GError) error = NULL;
  g_autoptr (AxSampleSource) source = noise_new (10, 2, SIDE);
  g_autoptr (AxSampler) sampler = make_sampler (5, source);
  g_autoptr (AxEpoch) epoch = plan (sampler, 1, 20);
  g_autoptr (AxPrefetch) prefetch = ax_prefetch_new (epoch, &spec, &error);
  const AxBatch *batch;
  guint n_left_out = 0, n_failed = 0;
  while ((batch = ax_prefetch_next (prefetch)) != NULL)
    for (guint i = 0; i < 10; i++)
      n_left_out += batch->weights[i] == 0.0f;
  g_assert_cmpuint (n_left_out, ==, 2);
  error = ax_prefetch_get_failure (prefetch, &n_failed);
  g_assert_cmpuint (n_failed, ==, 2);
  expect_error (&error, AX_ERROR_FORMAT, "item [01] is broken");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sampler/rounds", test_rounds);
  g_test_add_func ("/sampler/depends-on-seed-and-epoch",
                   test_depends_on_seed_and_epoch);
  g_test_add_func ("/sampler/shares", test_shares);
  g_test_add_func ("/sampler/empty-class", test_empty_class);
  g_test_add_func ("/prefetch/any-number-of-producers",
                   test_any_number_of_producers);
  g_test_add_func ("/prefetch/bounded", test_bounded);
  g_test_add_func ("/prefetch/bad-samples", test_bad_samples);
  return g_test_run ();
}
