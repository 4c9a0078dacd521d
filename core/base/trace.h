#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * Debug flags of the AX_DEBUG environment variable, a comma-separated list:
 * tiles, scan, engine, frames, all.  Read once; words not known are ignored.
 * "frames" ends each window with a line "... frames: {JSON}", see ui/frames.h.
 * Thread: any.
 */
typedef enum
{
  AX_TRACE_TILES = 1 << 0,
  AX_TRACE_SCAN = 1 << 1,
  AX_TRACE_ENGINE = 1 << 2,
  AX_TRACE_FRAMES = 1 << 3,
} AxTraceFlag;

gboolean ax_trace_enabled (AxTraceFlag flag);

/** One line with time and thread name on standard error. */
void ax_trace (AxTraceFlag flag, const char *format, ...) G_GNUC_PRINTF (2, 3);

/** Monotonic microseconds. */
gint64 ax_trace_now_us (void);

G_END_DECLS
