#include "app/progress.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define BAR_CELLS 24
#define DEFAULT_COLUMNS 80

struct _AxProgress
{
  char *title;
  gboolean enabled;
};

AxProgress *
ax_progress_new (const char *title, gboolean enabled)
{
  AxProgress *self = g_new0 (AxProgress, 1);

  self->title = g_strdup (title);
  self->enabled = enabled;
  return self;
}

void
ax_progress_wipe (AxProgress *self)
{
  if (!self->enabled)
    return;
  fputs ("\r\033[K", stderr);
  fflush (stderr);
}

void
ax_progress_free (AxProgress *self)
{
  if (self == NULL)
    return;
  ax_progress_wipe (self);
  g_free (self->title);
  g_free (self);
}

static glong
get_columns (void)
{
  struct winsize size;

  if (ioctl (STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    return size.ws_col;
  return DEFAULT_COLUMNS;
}

void
ax_progress_update (AxProgress *self, double fraction, const char *details)
{
  char bar[BAR_CELLS + 1] = "";
  int n_full = CLAMP (fraction, 0, 1) * BAR_CELLS;
  g_autofree char *line = NULL;
  g_autofree char *shown = NULL;

  if (!self->enabled)
    return;
  for (int i = 0; i < BAR_CELLS; i++)
    bar[i] = i < n_full ? '#' : '.';
  line = g_strdup_printf ("%s [%s] %3d %%  %s", self->title, bar,
                          (int)(CLAMP (fraction, 0, 1) * 100), details);
  shown = g_utf8_substring (line, 0,
                            MIN (g_utf8_strlen (line, -1), get_columns () - 1));
  fprintf (stderr, "\r%s\033[K", shown);
  fflush (stderr);
}
