#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * AxMailbox:
 *
 * Many producers, one receiver on a main context.  Letters posted between two
 * dispatches arrive in one batch, in order of posting.  The source has a
 * priority above redraw, so that a frame shows what has arrived.
 *
 * With @context NULL there is no source: ax_mailbox_wait() blocks for the next
 * batch instead, which is how a program without a main loop runs.
 *
 * Thread: any may post.  The receiver is called on the context's thread, with
 * no lock held.  After ax_mailbox_close() posts are freed at once, and letters
 * inside are still delivered.  After ax_mailbox_free() nothing is called and
 * letters still inside are freed; it may be called by the receiver, and by any
 * other thread, where it waits for a receiver at work.  Its caller sees to it
 * that nobody posts any more: close, join the producers, free.
 */
typedef struct _AxMailbox AxMailbox;

/** @letters: (transfer none) array of letters; freed after the call. */
typedef void (*AxMailboxFunc) (GPtrArray *letters, gpointer user_data);

/**
 * ax_mailbox_new:
 * @context: (nullable): where to receive; NULL for ax_mailbox_wait()
 * @receive: called for each batch, which is never empty
 * @free_letter: (nullable): frees a letter
 */
AxMailbox *ax_mailbox_new (GMainContext *context, AxMailboxFunc receive,
                           GDestroyNotify free_letter, gpointer user_data);
void ax_mailbox_close (AxMailbox *self);

/** Accepts NULL. */
void ax_mailbox_free (AxMailbox *self);

/** @letter: (transfer full). */
void ax_mailbox_post (AxMailbox *self, gpointer letter);

/**
 * Waits up to @timeout_us for letters and hands them to the receiver in the
 * caller; FALSE when the time passed or the box is closed and empty.
 */
gboolean ax_mailbox_wait (AxMailbox *self, gint64 timeout_us);

G_END_DECLS
