#include "core/detect/scan-status.h"

#include "core/base/trace.h"
#include "core/detect/scan-turn.h"

struct _AxScanStatus
{
  /* immutable */
  AxScanPlan *plan;
  AxMailbox *mailbox; /* (unowned) */

  AxScanTurn turn;

  /* under lock */
  GMutex lock;
  GCond changed;
  AxScanState state;
  gboolean stopping;
  gboolean at_work; /* it is this scan's turn */
  GError *error;
  GStringChunk *texts; /* keeps what was handed out */
  const char *engine, *device, *fallback, *fault;
  AxScanProgress sum; /* counts, areas, times of threads */
  double mm2_here, px_here;
  gint64 worked_us;
  gint64 work_start_us;
};

AxScanStatus *
ax_scan_status_new (AxScanPlan *plan, AxMailbox *mailbox)
{
  AxScanStatus *self;

  g_return_val_if_fail (plan != NULL, NULL);
  g_return_val_if_fail (mailbox != NULL, NULL);

  self = g_new0 (AxScanStatus, 1);
  self->plan = ax_scan_plan_ref (plan);
  self->mailbox = mailbox;
  self->texts = g_string_chunk_new (256);
  self->sum.n_rois = ax_scan_plan_get_n_rois (plan);
  self->sum.tissue_mm2 = ax_scan_plan_get_tissue_mm2 (plan);
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  return self;
}

void
ax_scan_status_free (AxScanStatus *self)
{
  if (self == NULL)
    return;
  ax_scan_plan_unref (self->plan);
  g_clear_error (&self->error);
  g_string_chunk_free (self->texts);
  g_cond_clear (&self->changed);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static void
tell (AxScanStatus *self, gboolean is_block, AxRect0 rect)
{
  AxScanNews *news = g_new (AxScanNews, 1);

  *news = (AxScanNews){ .is_block = is_block, .rect = rect };
  ax_mailbox_post (self->mailbox, news);
}

static gboolean
is_over (AxScanState state)
{
  return state == AX_SCAN_DONE || state == AX_SCAN_CANCELLED
         || state == AX_SCAN_FAILED;
}

/* Under lock; the caller unlocks and tells. */
static void
set_state (AxScanStatus *self, AxScanState state)
{
  self->state = state;
  g_cond_broadcast (&self->changed);
}

static void
unlock_and_tell (AxScanStatus *self, AxScanState before)
{
  gboolean changed = self->state != before;

  g_mutex_unlock (&self->lock);
  if (changed)
    tell (self, FALSE, (AxRect0){ 0 });
}

gboolean
ax_scan_status_start (AxScanStatus *self)
{
  AxScanState before;

  g_mutex_lock (&self->lock);
  before = self->state;
  if (before == AX_SCAN_IDLE)
    set_state (self, AX_SCAN_WAITING);
  unlock_and_tell (self, before);
  return before == AX_SCAN_IDLE;
}

void
ax_scan_status_pause (AxScanStatus *self)
{
  AxScanState before;

  g_mutex_lock (&self->lock);
  before = self->state;
  if ((before == AX_SCAN_WAITING || before == AX_SCAN_RUNNING)
      && !self->stopping)
    set_state (self, AX_SCAN_PAUSED);
  unlock_and_tell (self, before);
}

void
ax_scan_status_resume (AxScanStatus *self)
{
  AxScanState before;

  g_mutex_lock (&self->lock);
  before = self->state;
  if (before == AX_SCAN_PAUSED)
    set_state (self, self->at_work ? AX_SCAN_RUNNING : AX_SCAN_WAITING);
  unlock_and_tell (self, before);
}

void
ax_scan_status_stop (AxScanStatus *self, GError *error)
{
  AxScanState before;

  g_mutex_lock (&self->lock);
  before = self->state;
  if (!self->stopping && !is_over (before))
    {
      self->stopping = TRUE;
      self->error = g_steal_pointer (&error);
      g_cond_broadcast (&self->changed);
      if (before == AX_SCAN_IDLE)
        set_state (self, AX_SCAN_CANCELLED);
    }
  unlock_and_tell (self, before);
  g_clear_error (&error);
  ax_scan_turn_call_off (&self->turn);
}

gboolean
ax_scan_status_is_stopping (AxScanStatus *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return self->stopping;
}

gboolean
ax_scan_status_begin_work (AxScanStatus *self)
{
  AxScanState before;

  if (!ax_scan_turn_wait (&self->turn))
    return FALSE;
  g_mutex_lock (&self->lock);
  before = self->state;
  self->at_work = TRUE;
  self->work_start_us = ax_trace_now_us ();
  if (before == AX_SCAN_WAITING)
    set_state (self, AX_SCAN_RUNNING);
  unlock_and_tell (self, before);
  return TRUE;
}

static void
end_work (AxScanStatus *self)
{
  gboolean was_at_work;

  g_mutex_lock (&self->lock);
  was_at_work = self->at_work;
  if (was_at_work)
    self->worked_us += ax_trace_now_us () - self->work_start_us;
  self->at_work = FALSE;
  g_mutex_unlock (&self->lock);
  if (was_at_work)
    ax_scan_turn_end (&self->turn);
}

/* Under lock. */
static gboolean
is_paused (AxScanStatus *self)
{
  return self->state == AX_SCAN_PAUSED && !self->stopping;
}

static gboolean
wait_until_resumed (AxScanStatus *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  while (is_paused (self))
    g_cond_wait (&self->changed, &self->lock);
  return !self->stopping;
}

gboolean
ax_scan_status_is_paused (AxScanStatus *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return is_paused (self);
}

gboolean
ax_scan_status_rest (AxScanStatus *self)
{
  for (;;)
    {
      if (!ax_scan_status_is_paused (self))
        return !ax_scan_status_is_stopping (self);

      end_work (self);
      if (!wait_until_resumed (self) || !ax_scan_status_begin_work (self))
        return FALSE;
    }
}

void
ax_scan_status_finish (AxScanStatus *self)
{
  AxScanState before;

  end_work (self);
  g_mutex_lock (&self->lock);
  before = self->state;
  if (self->error != NULL)
    set_state (self, AX_SCAN_FAILED);
  else if (self->sum.n_rois_done == self->sum.n_rois)
    set_state (self, AX_SCAN_DONE);
  else
    set_state (self, AX_SCAN_CANCELLED);
  unlock_and_tell (self, before);
}

void
ax_scan_status_add_block (AxScanStatus *self, const AxRoi *roi,
                          const AxScanArea *area, gboolean restored)
{
  double px = ax_scan_block_get_px (self->plan, roi);

  g_mutex_lock (&self->lock);
  self->sum.n_rois_done++;
  self->sum.analysed_mm2 += area->analysed_mm2;
  self->sum.failed_mm2 += area->failed_mm2;
  if (restored)
    self->sum.n_rois_restored++;
  else
    {
      self->mm2_here += area->analysed_mm2;
      self->px_here += px;
    }
  g_mutex_unlock (&self->lock);
  tell (self, TRUE, ax_scan_plan_cells_to_rect (self->plan, roi->cells));
}

void
ax_scan_status_add_times (AxScanStatus *self, gint64 read_wait_us,
                          gint64 engine_us, gint64 reconstruct_us)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  self->sum.read_wait_s += read_wait_us * 1e-6;
  self->sum.engine_busy_s += engine_us * 1e-6;
  self->sum.reconstruct_busy_s += reconstruct_us * 1e-6;
}

void
ax_scan_status_set_engine (AxScanStatus *self, const char *name,
                           const char *device)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  self->engine = g_string_chunk_insert_const (self->texts, name);
  self->device = g_string_chunk_insert_const (self->texts, device);
}

static void
append_reason (AxScanStatus *self, const char **reasons, const char *reason)
{
  g_autofree char *all = NULL;

  if (*reasons != NULL)
    all = g_strconcat (*reasons, "; ", reason, NULL);
  *reasons = g_string_chunk_insert (self->texts, all != NULL ? all : reason);
}

void
ax_scan_status_add_fallback (AxScanStatus *self, const char *reason)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  append_reason (self, &self->fallback, reason);
}

void
ax_scan_status_add_fault (AxScanStatus *self, const char *reason)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  append_reason (self, &self->fallback, reason);
  append_reason (self, &self->fault, reason);
}

AxScanState
ax_scan_status_get_state (AxScanStatus *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return self->state;
}

void
ax_scan_status_get_progress (AxScanStatus *self, AxScanProgress *progress)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  gint64 worked_us = self->worked_us;
  guint n_here = self->sum.n_rois_done - self->sum.n_rois_restored;
  guint n_left = self->sum.n_rois - self->sum.n_rois_done;

  if (self->at_work)
    worked_us += ax_trace_now_us () - self->work_start_us;
  *progress = self->sum;
  progress->seconds = worked_us * 1e-6;
  if (worked_us > 0)
    {
      progress->mm2_per_s = self->mm2_here / progress->seconds;
      progress->mpx_per_s = self->px_here * 1e-6 / progress->seconds;
    }
  progress->seconds_left
      = n_left == 0 ? 0
                    : (n_here == 0 ? -1 : progress->seconds / n_here * n_left);
}

const GError *
ax_scan_status_get_error (AxScanStatus *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return self->state == AX_SCAN_FAILED ? self->error : NULL;
}

const char *
ax_scan_status_get_engine (AxScanStatus *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return self->engine;
}

const char *
ax_scan_status_get_device (AxScanStatus *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return self->device;
}

const char *
ax_scan_status_get_fallback (AxScanStatus *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return self->fallback;
}

const char *
ax_scan_status_get_fault (AxScanStatus *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return self->fault;
}
