#include "app/interrupt.h"

#include "core/base/error.h"

#include <glib-unix.h>

#include <signal.h>

static gboolean
on_signal (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
  signal (SIGINT, SIG_DFL);
  signal (SIGTERM, SIG_DFL);
  return G_SOURCE_CONTINUE;
}

static void
watch_signal (GMainContext *context, int number, GCancellable *cancellable)
{
  g_autoptr (GSource) source = g_unix_signal_source_new (number);

  g_source_set_callback (source, on_signal, cancellable, NULL);
  g_source_attach (source, context);
}

static gpointer
interrupt_thread (gpointer context)
{
  for (;;)
    g_main_context_iteration (context, TRUE);
  return NULL;
}

GCancellable *
ax_interrupt_watch (void)
{
  static GCancellable *cancellable = NULL;

  if (cancellable == NULL)
    {
      GMainContext *context = g_main_context_new ();

      cancellable = g_cancellable_new ();
      watch_signal (context, SIGINT, cancellable);
      watch_signal (context, SIGTERM, cancellable);
      g_thread_unref (g_thread_new ("interrupt", interrupt_thread, context));
    }
  return cancellable;
}

gboolean
ax_interrupt_check (GCancellable *cancellable, GError **error)
{
  if (!g_cancellable_is_cancelled (cancellable))
    return FALSE;
  g_set_error_literal (error, AX_ERROR, AX_ERROR_CANCELLED, "interrupted");
  return TRUE;
}
