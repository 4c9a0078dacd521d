#include "ui/frames.h"

#include "core/base/parse.h"
#include "core/base/trace.h"

#define BIN_US 100
#define N_BINS 10000 /* one second; longer ones count in the last */

typedef struct
{
  guint32 bins[N_BINS];
  guint64 n;
  gint64 max_us;
} Histogram;

struct _AxFrames
{
  Histogram phases[AX_N_FRAME_PHASES];
  guint64 n_tiles_drawn, n_tiles_missing, n_tiles_blank;
  float recent_ms[AX_FRAMES_RECENT]; /* a ring over the snapshots */

  GPollFunc poll; /* of the main context before it was watched, or NULL */
  gint64 woken_us;
  gboolean has_painted; /* since then */

  GdkFrameClock *clock; /* (nullable) */
  gint64 phase_us;      /* end of the clock's last phase */
};

/* As in the JSON. */
static const char *const phase_names[AX_N_FRAME_PHASES] = {
  [AX_FRAME_PHASE_ITERATION] = "iteration_ms",
  [AX_FRAME_PHASE_FRAME] = "frame_ms",
  [AX_FRAME_PHASE_LAYOUT] = "layout_ms",
  [AX_FRAME_PHASE_PAINT] = "paint_ms",
  [AX_FRAME_PHASE_SNAPSHOT] = "snapshot_ms",
};

/* A poll function has no user data. */
static AxFrames *watcher;

static void
histogram_add (Histogram *self, gint64 us)
{
  gint64 bin = CLAMP (us / BIN_US, 0, N_BINS - 1);

  self->bins[bin]++;
  self->n++;
  self->max_us = MAX (self->max_us, us);
}

/* The upper edge of the bin below which @share of the times lie. */
static double
histogram_percentile_ms (const Histogram *self, double share)
{
  guint64 n_below = 0;

  for (int i = 0; i < N_BINS - 1; i++)
    {
      n_below += self->bins[i];
      if (n_below > 0 && n_below >= share * self->n)
        return MIN ((i + 1) * BIN_US, self->max_us) / 1e3;
    }
  return self->max_us / 1e3;
}

static void
histogram_get (const Histogram *self, AxFrameTimes *times)
{
  times->n = self->n;
  times->p50_ms = histogram_percentile_ms (self, 0.50);
  times->p95_ms = histogram_percentile_ms (self, 0.95);
  times->p99_ms = histogram_percentile_ms (self, 0.99);
  times->max_ms = self->max_us / 1e3;
}

AxFrames *
ax_frames_new (void)
{
  return g_new0 (AxFrames, 1);
}

void
ax_frames_free (AxFrames *self)
{
  if (self == NULL)
    return;
  if (watcher == self)
    {
      g_main_context_set_poll_func (NULL, self->poll);
      watcher = NULL;
    }
  ax_frames_watch_clock (self, NULL);
  g_free (self);
}

static void
add_iteration (AxFrames *self, gint64 busy_us)
{
  ax_frames_add (self, AX_FRAME_PHASE_ITERATION, busy_us);
  if (self->has_painted)
    ax_frames_add (self, AX_FRAME_PHASE_FRAME, busy_us);
  self->has_painted = FALSE;
}

/* Between two waits the loop is busy. */
static int
poll_and_measure (GPollFD *fds, guint n_fds, int timeout_ms)
{
  AxFrames *self = watcher;
  int result;

  if (self->woken_us > 0)
    add_iteration (self, ax_trace_now_us () - self->woken_us);
  result = self->poll (fds, n_fds, timeout_ms);
  self->woken_us = ax_trace_now_us ();
  return result;
}

void
ax_frames_watch_main_loop (AxFrames *self)
{
  g_return_if_fail (self != NULL);

  if (watcher != NULL)
    return;
  watcher = self;
  self->poll = g_main_context_get_poll_func (NULL);
  g_main_context_set_poll_func (NULL, poll_and_measure);
}

/* GTK's own handlers come before these: each is called when GTK is done with
 * the phase. */

static void
on_before_paint (GdkFrameClock *clock, AxFrames *self)
{
  self->phase_us = ax_trace_now_us ();
}

static void
end_phase (AxFrames *self, AxFramePhase phase)
{
  gint64 now_us = ax_trace_now_us ();

  ax_frames_add (self, phase, now_us - self->phase_us);
  self->phase_us = now_us;
}

static void
on_layout (GdkFrameClock *clock, AxFrames *self)
{
  end_phase (self, AX_FRAME_PHASE_LAYOUT);
}

static void
on_paint (GdkFrameClock *clock, AxFrames *self)
{
  end_phase (self, AX_FRAME_PHASE_PAINT);
  self->has_painted = TRUE;
}

void
ax_frames_watch_clock (AxFrames *self, GdkFrameClock *clock)
{
  g_return_if_fail (self != NULL);

  if (self->clock != NULL)
    g_signal_handlers_disconnect_by_data (self->clock, self);
  g_set_object (&self->clock, clock);
  if (clock == NULL)
    return;
  g_signal_connect (clock, "before-paint", G_CALLBACK (on_before_paint), self);
  g_signal_connect (clock, "update", G_CALLBACK (on_before_paint), self);
  g_signal_connect (clock, "layout", G_CALLBACK (on_layout), self);
  g_signal_connect (clock, "paint", G_CALLBACK (on_paint), self);
}

void
ax_frames_add (AxFrames *self, AxFramePhase phase, gint64 us)
{
  g_return_if_fail (self != NULL);

  histogram_add (&self->phases[phase], us);
}

void
ax_frames_add_snapshot (AxFrames *self, gint64 us, const AxTileCounts *counts)
{
  guint64 n;

  g_return_if_fail (self != NULL);

  n = self->phases[AX_FRAME_PHASE_SNAPSHOT].n;
  self->recent_ms[n % AX_FRAMES_RECENT] = us / 1e3f;
  ax_frames_add (self, AX_FRAME_PHASE_SNAPSHOT, us);
  self->n_tiles_drawn += counts->n_drawn;
  self->n_tiles_missing += counts->n_missing;
  self->n_tiles_blank += counts->n_blank;
}

void
ax_frames_get (const AxFrames *self, AxFramePhase phase, AxFrameTimes *times)
{
  g_return_if_fail (self != NULL && times != NULL);

  histogram_get (&self->phases[phase], times);
}

guint
ax_frames_get_recent (const AxFrames *self, float recent_ms[AX_FRAMES_RECENT])
{
  guint64 n_snapshots;
  guint n;

  g_return_val_if_fail (self != NULL, 0);

  n_snapshots = self->phases[AX_FRAME_PHASE_SNAPSHOT].n;
  n = MIN (n_snapshots, AX_FRAMES_RECENT);
  for (guint i = 0; i < n; i++)
    recent_ms[i] = self->recent_ms[(n_snapshots - n + i) % AX_FRAMES_RECENT];
  return n;
}

static void
append_ms (GString *json, const char *name, double ms)
{
  char buffer[AX_FORMAT_BUFFER];

  g_string_append_printf (json, ", \"%s\": %s", name,
                          ax_format_decimal (buffer, ms, 3));
}

static void
append_times (GString *json, const char *name, const Histogram *histogram)
{
  AxFrameTimes times;

  histogram_get (histogram, &times);
  g_string_append_printf (json, "\"%s\": {\"n\": %" G_GUINT64_FORMAT, name,
                          times.n);
  append_ms (json, "p50", times.p50_ms);
  append_ms (json, "p95", times.p95_ms);
  append_ms (json, "p99", times.p99_ms);
  append_ms (json, "max", times.max_ms);
  g_string_append (json, "}, ");
}

char *
ax_frames_to_json (const AxFrames *self)
{
  GString *json;

  g_return_val_if_fail (self != NULL, NULL);

  json = g_string_new ("{");
  g_string_append_printf (json, "\"frames\": %" G_GUINT64_FORMAT ", ",
                          self->phases[AX_FRAME_PHASE_SNAPSHOT].n);
  for (int i = 0; i < AX_N_FRAME_PHASES; i++)
    append_times (json, phase_names[i], &self->phases[i]);
  g_string_append_printf (json,
                          "\"tiles_drawn\": %" G_GUINT64_FORMAT
                          ", \"tiles_missing\": %" G_GUINT64_FORMAT
                          ", \"tiles_blank\": %" G_GUINT64_FORMAT "}",
                          self->n_tiles_drawn, self->n_tiles_missing,
                          self->n_tiles_blank);
  return g_string_free (json, FALSE);
}
