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
  Histogram iterations, snapshots;
  guint64 n_tiles_drawn, n_tiles_missing;
  float recent_ms[AX_FRAMES_RECENT]; /* a ring over snapshots.n */

  GPollFunc poll; /* of the main context before it was watched, or NULL */
  gint64 woken_us;
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
  g_free (self);
}

/* Between two waits the loop is busy. */
static int
poll_and_measure (GPollFD *fds, guint n_fds, int timeout_ms)
{
  AxFrames *self = watcher;
  int result;

  if (self->woken_us > 0)
    ax_frames_add_iteration (self, ax_trace_now_us () - self->woken_us);
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

void
ax_frames_add_iteration (AxFrames *self, gint64 busy_us)
{
  g_return_if_fail (self != NULL);

  histogram_add (&self->iterations, busy_us);
}

void
ax_frames_add_snapshot (AxFrames *self, gint64 us, guint n_drawn,
                        guint n_missing)
{
  g_return_if_fail (self != NULL);

  self->recent_ms[self->snapshots.n % AX_FRAMES_RECENT] = us / 1e3f;
  histogram_add (&self->snapshots, us);
  self->n_tiles_drawn += n_drawn;
  self->n_tiles_missing += n_missing;
}

void
ax_frames_get_iterations (const AxFrames *self, AxFrameTimes *times)
{
  g_return_if_fail (self != NULL && times != NULL);

  histogram_get (&self->iterations, times);
}

void
ax_frames_get_snapshots (const AxFrames *self, AxFrameTimes *times)
{
  g_return_if_fail (self != NULL && times != NULL);

  histogram_get (&self->snapshots, times);
}

guint
ax_frames_get_recent (const AxFrames *self, float recent_ms[AX_FRAMES_RECENT])
{
  guint n;

  g_return_val_if_fail (self != NULL, 0);

  n = MIN (self->snapshots.n, AX_FRAMES_RECENT);
  for (guint i = 0; i < n; i++)
    recent_ms[i]
        = self->recent_ms[(self->snapshots.n - n + i) % AX_FRAMES_RECENT];
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
                          self->snapshots.n);
  append_times (json, "iteration_ms", &self->iterations);
  append_times (json, "snapshot_ms", &self->snapshots);
  g_string_append_printf (json,
                          "\"tiles_drawn\": %" G_GUINT64_FORMAT
                          ", \"tiles_missing\": %" G_GUINT64_FORMAT "}",
                          self->n_tiles_drawn, self->n_tiles_missing);
  return g_string_free (json, FALSE);
}
