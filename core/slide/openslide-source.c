#include "core/slide/openslide-source.h"

#include "core/base/error.h"
#include "core/base/trace.h"

#include <tiffio.h>

struct _AxOpenslideSource
{
  /* immutable */
  char *path;

  /* The handle is used under the reader lock and replaced under the writer
     lock; NULL after it could not be opened again. */
  GRWLock lock;
  openslide_t *handle;
};

typedef struct
{
  const char *name; /* of an associated image; NULL: a region */
  int level;
  gint64 x, y;
  int width, height;
  guint32 *pixels;
} Request;

/* libtiff prints to standard error, under OpenSlide too, unless told not to. */
static void
silence_libtiff (void)
{
  static gsize done;

  if (g_once_init_enter (&done))
    {
      TIFFSetErrorHandler (NULL);
      TIFFSetWarningHandler (NULL);
      g_once_init_leave (&done, 1);
    }
}

static openslide_t *
open_handle (const char *path, AxErrorCode code, GError **error)
{
  openslide_t *handle = openslide_open (path);
  const char *message = handle != NULL
                            ? openslide_get_error (handle)
                            : "not a slide in a format that is known";

  if (message == NULL)
    return handle;
  g_set_error (error, AX_ERROR, code, "%s: %s", path, message);
  g_clear_pointer (&handle, openslide_close);
  return NULL;
}

AxOpenslideSource *
ax_openslide_source_new (const char *path, GError **error)
{
  AxOpenslideSource *self;
  openslide_t *handle;

  g_return_val_if_fail (path != NULL, NULL);

  silence_libtiff ();
  handle = open_handle (path, AX_ERROR_FORMAT, error);
  if (handle == NULL)
    return NULL;

  self = g_new0 (AxOpenslideSource, 1);
  self->path = g_strdup (path);
  self->handle = handle;
  g_rw_lock_init (&self->lock);
  return self;
}

void
ax_openslide_source_free (AxOpenslideSource *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->handle, openslide_close);
  g_rw_lock_clear (&self->lock);
  g_free (self->path);
  g_free (self);
}

openslide_t *
ax_openslide_source_get_handle (AxOpenslideSource *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->handle;
}

/* (nullable): what is wrong with the handle after the read. */
static const char *
run_request (openslide_t *handle, const Request *request)
{
  if (request->name != NULL)
    openslide_read_associated_image (handle, request->name, request->pixels);
  else
    openslide_read_region (handle, request->pixels, request->x, request->y,
                           request->level, request->width, request->height);
  return openslide_get_error (handle);
}

static void
reopen (AxOpenslideSource *self, GError **error)
{
  g_clear_pointer (&self->handle, openslide_close);
  self->handle = open_handle (self->path, AX_ERROR_IO, error);
}

static gboolean
run_alone (AxOpenslideSource *self, const Request *request, GError **error)
{
  g_autoptr (GRWLockWriterLocker) locker
      = g_rw_lock_writer_locker_new (&self->lock);
  const char *message;

  if (self->handle == NULL || openslide_get_error (self->handle) != NULL)
    reopen (self, error);
  if (self->handle == NULL)
    return FALSE;

  message = run_request (self->handle, request);
  if (message == NULL)
    return TRUE;
  g_set_error (error, AX_ERROR, AX_ERROR_CORRUPT, "%s: %s", self->path,
               message);
  reopen (self, NULL);
  return FALSE;
}

static gboolean
run_shared (AxOpenslideSource *self, const Request *request)
{
  g_autoptr (GRWLockReaderLocker) locker
      = g_rw_lock_reader_locker_new (&self->lock);

  return self->handle != NULL && run_request (self->handle, request) == NULL;
}

/* OpenSlide gives premultiplied ARGB. */
static void
lay_on_white (guint32 *pixels, gsize n)
{
  for (gsize i = 0; i < n; i++)
    {
      guint32 light = 255 - (pixels[i] >> 24);

      if (light > 0)
        pixels[i] = 0xFF000000u
                    | MIN ((pixels[i] >> 16 & 0xFF) + light, 255) << 16
                    | MIN ((pixels[i] >> 8 & 0xFF) + light, 255) << 8
                    | MIN ((pixels[i] & 0xFF) + light, 255);
    }
}

static gboolean
run (AxOpenslideSource *self, const Request *request, GError **error)
{
  if (!run_shared (self, request))
    {
      ax_trace (AX_TRACE_TILES, "%s: a read failed, opening again", self->path);
      if (!run_alone (self, request, error))
        return FALSE;
    }
  lay_on_white (request->pixels, (gsize)request->width * request->height);
  return TRUE;
}

gboolean
ax_openslide_source_read_region (AxOpenslideSource *self, int level, gint64 x,
                                 gint64 y, int width, int height,
                                 guint32 *pixels, GError **error)
{
  Request request = { NULL, level, x, y, width, height, pixels };

  g_return_val_if_fail (self != NULL && pixels != NULL, FALSE);

  return run (self, &request, error);
}

gboolean
ax_openslide_source_read_associated (AxOpenslideSource *self, const char *name,
                                     int width, int height, guint32 *pixels,
                                     GError **error)
{
  Request request
      = { .name = name, .width = width, .height = height, .pixels = pixels };

  g_return_val_if_fail (self != NULL && pixels != NULL, FALSE);
  g_return_val_if_fail (name != NULL, FALSE);

  return run (self, &request, error);
}
