#pragma once

#include <gdk/gdk.h>

G_BEGIN_DECLS

/**
 * AxFrames:
 *
 * How long the main loop was busy between two waits, what of that was spent on
 * frames and in which phase, and how many tiles were drawn and missed.
 *
 * Times go to histograms of 0.1 ms, so that a long session costs no memory;
 * percentiles are exact to that.  Thread: main.
 */
typedef struct _AxFrames AxFrames;

/**
 * AxFramePhase:
 * @AX_FRAME_PHASE_ITERATION: of the main loop, between two waits
 * @AX_FRAME_PHASE_FRAME: such an iteration that painted the window
 * @AX_FRAME_PHASE_LAYOUT: styles and sizes, within a frame
 * @AX_FRAME_PHASE_PAINT: snapshot and rendering of the window, within a frame
 * @AX_FRAME_PHASE_SNAPSHOT: the view's part of the snapshot
 */
typedef enum
{
  AX_FRAME_PHASE_ITERATION,
  AX_FRAME_PHASE_FRAME,
  AX_FRAME_PHASE_LAYOUT,
  AX_FRAME_PHASE_PAINT,
  AX_FRAME_PHASE_SNAPSHOT,
  AX_N_FRAME_PHASES,
} AxFramePhase;

/** The last snapshots, oldest first: for a picture of them. */
#define AX_FRAMES_RECENT 120

typedef struct
{
  guint64 n;
  double p50_ms, p95_ms, p99_ms, max_ms;
} AxFrameTimes;

/**
 * AxTileCounts: what a snapshot did for the cells in view.
 * @n_drawn: painted from their own level
 * @n_missing: not
 * @n_blank: of the missing, those that stayed empty although a coarser tile
 *   was there; always none, or something is wrong
 */
typedef struct
{
  guint n_drawn, n_missing, n_blank;
} AxTileCounts;

AxFrames *ax_frames_new (void);
/** Accepts NULL. */
void ax_frames_free (AxFrames *self);

/**
 * Measures the iterations of the default main context until freed.  One
 * AxFrames at a time does; while there is one, others count none.
 */
void ax_frames_watch_main_loop (AxFrames *self);
/** Measures the phases of @clock (nullable), and no longer another's. */
void ax_frames_watch_clock (AxFrames *self, GdkFrameClock *clock);

void ax_frames_add (AxFrames *self, AxFramePhase phase, gint64 us);
void ax_frames_add_snapshot (AxFrames *self, gint64 us,
                             const AxTileCounts *counts);

void ax_frames_get (const AxFrames *self, AxFramePhase phase,
                    AxFrameTimes *times);
/** Milliseconds of the last snapshots, oldest first; their number. */
guint ax_frames_get_recent (const AxFrames *self,
                            float recent_ms[AX_FRAMES_RECENT]);

/**
 * (transfer full): one JSON object: frames; iteration_ms, frame_ms, layout_ms,
 * paint_ms and snapshot_ms, each with n, p50, p95, p99, max; tiles_drawn,
 * tiles_missing, tiles_blank.
 */
char *ax_frames_to_json (const AxFrames *self);

G_END_DECLS
