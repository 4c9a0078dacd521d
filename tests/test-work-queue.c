#include "core/base/work-queue.h"

#include "core/base/rng.h"

#include "tests/support/gate.h"

#include <pthread.h>
#include <stdlib.h>

typedef struct
{
  int number;
  int class_;
  double distance;
} Job;

static GArray *done;      /* numbers of the jobs run, in order */
static int n_alive;       /* jobs not freed yet */
static AxWorkQueue *busy; /* asked by callbacks, to prove it is unlocked */

static Job *
job_new (int number)
{
  Job *job = g_new0 (Job, 1);

  job->number = number;
  g_atomic_int_inc (&n_alive);
  return job;
}

static void
job_free (gpointer job)
{
  if (busy != NULL)
    ax_work_queue_get_length (busy);
  g_atomic_int_add (&n_alive, -1);
  g_free (job);
}

static void
note_job (gpointer job, gpointer user_data)
{
  if (busy != NULL)
    ax_work_queue_get_length (busy);
  g_array_append_val (done, ((Job *)job)->number);
}

static void
push (AxWorkQueue *queue, int number, int class_, double distance, guint epoch)
{
  ax_work_queue_push (queue, job_new (number), (AxWorkKey){ class_, distance },
                      epoch);
}

static AxWorkQueue *
set_up (void)
{
  g_assert_null (done);
  done = g_array_new (FALSE, FALSE, sizeof (int));
  return ax_work_queue_new ("test", 0, note_job, job_free, NULL);
}

static void
tear_down (AxWorkQueue *queue)
{
  busy = NULL;
  ax_work_queue_free (queue);
  g_assert_cmpint (n_alive, ==, 0);
  g_clear_pointer (&done, g_array_unref);
}

static void
run_all (AxWorkQueue *queue)
{
  g_array_set_size (done, 0);
  while (ax_work_queue_run_one (queue))
    continue;
  g_assert_cmpuint (ax_work_queue_get_length (queue), ==, 0);
}

static void
assert_done (const char *numbers)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < done->len; i++)
    g_string_append_printf (text, "%s%d", i > 0 ? " " : "",
                            g_array_index (done, int, i));
  g_assert_cmpstr (text->str, ==, numbers);
}

static void
test_order (void)
{
  AxWorkQueue *queue = set_up ();

  g_assert_false (ax_work_queue_run_one (queue));
  push (queue, 1, 1, 0, 0);
  push (queue, 2, 0, 9, 0);
  push (queue, 3, 0, 2, 0);
  push (queue, 4, 2, -5, 0);
  push (queue, 5, 0, 2, 0);
  push (queue, 6, 0, 2, 0);
  g_assert_cmpuint (ax_work_queue_get_length (queue), ==, 6);
  g_assert_cmpuint (done->len, ==, 0);
  g_assert_true (ax_work_queue_run_one (queue));
  assert_done ("3");
  g_assert_cmpint (n_alive, ==, 5);
  run_all (queue);
  assert_done ("5 6 2 1 4");
  tear_down (queue);
}

static int
compare_jobs (gconstpointer a, gconstpointer b)
{
  const Job *left = a, *right = b;

  if (left->class_ != right->class_)
    return left->class_ - right->class_;
  if (left->distance != right->distance)
    return left->distance < right->distance ? -1 : 1;
  return left->number - right->number;
}

static void
test_order_of_many (void)
{
  enum
  {
    N_JOBS = 3000
  };
  g_autofree Job *expected = g_new0 (Job, N_JOBS);
  AxRng rng = ax_rng_init (5, 0);
  AxWorkQueue *queue = set_up ();

  for (int i = 0; i < N_JOBS; i++)
    {
      expected[i] = (Job){ i, (int)ax_rng_below (&rng, 3),
                           (double)ax_rng_below (&rng, 100) };
      push (queue, i, expected[i].class_, expected[i].distance, 0);
    }
  qsort (expected, N_JOBS, sizeof *expected, compare_jobs);
  run_all (queue);
  g_assert_cmpuint (done->len, ==, N_JOBS);
  for (int i = 0; i < N_JOBS; i++)
    g_assert_cmpint (g_array_index (done, int, i), ==, expected[i].number);
  tear_down (queue);
}

static gboolean
reverse_and_drop_thirds (gpointer job, AxWorkKey *key, gpointer user_data)
{
  int *n_called = user_data;

  (*n_called)++;
  key->distance = -key->distance;
  return ((Job *)job)->number % 3 != 0;
}

static gboolean
equal_keys (gpointer job, AxWorkKey *key, gpointer user_data)
{
  *key = (AxWorkKey){ 4, 4 };
  return TRUE;
}

static void
test_rekey (void)
{
  AxWorkQueue *queue = set_up ();
  int n_called = 0;

  for (int i = 0; i < 10; i++)
    push (queue, i, 0, i, 0);
  ax_work_queue_rekey (queue, reverse_and_drop_thirds, &n_called);
  g_assert_cmpint (n_called, ==, 10);
  g_assert_cmpint (n_alive, ==, 6);
  run_all (queue);
  assert_done ("8 7 5 4 2 1");

  /* Equal keys go in order of arrival, whatever they were before. */
  for (int i = 0; i < 10; i++)
    push (queue, i, 0, i * 7 % 10, 0);
  ax_work_queue_rekey (queue, equal_keys, NULL);
  push (queue, 10, 4, 4, 0);
  run_all (queue);
  assert_done ("0 1 2 3 4 5 6 7 8 9 10");
  tear_down (queue);
}

static void
test_cancel (void)
{
  AxWorkQueue *queue = set_up ();

  for (int i = 0; i < 12; i++)
    push (queue, i, 0, i * 5 % 12, i % 4);
  g_assert_false (ax_work_queue_is_stale (queue, 0));
  ax_work_queue_cancel_before (queue, 2);
  g_assert_cmpint (n_alive, ==, 6);
  g_assert_true (ax_work_queue_is_stale (queue, 0));
  g_assert_true (ax_work_queue_is_stale (queue, 1));
  g_assert_false (ax_work_queue_is_stale (queue, 2));

  /* Too late already; and an older call takes nothing back. */
  push (queue, 99, 0, 0, 1);
  ax_work_queue_cancel_before (queue, 1);
  g_assert_true (ax_work_queue_is_stale (queue, 1));
  g_assert_cmpuint (ax_work_queue_get_length (queue), ==, 6);
  run_all (queue);
  assert_done ("10 3 6 11 2 7");
  tear_down (queue);
}

static void
test_callbacks_are_unlocked (void)
{
  AxWorkQueue *queue = set_up ();
  int n_called = 0;

  busy = queue;
  for (int i = 0; i < 6; i++)
    push (queue, i, 0, i, i);
  ax_work_queue_cancel_before (queue, 2);
  ax_work_queue_rekey (queue, reverse_and_drop_thirds, &n_called);
  push (queue, 9, 0, 0, 0);
  run_all (queue);
  assert_done ("5 4 2");
  tear_down (queue);
}

static void
test_free_drops (void)
{
  AxWorkQueue *queue = set_up ();

  for (int i = 0; i < 5; i++)
    push (queue, i, 0, i, 0);
  tear_down (queue);
  ax_work_queue_free (NULL);
}

static void
push_next (gpointer job, gpointer user_data)
{
  AxWorkQueue *queue = *(AxWorkQueue **)user_data;
  int number = ((Job *)job)->number;

  note_job (job, NULL);
  if (number < 3)
    push (queue, number + 1, 0, 0, 0);
}

static void
test_push_from_job (void)
{
  AxWorkQueue *queue = NULL;

  done = g_array_new (FALSE, FALSE, sizeof (int));
  queue = ax_work_queue_new ("test", 0, push_next, job_free, &queue);
  push (queue, 0, 0, 0, 0);
  run_all (queue);
  assert_done ("0 1 2 3");
  tear_down (queue);
}

enum
{
  N_MANY = 5000
};

typedef struct
{
  Gate all_done;
  int n_run;
  int n_runs[N_MANY];
} Tally;

static void
tally_job (gpointer job, gpointer user_data)
{
  Tally *tally = user_data;
  char name[16] = "";

  pthread_getname_np (pthread_self (), name, sizeof name);
  g_assert_true (g_str_has_prefix (name, "crew-"));
  g_atomic_int_inc (&tally->n_runs[((Job *)job)->number]);
  if (g_atomic_int_add (&tally->n_run, 1) == N_MANY - 1)
    gate_open (&tally->all_done);
}

static void
test_workers (void)
{
  g_autofree Tally *tally = g_new0 (Tally, 1);
  AxWorkQueue *queue
      = ax_work_queue_new ("crew", 4, tally_job, job_free, tally);

  for (int i = 0; i < N_MANY; i++)
    {
      push (queue, i, i % 3, i % 17, 0);
      if (i % 500 == 0)
        ax_work_queue_rekey (queue, equal_keys, NULL);
    }
  gate_wait (&tally->all_done);
  ax_work_queue_free (queue);
  for (int i = 0; i < N_MANY; i++)
    g_assert_cmpint (tally->n_runs[i], ==, 1);
  g_assert_cmpint (n_alive, ==, 0);
}

typedef struct
{
  AxWorkQueue *queue;
  Gate pushed, running;
  int n_run;
} Watch;

static void
run_until_stale (gpointer job, gpointer user_data)
{
  Watch *watch = user_data;

  watch->n_run++;
  gate_wait (&watch->pushed);
  gate_open (&watch->running);
  while (!ax_work_queue_is_stale (watch->queue, 1))
    g_thread_yield ();
}

/* A running job learns that it is cancelled, or that the queue goes away. */
static void
test_running_job_learns (gconstpointer data)
{
  gboolean cancel = GPOINTER_TO_INT (data);
  g_autofree Watch *watch = g_new0 (Watch, 1);

  watch->queue
      = ax_work_queue_new ("watch", 1, run_until_stale, job_free, watch);
  push (watch->queue, 0, 0, 0, 1);
  push (watch->queue, 1, 1, 0, 1);
  gate_open (&watch->pushed);
  gate_wait (&watch->running);
  if (cancel)
    ax_work_queue_cancel_before (watch->queue, 2);
  ax_work_queue_free (watch->queue);
  g_assert_cmpint (watch->n_run, ==, 1);
  g_assert_cmpint (n_alive, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/work-queue/order", test_order);
  g_test_add_func ("/work-queue/order-of-many", test_order_of_many);
  g_test_add_func ("/work-queue/rekey", test_rekey);
  g_test_add_func ("/work-queue/cancel", test_cancel);
  g_test_add_func ("/work-queue/callbacks-are-unlocked",
                   test_callbacks_are_unlocked);
  g_test_add_func ("/work-queue/free-drops", test_free_drops);
  g_test_add_func ("/work-queue/push-from-job", test_push_from_job);
  g_test_add_func ("/work-queue/workers", test_workers);
  g_test_add_data_func ("/work-queue/cancelled-while-running",
                        GINT_TO_POINTER (TRUE), test_running_job_learns);
  g_test_add_data_func ("/work-queue/freed-while-running",
                        GINT_TO_POINTER (FALSE), test_running_job_learns);
  return g_test_run ();
}
