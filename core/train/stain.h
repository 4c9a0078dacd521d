#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * Haematoxylin, eosin and a third stain as colours (Ruifrok & Johnston 2001):
 * a pixel's optical density -ln ((v + 1) / 256), channel by channel, is the sum
 * of the stains' amounts times their unit vectors.
 *
 * AxStainChange: the amounts multiplied and shifted, as one map of densities,
 * d' = m d + offset.  Data only.  Thread: any.
 */
typedef struct
{
  float m[3][3], offset[3];
} AxStainChange;

/** @factors, @shifts: of haematoxylin, eosin and the third. */
AxStainChange ax_stain_change_init (const double factors[3],
                                    const double shifts[3]);

/** @pixels: (n_pixels, 3) RGB of 0 to 255, changed in place. */
void ax_stain_change_apply (const AxStainChange *self, float *pixels,
                            gsize n_pixels);

/** The stains' amounts in one colour. */
void ax_stain_separate (const double rgb[3], double amounts[3]);

G_END_DECLS
