#include "core/base/mailbox.h"

#include "tests/support/gate.h"

/* What GTK 4 calls GDK_PRIORITY_REDRAW. */
#define REDRAW_PRIORITY (G_PRIORITY_HIGH_IDLE + 20)

static int n_letters; /* not freed yet */

static int *
letter_new (int number)
{
  int *letter = g_new (int, 1);

  *letter = number;
  g_atomic_int_inc (&n_letters);
  return letter;
}

static void
letter_free (gpointer letter)
{
  g_atomic_int_add (&n_letters, -1);
  g_free (letter);
}

/* Appends "1 2|" for a batch of letters 1 and 2. */
static void
write_batch (GPtrArray *letters, gpointer user_data)
{
  GString *log = user_data;

  g_assert_cmpuint (letters->len, >, 0);
  for (guint i = 0; i < letters->len; i++)
    g_string_append_printf (log, "%s%d", i > 0 ? " " : "",
                            *(int *)letters->pdata[i]);
  g_string_append_c (log, '|');
}

static void
dispatch_all (GMainContext *context)
{
  while (g_main_context_iteration (context, FALSE))
    continue;
}

static void
test_batches (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GString) log = g_string_new (NULL);
  AxMailbox *box = ax_mailbox_new (context, write_batch, letter_free, log);

  g_assert_false (g_main_context_pending (context));
  for (int i = 1; i <= 4; i++)
    ax_mailbox_post (box, letter_new (i));
  g_assert_cmpstr (log->str, ==, "");
  dispatch_all (context);
  g_assert_cmpstr (log->str, ==, "1 2 3 4|");
  g_assert_cmpint (n_letters, ==, 0);
  g_assert_false (g_main_context_pending (context));

  ax_mailbox_post (box, letter_new (5));
  dispatch_all (context);
  g_assert_cmpstr (log->str, ==, "1 2 3 4|5|");
  ax_mailbox_free (box);
  ax_mailbox_free (NULL);
}

static gboolean
write_word (gpointer user_data)
{
  gpointer *log_and_word = user_data;

  g_string_append (log_and_word[0], log_and_word[1]);
  return G_SOURCE_REMOVE;
}

static void
attach (GMainContext *context, int priority, gpointer log_and_word[2])
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, priority);
  g_source_set_callback (source, write_word, log_and_word, NULL);
  g_source_attach (source, context);
}

static void
test_before_redraw (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GString) log = g_string_new (NULL);
  AxMailbox *box = ax_mailbox_new (context, write_batch, letter_free, log);
  gpointer redraw[2] = { log, (char *)"redraw|" };
  gpointer input[2] = { log, (char *)"input|" };

  attach (context, REDRAW_PRIORITY, redraw);
  ax_mailbox_post (box, letter_new (1));
  attach (context, G_PRIORITY_DEFAULT, input);
  dispatch_all (context);
  g_assert_cmpstr (log->str, ==, "input|1|redraw|");
  ax_mailbox_free (box);
}

static void
test_close (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GString) log = g_string_new (NULL);
  AxMailbox *box = ax_mailbox_new (context, write_batch, letter_free, log);

  ax_mailbox_post (box, letter_new (1));
  ax_mailbox_close (box);
  ax_mailbox_post (box, letter_new (2));
  g_assert_cmpint (n_letters, ==, 1);
  dispatch_all (context);
  g_assert_cmpstr (log->str, ==, "1|");
  ax_mailbox_free (box);
}

static void
test_free_with_letters (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GString) log = g_string_new (NULL);
  AxMailbox *box = ax_mailbox_new (context, write_batch, letter_free, log);

  ax_mailbox_post (box, letter_new (1));
  ax_mailbox_post (box, letter_new (2));
  ax_mailbox_free (box);
  g_assert_cmpint (n_letters, ==, 0);
  dispatch_all (context);
  g_assert_cmpstr (log->str, ==, "");
}

static void
test_outlives_context (void)
{
  GMainContext *context = g_main_context_new ();
  g_autoptr (GString) log = g_string_new (NULL);
  AxMailbox *box = ax_mailbox_new (context, write_batch, letter_free, log);

  g_main_context_unref (context);
  ax_mailbox_post (box, letter_new (1));
  ax_mailbox_free (box);
  g_assert_cmpint (n_letters, ==, 0);
}

typedef struct
{
  AxMailbox *box;
  GString *log;
} Receiver;

static void
receive_and_answer (GPtrArray *letters, gpointer user_data)
{
  Receiver *receiver = user_data;

  write_batch (letters, receiver->log);
  if (receiver->log->len < 8)
    ax_mailbox_post (receiver->box, letter_new (7));
}

static void
receive_and_free (GPtrArray *letters, gpointer user_data)
{
  Receiver *receiver = user_data;

  write_batch (letters, receiver->log);
  ax_mailbox_post (receiver->box, letter_new (7));
  ax_mailbox_free (receiver->box);
}

static void
test_post_from_receiver (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GString) log = g_string_new (NULL);
  Receiver receiver = { .log = log };

  receiver.box
      = ax_mailbox_new (context, receive_and_answer, letter_free, &receiver);
  ax_mailbox_post (receiver.box, letter_new (1));
  dispatch_all (context);
  g_assert_cmpstr (log->str, ==, "1|7|7|7|");
  ax_mailbox_free (receiver.box);
}

static void
test_free_from_receiver (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GString) log = g_string_new (NULL);
  Receiver receiver = { .log = log };

  receiver.box
      = ax_mailbox_new (context, receive_and_free, letter_free, &receiver);
  ax_mailbox_post (receiver.box, letter_new (1));
  dispatch_all (context);
  g_assert_cmpstr (log->str, ==, "1|");
  g_assert_cmpint (n_letters, ==, 0);

  receiver.box
      = ax_mailbox_new (NULL, receive_and_free, letter_free, &receiver);
  ax_mailbox_post (receiver.box, letter_new (2));
  g_assert_true (ax_mailbox_wait (receiver.box, 0));
  g_assert_cmpstr (log->str, ==, "1|2|");
  g_assert_cmpint (n_letters, ==, 0);
}

typedef struct
{
  GMainContext *context;
  Gate is_inside;
  int is_over;
} SlowReceiver;

static void
receive_slowly (GPtrArray *letters, gpointer user_data)
{
  SlowReceiver *receiver = user_data;

  gate_open (&receiver->is_inside);
  for (int i = 0; i < 1000; i++)
    g_thread_yield ();
  g_atomic_int_set (&receiver->is_over, 1);
}

static gpointer
loop_thread (gpointer data)
{
  SlowReceiver *receiver = data;

  while (!g_atomic_int_get (&receiver->is_over))
    g_main_context_iteration (receiver->context, TRUE);
  return NULL;
}

static void
test_free_waits_for_receiver (void)
{
  g_autofree SlowReceiver *receiver = g_new0 (SlowReceiver, 1);
  g_autoptr (GMainContext) context = g_main_context_new ();
  AxMailbox *box
      = ax_mailbox_new (context, receive_slowly, letter_free, receiver);
  GThread *thread;

  receiver->context = context;
  ax_mailbox_post (box, letter_new (1));
  thread = g_thread_new ("loop", loop_thread, receiver);
  gate_wait (&receiver->is_inside);
  ax_mailbox_free (box);
  g_assert_cmpint (g_atomic_int_get (&receiver->is_over), ==, 1);
  g_thread_join (thread);
  g_assert_cmpint (n_letters, ==, 0);
}

static gpointer
post_thread (gpointer box)
{
  ax_mailbox_post (box, letter_new (3));
  return NULL;
}

static gpointer
close_thread (gpointer box)
{
  ax_mailbox_close (box);
  return NULL;
}

static void
test_wait (void)
{
  g_autoptr (GString) log = g_string_new (NULL);
  AxMailbox *box = ax_mailbox_new (NULL, write_batch, letter_free, log);
  GThread *thread;

  g_assert_false (ax_mailbox_wait (box, 0));
  g_assert_false (ax_mailbox_wait (box, -1));
  g_assert_false (ax_mailbox_wait (box, 100));
  ax_mailbox_post (box, letter_new (1));
  ax_mailbox_post (box, letter_new (2));
  g_assert_true (ax_mailbox_wait (box, 0));
  g_assert_cmpstr (log->str, ==, "1 2|");

  thread = g_thread_new ("poster", post_thread, box);
  g_assert_true (ax_mailbox_wait (box, G_MAXINT64));
  g_assert_cmpstr (log->str, ==, "1 2|3|");
  g_thread_join (thread);

  thread = g_thread_new ("closer", close_thread, box);
  g_assert_false (ax_mailbox_wait (box, G_MAXINT64));
  g_thread_join (thread);
  g_assert_cmpint (n_letters, ==, 0);
  ax_mailbox_free (box);
}

static void
test_wait_after_close (void)
{
  g_autoptr (GString) log = g_string_new (NULL);
  AxMailbox *box = ax_mailbox_new (NULL, write_batch, letter_free, log);

  ax_mailbox_post (box, letter_new (1));
  ax_mailbox_close (box);
  g_assert_true (ax_mailbox_wait (box, G_MAXINT64));
  g_assert_false (ax_mailbox_wait (box, G_MAXINT64));
  g_assert_cmpstr (log->str, ==, "1|");
  ax_mailbox_free (box);
}

static void
test_letters_without_free_func (void)
{
  g_autoptr (GString) log = g_string_new (NULL);
  AxMailbox *box = ax_mailbox_new (NULL, write_batch, NULL, log);
  int letters[2] = { 1, 2 };

  ax_mailbox_post (box, &letters[0]);
  ax_mailbox_close (box);
  ax_mailbox_post (box, &letters[1]);
  ax_mailbox_free (box);
  g_assert_cmpstr (log->str, ==, "");
}

enum
{
  N_PRODUCERS = 4,
  N_EACH = 3000
};

typedef struct
{
  AxMailbox *box;
  int next_producer;
  int n_received[N_PRODUCERS];
  int n_total;
} Crowd;

static gpointer
producer_thread (gpointer data)
{
  Crowd *crowd = data;
  int first = g_atomic_int_add (&crowd->next_producer, 1) * N_EACH;

  for (int i = 0; i < N_EACH; i++)
    ax_mailbox_post (crowd->box, letter_new (first + i));
  return NULL;
}

/* Each producer's letters come in the order it posted them. */
static void
receive_from_crowd (GPtrArray *letters, gpointer user_data)
{
  Crowd *crowd = user_data;

  for (guint i = 0; i < letters->len; i++)
    {
      int number = *(int *)letters->pdata[i];

      g_assert_cmpint (number % N_EACH, ==,
                       crowd->n_received[number / N_EACH]++);
      crowd->n_total++;
    }
}

static void
test_many_producers (gconstpointer data)
{
  g_autoptr (GMainContext) context
      = GPOINTER_TO_INT (data) ? g_main_context_new () : NULL;
  g_autofree Crowd *crowd = g_new0 (Crowd, 1);
  GThread *threads[N_PRODUCERS];

  crowd->box = ax_mailbox_new (context, receive_from_crowd, letter_free, crowd);
  for (int i = 0; i < N_PRODUCERS; i++)
    threads[i] = g_thread_new ("producer", producer_thread, crowd);
  while (crowd->n_total < N_PRODUCERS * N_EACH)
    if (context != NULL)
      g_main_context_iteration (context, TRUE);
    else
      g_assert_true (ax_mailbox_wait (crowd->box, G_MAXINT64));
  for (int i = 0; i < N_PRODUCERS; i++)
    g_thread_join (threads[i]);
  ax_mailbox_free (crowd->box);
  g_assert_cmpint (n_letters, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mailbox/batches", test_batches);
  g_test_add_func ("/mailbox/before-redraw", test_before_redraw);
  g_test_add_func ("/mailbox/close", test_close);
  g_test_add_func ("/mailbox/free-with-letters", test_free_with_letters);
  g_test_add_func ("/mailbox/outlives-context", test_outlives_context);
  g_test_add_func ("/mailbox/post-from-receiver", test_post_from_receiver);
  g_test_add_func ("/mailbox/free-from-receiver", test_free_from_receiver);
  g_test_add_func ("/mailbox/free-waits-for-receiver",
                   test_free_waits_for_receiver);
  g_test_add_func ("/mailbox/wait", test_wait);
  g_test_add_func ("/mailbox/wait-after-close", test_wait_after_close);
  g_test_add_func ("/mailbox/letters-without-free-func",
                   test_letters_without_free_func);
  g_test_add_data_func ("/mailbox/many-producers-with-context",
                        GINT_TO_POINTER (TRUE), test_many_producers);
  g_test_add_data_func ("/mailbox/many-producers-waiting",
                        GINT_TO_POINTER (FALSE), test_many_producers);
  return g_test_run ();
}
