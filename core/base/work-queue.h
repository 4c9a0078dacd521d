#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * AxWorkQueue:
 *
 * Worker threads over a heap of jobs keyed (class, distance): lower first,
 * equal keys in order of arrival.  Waiting jobs can be re-keyed and cancelled
 * by epoch; running ones cannot, but see ax_work_queue_is_stale().
 *
 * Locks: @run and @free_job are called without the queue's lock.
 *
 * With @n_threads 0 nothing runs until ax_work_queue_run_one() is called: the
 * deterministic mode for tests.
 *
 * Thread: any may push, re-key and cancel.  Jobs run on named workers, which
 * are joined by ax_work_queue_free(); waiting jobs are then dropped.
 */
typedef struct _AxWorkQueue AxWorkQueue;

typedef struct
{
  int class_;      /* 0 is most urgent */
  double distance; /* within the class, nearest first */
} AxWorkKey;

/** @job: (transfer none): freed with free_job after the call. */
typedef void (*AxWorkFunc) (gpointer job, gpointer user_data);
/** Gives the new key of @job; return FALSE to drop it. */
typedef gboolean (*AxWorkKeyFunc) (gpointer job, AxWorkKey *key,
                                   gpointer user_data);

/**
 * ax_work_queue_new:
 * @name: of the workers, which are called NAME-0, NAME-1 and so on
 * @n_threads: number of workers, or 0
 * @run: does a job
 * @free_job: (nullable): frees a job, run or dropped
 */
AxWorkQueue *ax_work_queue_new (const char *name, int n_threads,
                                AxWorkFunc run, GDestroyNotify free_job,
                                gpointer user_data);

/** Not from within a job.  Accepts NULL. */
void ax_work_queue_free (AxWorkQueue *self);

/** @job: (transfer full): dropped at once where @epoch is stale already. */
void ax_work_queue_push (AxWorkQueue *self, gpointer job, AxWorkKey key,
                         guint epoch);

/** Drops every waiting job of an epoch before @epoch, which is now stale. */
void ax_work_queue_cancel_before (AxWorkQueue *self, guint epoch);

/** Whether @epoch was cancelled, or the queue is being freed. */
gboolean ax_work_queue_is_stale (AxWorkQueue *self, guint epoch);

/** Calls @func, under the lock, for each waiting job and sorts anew. */
void ax_work_queue_rekey (AxWorkQueue *self, AxWorkKeyFunc func,
                          gpointer user_data);

/** Number of waiting jobs. */
guint ax_work_queue_get_length (AxWorkQueue *self);

/** Runs the first waiting job in the caller; FALSE when none waits. */
gboolean ax_work_queue_run_one (AxWorkQueue *self);

G_END_DECLS
