#include "core/base/ring.h"

#include "tests/support/gate.h"

typedef struct
{
  int number;
} Slot;

typedef struct
{
  int n_made, n_alive, n_allowed;
} SlotCounts;

static SlotCounts counts;

static gpointer
slot_new (gpointer user_data)
{
  SlotCounts *slots = user_data;
  Slot *slot;

  if (slots->n_made == slots->n_allowed)
    return NULL;
  slots->n_made++;
  slots->n_alive++;
  slot = g_new0 (Slot, 1);
  return slot;
}

static void
slot_free (gpointer slot)
{
  counts.n_alive--;
  g_free (slot);
}

static AxRing *
ring_new (guint n_slots)
{
  counts = (SlotCounts){ .n_allowed = n_slots };
  return ax_ring_new (n_slots, slot_new, slot_free, &counts);
}

static void
fill (AxRing *ring, int number)
{
  Slot *slot = ax_ring_take_free (ring);

  slot->number = number;
  ax_ring_put_filled (ring, slot);
}

static int
read_number (AxRing *ring)
{
  Slot *slot = ax_ring_take_filled (ring);
  int number = slot->number;

  ax_ring_put_free (ring, slot);
  return number;
}

static void
test_order (void)
{
  AxRing *ring = ring_new (3);

  g_assert_cmpint (counts.n_alive, ==, 3);
  for (int round = 0; round < 4; round++)
    {
      fill (ring, 10 * round);
      fill (ring, 10 * round + 1);
      g_assert_cmpint (read_number (ring), ==, 10 * round);
      fill (ring, 10 * round + 2);
      fill (ring, 10 * round + 3);
      for (int i = 1; i <= 3; i++)
        g_assert_cmpint (read_number (ring), ==, 10 * round + i);
    }
  g_assert_cmpint (counts.n_made, ==, 3);
  g_assert_cmpint (ax_ring_get_wait_us (ring), ==, 0);

  ax_ring_free (ring);
  g_assert_cmpint (counts.n_alive, ==, 0);
  ax_ring_free (NULL);
}

static void
test_slots_are_distinct (void)
{
  AxRing *ring = ring_new (3);
  gpointer a = ax_ring_take_free (ring);
  gpointer b = ax_ring_take_free (ring);
  gpointer c = ax_ring_take_free (ring);

  g_assert_true (a != b && b != c && a != c);
  ax_ring_put_free (ring, b);
  g_assert_true (ax_ring_take_free (ring) == b);
  ax_ring_free (ring);
  g_assert_cmpint (counts.n_alive, ==, 0);
}

static void
test_no_memory (void)
{
  counts = (SlotCounts){ .n_allowed = 2 };
  g_assert_null (ax_ring_new (3, slot_new, slot_free, &counts));
  g_assert_cmpint (counts.n_made, ==, 2);
  g_assert_cmpint (counts.n_alive, ==, 0);
}

static void
test_close (void)
{
  AxRing *ring = ring_new (3);

  fill (ring, 1);
  fill (ring, 2);
  ax_ring_close (ring, FALSE);
  g_assert_null (ax_ring_take_free (ring));
  g_assert_cmpint (read_number (ring), ==, 1);
  g_assert_cmpint (read_number (ring), ==, 2);
  g_assert_null (ax_ring_take_filled (ring));
  ax_ring_free (ring);
}

static void
test_close_and_drop (void)
{
  AxRing *ring = ring_new (3);
  Slot *late = ax_ring_take_free (ring);

  fill (ring, 1);
  ax_ring_close (ring, TRUE);
  g_assert_null (ax_ring_take_filled (ring));
  ax_ring_put_filled (ring, late);
  g_assert_null (ax_ring_take_filled (ring));
  g_assert_null (ax_ring_take_free (ring));
  /* Closing again, more mildly, does not bring them back. */
  ax_ring_close (ring, FALSE);
  g_assert_null (ax_ring_take_filled (ring));
  ax_ring_free (ring);
  g_assert_cmpint (counts.n_alive, ==, 0);
}

typedef struct
{
  AxRing *ring;
  gpointer (*take) (AxRing *ring);
  Gate started;
} Taker;

static gpointer
taker_thread (gpointer data)
{
  Taker *taker = data;

  gate_open (&taker->started);
  return taker->take (taker->ring);
}

static void
test_close_wakes (void)
{
  AxRing *ring = ring_new (1);
  gpointer slot = ax_ring_take_free (ring);
  Taker takers[4] = { 0 };
  GThread *threads[4];

  for (int i = 0; i < 4; i++)
    {
      takers[i].ring = ring;
      takers[i].take = i % 2 == 0 ? ax_ring_take_free : ax_ring_take_filled;
      threads[i] = g_thread_new ("taker", taker_thread, &takers[i]);
    }
  /* Lets them fall asleep; those that did not pass all the same. */
  for (int i = 0; i < 4; i++)
    gate_wait (&takers[i].started);
  for (int i = 0; i < 1000; i++)
    g_thread_yield ();
  ax_ring_close (ring, FALSE);
  for (int i = 0; i < 4; i++)
    g_assert_null (g_thread_join (threads[i]));
  ax_ring_put_free (ring, slot);
  ax_ring_free (ring);
}

static gpointer
take_free_thread (gpointer ring)
{
  return ax_ring_take_free (ring);
}

static void
test_blocks_until_free (void)
{
  AxRing *ring = ring_new (1);
  gpointer slot = ax_ring_take_free (ring);
  GThread *thread = g_thread_new ("taker", take_free_thread, ring);

  /* The only slot is here, so the thread can have it only from us. */
  ax_ring_put_free (ring, slot);
  g_assert_true (g_thread_join (thread) == slot);
  ax_ring_free (ring);
}

typedef struct
{
  AxRing *there, *back;
} Echo;

static gpointer
echo_thread (gpointer data)
{
  Echo *echo = data;
  Slot *slot;

  while ((slot = ax_ring_take_filled (echo->there)) != NULL)
    {
      fill (echo->back, slot->number);
      ax_ring_put_free (echo->there, slot);
    }
  return NULL;
}

/* Each trip waits for the other thread, so some time must be counted. */
static void
test_wait_is_counted (void)
{
  Echo echo = { ring_new (2), ring_new (2) };
  GThread *thread = g_thread_new ("echo", echo_thread, &echo);
  gint64 start = g_get_monotonic_time ();

  for (int i = 0; i < 500; i++)
    {
      fill (echo.there, i);
      g_assert_cmpint (read_number (echo.back), ==, i);
    }
  g_assert_cmpint (ax_ring_get_wait_us (echo.back), >, 0);
  g_assert_cmpint (ax_ring_get_wait_us (echo.back), <=,
                   g_get_monotonic_time () - start);
  ax_ring_close (echo.there, FALSE);
  g_thread_join (thread);
  ax_ring_free (echo.there);
  ax_ring_free (echo.back);
}

enum
{
  N_PRODUCERS = 3,
  N_CONSUMERS = 3,
  N_EACH = 4000
};

static int n_seen[N_PRODUCERS * N_EACH];
static int next_producer;

static gpointer
producer_thread (gpointer ring)
{
  int first = g_atomic_int_add (&next_producer, 1) * N_EACH;

  for (int i = 0; i < N_EACH; i++)
    fill (ring, first + i);
  return NULL;
}

static gpointer
consumer_thread (gpointer ring)
{
  Slot *slot;

  while ((slot = ax_ring_take_filled (ring)) != NULL)
    {
      g_atomic_int_inc (&n_seen[slot->number]);
      ax_ring_put_free (ring, slot);
    }
  return NULL;
}

static void
test_many_threads (void)
{
  AxRing *ring = ring_new (4);
  GThread *producers[N_PRODUCERS], *consumers[N_CONSUMERS];

  for (int i = 0; i < N_CONSUMERS; i++)
    consumers[i] = g_thread_new ("consumer", consumer_thread, ring);
  for (int i = 0; i < N_PRODUCERS; i++)
    producers[i] = g_thread_new ("producer", producer_thread, ring);
  for (int i = 0; i < N_PRODUCERS; i++)
    g_thread_join (producers[i]);
  ax_ring_close (ring, FALSE);
  for (int i = 0; i < N_CONSUMERS; i++)
    g_thread_join (consumers[i]);
  for (int i = 0; i < N_PRODUCERS * N_EACH; i++)
    g_assert_cmpint (n_seen[i], ==, 1);
  ax_ring_free (ring);
  g_assert_cmpint (counts.n_alive, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ring/order", test_order);
  g_test_add_func ("/ring/slots-are-distinct", test_slots_are_distinct);
  g_test_add_func ("/ring/no-memory", test_no_memory);
  g_test_add_func ("/ring/close", test_close);
  g_test_add_func ("/ring/close-and-drop", test_close_and_drop);
  g_test_add_func ("/ring/close-wakes", test_close_wakes);
  g_test_add_func ("/ring/blocks-until-free", test_blocks_until_free);
  g_test_add_func ("/ring/wait-is-counted", test_wait_is_counted);
  g_test_add_func ("/ring/many-threads", test_many_threads);
  return g_test_run ();
}
