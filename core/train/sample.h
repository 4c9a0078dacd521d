#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * AxSample:
 *
 * A picture to learn from, around one field of the network, and what is true
 * of that field.  Its buffers grow as needed and are used again.
 *
 * @rgb: (height, width, 3), at least one field large; the field is the one in
 *   the middle, whose first pixel is at half of what is left over
 * @label: class of the field
 * @fraction: share of the field that is tumour, NaN when not known
 * @mask: (height, width) class of each pixel or AX_SAMPLE_UNKNOWN; only when
 *   @has_mask
 *
 * Thread: owner.
 */
typedef struct
{
  int width, height;
  guint8 *rgb;
  int label;
  double fraction;
  gboolean has_mask;
  guint8 *mask;
  gsize capacity; /* pixels in the buffers */
} AxSample;

/** Of pixels whose class is not known, which nothing is learnt from. */
#define AX_SAMPLE_UNKNOWN 255

/** Largest side of a sample. */
#define AX_SAMPLE_MAX_SIDE 8192

/**
 * Makes room for a picture of that size, whose pixels are undefined then.
 *
 * Errors: AX_ERROR_LIMIT beyond AX_SAMPLE_MAX_SIDE, AX_ERROR_MEMORY.
 */
gboolean ax_sample_resize (AxSample *self, int width, int height,
                           GError **error);
void ax_sample_clear (AxSample *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AxSample, ax_sample_clear)

G_END_DECLS
