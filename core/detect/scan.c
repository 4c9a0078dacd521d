#include "core/detect/scan.h"

#include "core/base/error.h"
#include "core/base/mailbox.h"
#include "core/detect/scan-pipeline.h"

#define PROGRESS_US 100000

struct _AxScan
{
  GObject parent_instance;

  AxScanPlan *plan;
  AxMailbox *mailbox;
  gboolean has_context;
  AxScanStatus *status;
  AxScanPipeline *pipeline; /* last to come, first to go */
};

G_DEFINE_FINAL_TYPE (AxScan, ax_scan, G_TYPE_OBJECT)

enum
{
  PROP_STATE = 1,
  N_PROPS,
};

enum
{
  SIGNAL_PROGRESS,
  SIGNAL_DIRTY,
  N_SIGNALS,
};

static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

static void
ax_scan_get_property (GObject *object, guint id, GValue *value,
                      GParamSpec *pspec)
{
  AxScan *self = AX_SCAN (object);

  if (id == PROP_STATE)
    g_value_set_uint (value, ax_scan_get_state (self));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

/* The last reference may go on another thread than the context's, while that
 * one receives; until the mailbox is freed the object must be alive. */
static void
ax_scan_dispose (GObject *object)
{
  AxScan *self = AX_SCAN (object);

  if (self->status != NULL)
    ax_scan_status_stop (self->status, NULL);
  g_clear_pointer (&self->pipeline, ax_scan_pipeline_free);
  g_clear_pointer (&self->mailbox, ax_mailbox_free);
  G_OBJECT_CLASS (ax_scan_parent_class)->dispose (object);
}

static void
ax_scan_finalize (GObject *object)
{
  AxScan *self = AX_SCAN (object);

  ax_scan_status_free (self->status);
  g_clear_pointer (&self->plan, ax_scan_plan_unref);
  G_OBJECT_CLASS (ax_scan_parent_class)->finalize (object);
}

static void
ax_scan_class_init (AxScanClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = ax_scan_get_property;
  object_class->dispose = ax_scan_dispose;
  object_class->finalize = ax_scan_finalize;

  props[PROP_STATE] = g_param_spec_uint (
      "state", NULL, NULL, AX_SCAN_IDLE, AX_SCAN_FAILED, AX_SCAN_IDLE,
      G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);

  signals[SIGNAL_PROGRESS]
      = g_signal_new ("progress", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                      0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_DIRTY]
      = g_signal_new ("dirty", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                      NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
}

static void
ax_scan_init (AxScan *self)
{
}

static void
on_news (GPtrArray *letters, gpointer user_data)
{
  /* a handler may drop the last reference */
  g_autoptr (AxScan) self = g_object_ref (AX_SCAN (user_data));
  gboolean state_changed = FALSE;

  for (guint i = 0; i < letters->len; i++)
    {
      AxScanNews *news = letters->pdata[i];

      if (news->is_block)
        g_signal_emit (self, signals[SIGNAL_DIRTY], 0, &news->rect);
      else
        state_changed = TRUE;
    }
  g_signal_emit (self, signals[SIGNAL_PROGRESS], 0);
  if (state_changed)
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_STATE]);
}

AxScan *
ax_scan_new (AxScanPlan *plan, const AxScanSetup *setup, GMainContext *context,
             GError **error)
{
  g_autoptr (AxScan) self = NULL;

  g_return_val_if_fail (plan != NULL, NULL);
  g_return_val_if_fail (setup != NULL, NULL);

  self = g_object_new (AX_TYPE_SCAN, NULL);
  self->plan = ax_scan_plan_ref (plan);
  self->has_context = context != NULL;
  self->mailbox = ax_mailbox_new (context, on_news, g_free, self);
  self->status = ax_scan_status_new (plan, self->mailbox);
  self->pipeline = ax_scan_pipeline_new (plan, setup, self->status, error);
  return self->pipeline != NULL ? g_steal_pointer (&self) : NULL;
}

gboolean
ax_scan_restore (AxScan *self, const AxScanBlock *block, GError **error)
{
  g_return_val_if_fail (AX_IS_SCAN (self), FALSE);
  g_return_val_if_fail (ax_scan_get_state (self) == AX_SCAN_IDLE, FALSE);

  return ax_scan_pipeline_restore (self->pipeline, block, error);
}

void
ax_scan_start (AxScan *self)
{
  g_return_if_fail (AX_IS_SCAN (self));

  if (ax_scan_status_start (self->status))
    ax_scan_pipeline_start (self->pipeline);
}

void
ax_scan_pause (AxScan *self)
{
  g_return_if_fail (AX_IS_SCAN (self));

  ax_scan_status_pause (self->status);
}

void
ax_scan_resume (AxScan *self)
{
  g_return_if_fail (AX_IS_SCAN (self));

  ax_scan_status_resume (self->status);
}

void
ax_scan_cancel (AxScan *self)
{
  g_return_if_fail (AX_IS_SCAN (self));

  ax_scan_status_stop (self->status, NULL);
}

void
ax_scan_set_focus (AxScan *self, AxRect0 visible)
{
  g_return_if_fail (AX_IS_SCAN (self));

  ax_scan_pipeline_set_focus (self->pipeline, visible);
}

static gboolean
is_over (AxScan *self)
{
  AxScanState state = ax_scan_get_state (self);

  return state == AX_SCAN_DONE || state == AX_SCAN_CANCELLED
         || state == AX_SCAN_FAILED;
}

gboolean
ax_scan_run_blocking (AxScan *self, GCancellable *cancellable,
                      void (*progress) (AxScan *scan, gpointer data),
                      gpointer user_data, GError **error)
{
  gint64 shown_us = 0;
  const GError *failure;

  g_return_val_if_fail (AX_IS_SCAN (self), FALSE);
  g_return_val_if_fail (!self->has_context, FALSE);

  if (g_cancellable_is_cancelled (cancellable))
    ax_scan_cancel (self);
  ax_scan_start (self);
  while (!is_over (self))
    {
      gint64 now_us;

      ax_mailbox_wait (self->mailbox, PROGRESS_US);
      if (g_cancellable_is_cancelled (cancellable))
        ax_scan_cancel (self);
      now_us = g_get_monotonic_time ();
      if (progress != NULL && now_us - shown_us >= PROGRESS_US)
        {
          progress (self, user_data);
          shown_us = now_us;
        }
    }
  while (ax_mailbox_wait (self->mailbox, 0))
    ;
  if (progress != NULL)
    progress (self, user_data);

  failure = ax_scan_get_error (self);
  if (failure != NULL)
    g_propagate_error (error, g_error_copy (failure));
  else if (ax_scan_get_state (self) == AX_SCAN_CANCELLED)
    g_set_error (error, AX_ERROR, AX_ERROR_CANCELLED,
                 "%s: the scan was cancelled",
                 ax_slide_get_path (ax_scan_plan_get_slide (self->plan)));
  return ax_scan_get_state (self) == AX_SCAN_DONE;
}

AxScanState
ax_scan_get_state (AxScan *self)
{
  g_return_val_if_fail (AX_IS_SCAN (self), AX_SCAN_FAILED);

  return ax_scan_status_get_state (self->status);
}

const GError *
ax_scan_get_error (AxScan *self)
{
  g_return_val_if_fail (AX_IS_SCAN (self), NULL);

  return ax_scan_status_get_error (self->status);
}

void
ax_scan_get_progress (AxScan *self, AxScanProgress *progress)
{
  g_return_if_fail (AX_IS_SCAN (self));
  g_return_if_fail (progress != NULL);

  ax_scan_status_get_progress (self->status, progress);
}

AxProbMap *
ax_scan_get_map (AxScan *self)
{
  g_return_val_if_fail (AX_IS_SCAN (self), NULL);

  return ax_scan_pipeline_get_map (self->pipeline);
}

AxScanPlan *
ax_scan_get_plan (AxScan *self)
{
  g_return_val_if_fail (AX_IS_SCAN (self), NULL);

  return self->plan;
}

const char *
ax_scan_get_engine (AxScan *self)
{
  g_return_val_if_fail (AX_IS_SCAN (self), NULL);

  return ax_scan_status_get_engine (self->status);
}

const char *
ax_scan_get_device (AxScan *self)
{
  g_return_val_if_fail (AX_IS_SCAN (self), NULL);

  return ax_scan_status_get_device (self->status);
}

const char *
ax_scan_get_fallback_reason (AxScan *self)
{
  g_return_val_if_fail (AX_IS_SCAN (self), NULL);

  return ax_scan_status_get_fallback (self->status);
}

const char *
ax_scan_get_engine_fault (AxScan *self)
{
  g_return_val_if_fail (AX_IS_SCAN (self), NULL);

  return ax_scan_status_get_fault (self->status);
}
