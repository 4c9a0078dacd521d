#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * AxTaps:
 *
 * Along one axis, which source pixels make target pixels [@start, @start + @n)
 * and with which weights: target i is the sum of weights[offset[i] + k] times
 * source first[i] + k, i counted from @start.
 *
 * Target pixel i covers source [i*ratio, (i+1)*ratio): each source pixel
 * weighs as much as is covered of it.  Where ratio < 1 the two source pixels
 * whose centres are nearest are interpolated.  Weights sum up to 1 and depend
 * on i and the ratio alone, whatever the start.
 *
 * Thread: immutable.
 */
typedef struct
{
  gint64 start;
  int n;
  gint64 *first;  /* n */
  guint *offset;  /* n + 1 */
  float *weights; /* offset[n] */
} AxTaps;

/** @n, @ratio: positive.  Errors: AX_ERROR_MEMORY. */
AxTaps *ax_taps_new (gint64 start, int n, double ratio, GError **error);
void ax_taps_free (AxTaps *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxTaps, ax_taps_free)

/** First source pixel that target @i needs, and the one behind its last. */
gint64 ax_taps_get_first (const AxTaps *self, int i);
gint64 ax_taps_get_end (const AxTaps *self, int i);

/**
 * ax_taps_find:
 *
 * The targets [@from, @to), counted from the start, that need any of the
 * source pixels [@first, @end).
 */
void ax_taps_find (const AxTaps *self, gint64 first, gint64 end, int *from,
                   int *to);

G_END_DECLS
