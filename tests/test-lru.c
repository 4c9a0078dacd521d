#include "core/base/lru.h"

#include "core/base/rng.h"

typedef struct
{
  int n_refs;
  guint number;
} Value;

static int n_values;
static AxLru *busy_cache; /* asked by value_unref(), to prove it is unlocked */

static Value *
value_new (guint number)
{
  Value *value = g_new0 (Value, 1);

  value->n_refs = 1;
  value->number = number;
  g_atomic_int_inc (&n_values);
  return value;
}

static gpointer
value_ref (gpointer data)
{
  Value *value = data;

  g_atomic_int_inc (&value->n_refs);
  return value;
}

static void
value_unref (gpointer data)
{
  Value *value = data;

  if (busy_cache != NULL)
    ax_lru_get_bytes (busy_cache);
  if (g_atomic_int_dec_and_test (&value->n_refs))
    {
      g_atomic_int_add (&n_values, -1);
      g_free (value);
    }
}

static AxLru *
cache_new (gsize budget_bytes)
{
  return ax_lru_new (budget_bytes, value_ref, value_unref);
}

static AxLruKey
key_of (guint64 lo)
{
  return (AxLruKey){ 0, lo };
}

static void
put (AxLru *cache, guint64 lo, gsize bytes, gboolean pinned)
{
  Value *value = value_new (lo);

  ax_lru_put (cache, key_of (lo), value, bytes, pinned);
  value_unref (value);
}

/* Uses the value, as any get does. */
static gboolean
has (AxLru *cache, guint64 lo)
{
  Value *value = ax_lru_get (cache, key_of (lo));
  gboolean found = value != NULL;

  if (found)
    {
      g_assert_cmpuint (value->number, ==, lo);
      value_unref (value);
    }
  return found;
}

static void
test_recency (void)
{
  AxLru *cache = cache_new (30);

  put (cache, 1, 10, FALSE);
  put (cache, 2, 10, FALSE);
  put (cache, 3, 10, FALSE);
  g_assert_cmpuint (ax_lru_get_bytes (cache), ==, 30);
  g_assert_true (has (cache, 1));
  put (cache, 4, 10, FALSE);
  g_assert_false (has (cache, 2));
  put (cache, 5, 15, FALSE);
  g_assert_false (has (cache, 3));
  g_assert_false (has (cache, 1));
  g_assert_true (has (cache, 4));
  g_assert_true (has (cache, 5));
  g_assert_cmpuint (ax_lru_get_bytes (cache), ==, 25);

  ax_lru_free (cache);
  g_assert_cmpint (n_values, ==, 0);
}

static void
test_keys (void)
{
  AxLru *cache = cache_new (100);
  Value *value = value_new (1);

  ax_lru_put (cache, (AxLruKey){ 1, 2 }, value, 1, FALSE);
  g_assert_null (ax_lru_get (cache, (AxLruKey){ 2, 1 }));
  g_assert_null (ax_lru_get (cache, (AxLruKey){ 1, 1 }));
  g_assert_null (ax_lru_get (cache, (AxLruKey){ 2, 2 }));
  g_assert_true (ax_lru_get (cache, (AxLruKey){ 1, 2 }) == value);
  value_unref (value);
  ax_lru_free (cache);

  /* The reference taken out outlives the cache. */
  g_assert_cmpint (value->n_refs, ==, 1);
  value_unref (value);
  g_assert_cmpint (n_values, ==, 0);
}

static void
test_pinned (void)
{
  AxLru *cache = cache_new (30);

  put (cache, 1, 20, TRUE);
  put (cache, 2, 10, FALSE);
  put (cache, 3, 10, FALSE);
  g_assert_true (has (cache, 1));
  g_assert_false (has (cache, 2));

  put (cache, 4, 40, TRUE);
  g_assert_cmpuint (ax_lru_get_bytes (cache), ==, 60);
  put (cache, 5, 10, FALSE);
  g_assert_false (has (cache, 5));
  ax_lru_set_budget (cache, 0);
  g_assert_true (has (cache, 1));
  g_assert_true (has (cache, 4));

  /* Replacing decides anew whether it is pinned. */
  ax_lru_set_budget (cache, 100);
  put (cache, 4, 40, FALSE);
  ax_lru_set_budget (cache, 50);
  g_assert_false (has (cache, 4));

  ax_lru_clear (cache);
  g_assert_cmpuint (ax_lru_get_bytes (cache), ==, 0);
  g_assert_false (has (cache, 1));
  g_assert_cmpint (n_values, ==, 0);
  ax_lru_free (cache);
}

static void
test_too_large (void)
{
  AxLru *cache = cache_new (30);

  put (cache, 1, 10, FALSE);
  put (cache, 2, 31, FALSE);
  g_assert_false (has (cache, 2));
  g_assert_true (has (cache, 1));

  /* The older value of the key would be out of date. */
  put (cache, 1, G_MAXSIZE, FALSE);
  g_assert_false (has (cache, 1));
  g_assert_cmpuint (ax_lru_get_bytes (cache), ==, 0);
  put (cache, 3, 30, FALSE);
  g_assert_true (has (cache, 3));
  ax_lru_free (cache);
  g_assert_cmpint (n_values, ==, 0);
}

static void
test_replace (void)
{
  AxLru *cache = cache_new (30);
  Value *newer = value_new (77);
  Value *found;

  put (cache, 1, 10, FALSE);
  put (cache, 2, 10, FALSE);
  ax_lru_put (cache, key_of (1), newer, 20, FALSE);
  g_assert_cmpuint (ax_lru_get_bytes (cache), ==, 30);
  found = ax_lru_get (cache, key_of (1));
  g_assert_true (found == newer);
  value_unref (found);

  ax_lru_put (cache, key_of (1), newer, 5, FALSE);
  g_assert_cmpuint (ax_lru_get_bytes (cache), ==, 15);
  g_assert_true (has (cache, 2));
  value_unref (newer);
  ax_lru_free (cache);
  g_assert_cmpint (n_values, ==, 0);
}

static void
test_budget (void)
{
  AxLru *cache = cache_new (100);

  for (guint i = 0; i < 10; i++)
    put (cache, i, 10, FALSE);
  ax_lru_set_budget (cache, 25);
  g_assert_cmpuint (ax_lru_get_bytes (cache), ==, 20);
  g_assert_cmpint (n_values, ==, 2);
  g_assert_true (has (cache, 9));
  g_assert_true (has (cache, 8));
  ax_lru_clear (cache);
  put (cache, 3, 10, FALSE);
  g_assert_true (has (cache, 3));
  ax_lru_free (cache);
  g_assert_cmpint (n_values, ==, 0);
  ax_lru_free (NULL);
}

static void
test_unref_is_unlocked (void)
{
  AxLru *cache = cache_new (20);

  busy_cache = cache;
  put (cache, 1, 10, FALSE);
  put (cache, 1, 10, FALSE);
  put (cache, 2, 20, FALSE);
  put (cache, 3, 21, FALSE);
  put (cache, 4, 10, TRUE);
  ax_lru_set_budget (cache, 1);
  ax_lru_clear (cache);
  busy_cache = NULL;
  ax_lru_free (cache);
  g_assert_cmpint (n_values, ==, 0);
}

#define N_KEYS 40

typedef struct
{
  gsize bytes; /* 0: absent */
  guint used;
  gboolean pinned;
} ModelEntry;

static void
model_shrink (ModelEntry *model, gsize budget)
{
  for (;;)
    {
      ModelEntry *oldest = NULL;
      gsize total = 0;

      for (int i = 0; i < N_KEYS; i++)
        {
          total += model[i].bytes;
          if (model[i].bytes > 0 && !model[i].pinned
              && (oldest == NULL || model[i].used < oldest->used))
            oldest = &model[i];
        }
      if (total <= budget || oldest == NULL)
        return;
      oldest->bytes = 0;
    }
}

/* Random use against the plainest model of the contract. */
static void
test_model (void)
{
  ModelEntry model[N_KEYS] = { 0 };
  AxRng rng = ax_rng_init (7, 0);
  gsize budget = 200;
  AxLru *cache = cache_new (budget);

  for (guint step = 1; step < 50000; step++)
    {
      guint key = ax_rng_below (&rng, N_KEYS);
      guint what = ax_rng_below (&rng, 100);

      if (what < 50)
        {
          g_assert_cmpint (has (cache, key), ==, model[key].bytes > 0);
          model[key].used = step;
        }
      else if (what < 97)
        {
          gsize bytes = 1 + ax_rng_below (&rng, 60);
          gboolean pinned = ax_rng_below (&rng, 20) == 0;

          put (cache, key, bytes, pinned);
          model[key] = (ModelEntry){ bytes, step, pinned };
          if (!pinned && bytes > budget)
            model[key].bytes = 0;
        }
      else if (what < 99)
        {
          budget = ax_rng_below (&rng, 400);
          ax_lru_set_budget (cache, budget);
        }
      else
        {
          ax_lru_clear (cache);
          memset (model, 0, sizeof model);
        }
      model_shrink (model, budget);
    }
  for (guint i = 0; i < N_KEYS; i++)
    g_assert_cmpint (has (cache, i), ==, model[i].bytes > 0);
  ax_lru_free (cache);
  g_assert_cmpint (n_values, ==, 0);
}

static gpointer
user_thread (gpointer cache)
{
  static guint64 n_streams;
  AxRng rng
      = ax_rng_init (3, __atomic_fetch_add (&n_streams, 1, __ATOMIC_SEQ_CST));

  for (int i = 0; i < 5000; i++)
    {
      guint64 key = ax_rng_below (&rng, 50);

      if (!has (cache, key))
        put (cache, key, 1 + ax_rng_below (&rng, 10), FALSE);
      if (i % 1000 == 0)
        ax_lru_clear (cache);
      g_assert_cmpuint (ax_lru_get_bytes (cache), <=, 100);
    }
  return NULL;
}

static void
test_threads (void)
{
  AxLru *cache = cache_new (100);
  GThread *threads[4];

  for (int i = 0; i < 4; i++)
    threads[i] = g_thread_new ("user", user_thread, cache);
  for (int i = 0; i < 4; i++)
    g_thread_join (threads[i]);
  ax_lru_free (cache);
  g_assert_cmpint (n_values, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/lru/recency", test_recency);
  g_test_add_func ("/lru/keys", test_keys);
  g_test_add_func ("/lru/pinned", test_pinned);
  g_test_add_func ("/lru/too-large", test_too_large);
  g_test_add_func ("/lru/replace", test_replace);
  g_test_add_func ("/lru/budget", test_budget);
  g_test_add_func ("/lru/unref-is-unlocked", test_unref_is_unlocked);
  g_test_add_func ("/lru/model", test_model);
  g_test_add_func ("/lru/threads", test_threads);
  return g_test_run ();
}
