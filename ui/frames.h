#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * AxFrames:
 *
 * How long the main loop was busy between two waits, how long the view's
 * snapshots took, and how many tiles they drew and missed.
 *
 * Times go to histograms of 0.1 ms, so that a long session costs no memory;
 * percentiles are exact to that.  Thread: main.
 */
typedef struct _AxFrames AxFrames;

/** The last snapshots, oldest first: for a picture of them. */
#define AX_FRAMES_RECENT 120

typedef struct
{
  guint64 n;
  double p50_ms, p95_ms, p99_ms, max_ms;
} AxFrameTimes;

AxFrames *ax_frames_new (void);
/** Accepts NULL. */
void ax_frames_free (AxFrames *self);

/**
 * Measures the iterations of the default main context until freed.  One
 * AxFrames at a time does; while there is one, others count none.
 */
void ax_frames_watch_main_loop (AxFrames *self);

void ax_frames_add_iteration (AxFrames *self, gint64 busy_us);
void ax_frames_add_snapshot (AxFrames *self, gint64 us, guint n_drawn,
                             guint n_missing);

void ax_frames_get_iterations (const AxFrames *self, AxFrameTimes *times);
void ax_frames_get_snapshots (const AxFrames *self, AxFrameTimes *times);
/** Milliseconds of the last snapshots, oldest first; their number. */
guint ax_frames_get_recent (const AxFrames *self,
                            float recent_ms[AX_FRAMES_RECENT]);

/**
 * (transfer full): one JSON object: frames, iteration_ms and snapshot_ms (n,
 * p50, p95, p99, max), tiles_drawn, tiles_missing.
 */
char *ax_frames_to_json (const AxFrames *self);

G_END_DECLS
