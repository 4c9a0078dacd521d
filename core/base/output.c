#include "core/base/output.h"

#include "core/base/error.h"

#include <glib/gstdio.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

struct _AxOutput
{
  char *path;
  char *folder;
  char *temp_path;
  int fd;
  gboolean committed;
};

static void
set_system_error (GError **error, const char *path, const char *action,
                  int code)
{
  g_autofree char *name = g_filename_display_name (path);

  g_set_error (error, AX_ERROR, AX_ERROR_IO, "%s: %s: %s", name, action,
               g_strerror (code));
}

AxOutput *
ax_output_new (const char *path, GError **error)
{
  g_autoptr (AxOutput) self = NULL;
  GStatBuf info;

  g_return_val_if_fail (path != NULL, NULL);

  /* A rename would replace a folder's or a device's name. */
  if (g_stat (path, &info) == 0 && !S_ISREG (info.st_mode))
    {
      g_autofree char *name = g_filename_display_name (path);

      g_set_error (error, AX_ERROR, AX_ERROR_IO, "%s: not a regular file",
                   name);
      return NULL;
    }

  self = g_new0 (AxOutput, 1);
  self->path = g_strdup (path);
  self->folder = g_path_get_dirname (path);
  self->temp_path = g_build_filename (self->folder, ".axilla-XXXXXX", NULL);
  self->fd = g_mkstemp_full (self->temp_path, O_RDWR | O_CLOEXEC, 0666);
  if (self->fd < 0)
    {
      set_system_error (error, path, "cannot create a file in its folder",
                        errno);
      return NULL;
    }
  return g_steal_pointer (&self);
}

const char *
ax_output_get_temp_path (AxOutput *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->temp_path;
}

gboolean
ax_output_write (AxOutput *self, const void *data, gsize bytes, GError **error)
{
  const char *next = data;

  g_return_val_if_fail (self != NULL && !self->committed, FALSE);
  g_return_val_if_fail (data != NULL || bytes == 0, FALSE);

  while (bytes > 0)
    {
      gssize written = write (self->fd, next, bytes);

      if (written < 0 && errno == EINTR)
        continue;
      if (written < 0)
        {
          set_system_error (error, self->path, "cannot write", errno);
          return FALSE;
        }
      next += written;
      bytes -= written;
    }
  return TRUE;
}

/* Opened anew by name: the caller may have written, or even replaced, the
   file without our descriptor. */
static gboolean
sync_path (const char *path, int flags)
{
  int fd = g_open (path, O_RDONLY | O_CLOEXEC | flags, 0);
  int code = 0;

  if (fd < 0)
    return FALSE;
  if (fsync (fd) != 0)
    code = errno;
  close (fd);
  errno = code;
  return code == 0;
}

gboolean
ax_output_commit (AxOutput *self, GError **error)
{
  g_return_val_if_fail (self != NULL && !self->committed, FALSE);

  if (!sync_path (self->temp_path, 0))
    {
      set_system_error (error, self->path, "cannot sync", errno);
      return FALSE;
    }
  if (g_rename (self->temp_path, self->path) != 0)
    {
      set_system_error (error, self->path, "cannot rename into place", errno);
      return FALSE;
    }
  self->committed = TRUE;

  /* Some file systems have no notion of syncing a folder. */
  if (!sync_path (self->folder, O_DIRECTORY) && errno != EINVAL)
    {
      set_system_error (error, self->path, "cannot sync its folder", errno);
      return FALSE;
    }
  return TRUE;
}

void
ax_output_free (AxOutput *self)
{
  if (self == NULL)
    return;
  if (self->fd >= 0)
    {
      close (self->fd);
      if (!self->committed)
        g_unlink (self->temp_path);
    }
  g_free (self->path);
  g_free (self->folder);
  g_free (self->temp_path);
  g_free (self);
}

gboolean
ax_output_write_file (const char *path, const void *data, gsize bytes,
                      GError **error)
{
  g_autoptr (AxOutput) output = ax_output_new (path, error);

  return output != NULL && ax_output_write (output, data, bytes, error)
         && ax_output_commit (output, error);
}
