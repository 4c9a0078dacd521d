#include "core/base/mailbox.h"

/*
 * GTK resizes at G_PRIORITY_HIGH_IDLE + 10 and paints at
 * GDK_PRIORITY_REDRAW = G_PRIORITY_HIGH_IDLE + 20.  Just before both, letters
 * show in the coming frame; behind events and timers, which are at
 * G_PRIORITY_DEFAULT, a flood of letters cannot delay input.
 */
#define MAILBOX_PRIORITY G_PRIORITY_HIGH_IDLE

struct _AxMailbox
{
  /* immutable */
  AxMailboxFunc receive;
  GDestroyNotify free_letter;
  gpointer user_data;
  GSource *source; /* NULL without a context */

  /* under lock */
  GMutex lock;
  GCond changed;
  GPtrArray *letters;
  GThread *receiver; /* the thread inside receive(), or NULL */
  gboolean closed;
};

static void
mailbox_clear (gpointer data)
{
  AxMailbox *self = data;

  g_clear_pointer (&self->source, g_source_unref);
  g_ptr_array_unref (self->letters);
  g_cond_clear (&self->changed);
  g_mutex_clear (&self->lock);
}

static void
mailbox_release (gpointer self)
{
  g_atomic_rc_box_release_full (self, mailbox_clear);
}

/* (transfer full): what has arrived, leaving an empty array. */
static GPtrArray *
take_letters (AxMailbox *self)
{
  GPtrArray *letters = self->letters;

  self->letters = g_ptr_array_new_with_free_func (self->free_letter);
  return letters;
}

/* Hands the batch over; FALSE when there is none. */
static gboolean
deliver (AxMailbox *self)
{
  g_autoptr (GPtrArray) letters = NULL;

  g_mutex_lock (&self->lock);
  if (self->letters->len == 0)
    {
      g_mutex_unlock (&self->lock);
      return FALSE;
    }
  letters = take_letters (self);
  self->receiver = g_thread_self ();
  g_mutex_unlock (&self->lock);

  self->receive (letters, self->user_data);

  g_mutex_lock (&self->lock);
  self->receiver = NULL;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
  return TRUE;
}

static gboolean
on_ready (gpointer data)
{
  AxMailbox *self = data;

  /* First the alarm, then the letters: a post in between rings it again. */
  g_source_set_ready_time (self->source, -1);
  deliver (self);
  return G_SOURCE_CONTINUE;
}

static gboolean
source_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  return callback (user_data);
}

static GSourceFuncs source_funcs = { .dispatch = source_dispatch };

AxMailbox *
ax_mailbox_new (GMainContext *context, AxMailboxFunc receive,
                GDestroyNotify free_letter, gpointer user_data)
{
  AxMailbox *self;

  g_return_val_if_fail (receive != NULL, NULL);

  self = g_atomic_rc_box_new0 (AxMailbox);
  self->receive = receive;
  self->free_letter = free_letter;
  self->user_data = user_data;
  self->letters = g_ptr_array_new_with_free_func (free_letter);
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  if (context != NULL)
    {
      self->source = g_source_new (&source_funcs, sizeof (GSource));
      g_source_set_static_name (self->source, "axilla mailbox");
      g_source_set_priority (self->source, MAILBOX_PRIORITY);
      /* GLib holds this reference while it dispatches, so the receiver may
         free the mailbox. */
      g_source_set_callback (self->source, on_ready,
                             g_atomic_rc_box_acquire (self), mailbox_release);
      g_source_attach (self->source, context);
    }
  return self;
}

void
ax_mailbox_close (AxMailbox *self)
{
  g_return_if_fail (self != NULL);

  g_mutex_lock (&self->lock);
  self->closed = TRUE;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

void
ax_mailbox_free (AxMailbox *self)
{
  g_autoptr (GPtrArray) letters = NULL;

  if (self == NULL)
    return;

  g_mutex_lock (&self->lock);
  self->closed = TRUE;
  letters = take_letters (self);
  g_cond_broadcast (&self->changed);
  while (self->receiver != NULL && self->receiver != g_thread_self ())
    g_cond_wait (&self->changed, &self->lock);
  g_mutex_unlock (&self->lock);

  if (self->source != NULL)
    g_source_destroy (self->source);
  mailbox_release (self);
}

void
ax_mailbox_post (AxMailbox *self, gpointer letter)
{
  gboolean closed, first;

  g_return_if_fail (self != NULL);
  g_return_if_fail (letter != NULL);

  g_mutex_lock (&self->lock);
  closed = self->closed;
  first = self->letters->len == 0;
  if (!closed)
    {
      g_ptr_array_add (self->letters, letter);
      g_cond_broadcast (&self->changed);
    }
  g_mutex_unlock (&self->lock);

  if (closed && self->free_letter != NULL)
    self->free_letter (letter);
  if (!closed && first && self->source != NULL)
    g_source_set_ready_time (self->source, 0);
}

gboolean
ax_mailbox_wait (AxMailbox *self, gint64 timeout_us)
{
  gint64 now = g_get_monotonic_time ();
  gint64 deadline = now + CLAMP (timeout_us, 0, G_MAXINT64 - now);
  gboolean delivered;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (self->source == NULL, FALSE);

  g_atomic_rc_box_acquire (self);
  g_mutex_lock (&self->lock);
  while (self->letters->len == 0 && !self->closed)
    if (!g_cond_wait_until (&self->changed, &self->lock, deadline))
      break;
  g_mutex_unlock (&self->lock);

  delivered = deliver (self);
  mailbox_release (self);
  return delivered;
}
