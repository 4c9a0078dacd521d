#include "core/annot/text-source.h"

#include "core/base/error.h"

#include <errno.h>
#include <zlib.h>

#define BUFFER_BYTES (256 << 10)

struct _AxTextSource
{
  char *name; /* of the file, as shown in messages */
  gzFile file;
  gint64 n_read;
};

static void
set_system_error (GError **error, AxTextSource *self, int code)
{
  g_set_error (error, AX_ERROR, AX_ERROR_IO, "%s: cannot read: %s", self->name,
               g_strerror (code));
}

AxTextSource *
ax_text_source_open (const char *path, GError **error)
{
  g_autoptr (AxTextSource) self = NULL;

  g_return_val_if_fail (path != NULL, NULL);

  self = g_new0 (AxTextSource, 1);
  self->name = g_filename_display_name (path);
  errno = 0;
  self->file = gzopen (path, "rbe");
  if (self->file == NULL)
    {
      set_system_error (error, self, errno != 0 ? errno : ENOMEM);
      return NULL;
    }
  gzbuffer (self->file, BUFFER_BYTES);
  return g_steal_pointer (&self);
}

void
ax_text_source_free (AxTextSource *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->file, gzclose);
  g_free (self->name);
  g_free (self);
}

gssize
ax_text_source_read (AxTextSource *self, char *buffer, gsize n_bytes,
                     GError **error)
{
  int n_read = 0;
  int status = Z_OK;

  g_return_val_if_fail (self != NULL && buffer != NULL && n_bytes > 0, -1);

  errno = 0;
  n_read = gzread (self->file, buffer, MIN (n_bytes, BUFFER_BYTES));
  gzerror (self->file, &status);
  if (status == Z_ERRNO)
    {
      set_system_error (error, self, errno);
      return -1;
    }
  if (status < 0)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
                   "%s: the gzip data is damaged or cut short", self->name);
      return -1;
    }
  self->n_read += n_read;
  if (self->n_read > AX_TEXT_SOURCE_MAX_BYTES)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_LIMIT,
                   "%s: longer than the %d MiB read of an annotation file",
                   self->name, (int)(AX_TEXT_SOURCE_MAX_BYTES >> 20));
      return -1;
    }
  return n_read;
}
