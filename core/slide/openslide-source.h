#pragma once

#include <glib.h>
#include <openslide.h>

G_BEGIN_DECLS

/**
 * AxOpenslideSource:
 *
 * One file through OpenSlide, whose error is sticky: a damaged tile makes a
 * handle useless.  A read that fails is tried again alone on a fresh handle,
 * which tells the damaged tile from those that merely met its error; the
 * handle is then opened anew for the rest of the slide.
 *
 * Thread: any; concurrent reads.
 */
typedef struct _AxOpenslideSource AxOpenslideSource;

/** Errors: AX_ERROR_FORMAT, naming the file. */
AxOpenslideSource *ax_openslide_source_new (const char *path, GError **error);
void ax_openslide_source_free (AxOpenslideSource *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxOpenslideSource, ax_openslide_source_free)

/**
 * (transfer none): for the metadata, before the source is shared; a later read
 * may replace the handle.
 */
openslide_t *ax_openslide_source_get_handle (AxOpenslideSource *self);

/**
 * ax_openslide_source_read_region:
 * @x, @y: level-0 position of the first pixel
 * @pixels: out, (height, width) packed 0xFFRRGGBB; white where there is nothing
 *
 * Errors: AX_ERROR_CORRUPT, AX_ERROR_IO when the file cannot be opened again.
 */
gboolean ax_openslide_source_read_region (AxOpenslideSource *self, int level,
                                          gint64 x, gint64 y, int width,
                                          int height, guint32 *pixels,
                                          GError **error);

/** As above, for the whole associated image of that name and size. */
gboolean ax_openslide_source_read_associated (AxOpenslideSource *self,
                                              const char *name, int width,
                                              int height, guint32 *pixels,
                                              GError **error);

G_END_DECLS
