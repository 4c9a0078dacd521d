#include "core/base/trace.h"

#include <pthread.h>

/* Beside the flags, since 0 tells GLib that nothing was read yet. */
#define READ_BEFORE ((gsize)1 << 31)

static guint
read_flags (void)
{
  static const GDebugKey keys[] = {
    { "tiles", AX_TRACE_TILES },
    { "scan", AX_TRACE_SCAN },
    { "engine", AX_TRACE_ENGINE },
    { "frames", AX_TRACE_FRAMES },
  };

  return g_parse_debug_string (g_getenv ("AX_DEBUG"), keys,
                               G_N_ELEMENTS (keys));
}

gboolean
ax_trace_enabled (AxTraceFlag flag)
{
  static gsize flags = 0;

  if (g_once_init_enter (&flags))
    g_once_init_leave (&flags, READ_BEFORE | read_flags ());
  return (flags & flag) != 0;
}

void
ax_trace (AxTraceFlag flag, const char *format, ...)
{
  g_autofree char *message = NULL;
  char thread[16] = "";
  gint64 now_us;
  va_list args;

  if (!ax_trace_enabled (flag))
    return;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);

  pthread_getname_np (pthread_self (), thread, sizeof thread);
  now_us = ax_trace_now_us ();
  g_printerr ("%" G_GINT64_FORMAT ".%06d %s: %s\n", now_us / G_USEC_PER_SEC,
              (int)(now_us % G_USEC_PER_SEC), thread, message);
}

gint64
ax_trace_now_us (void)
{
  return g_get_monotonic_time ();
}
