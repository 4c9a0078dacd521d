#pragma once

#include "core/base/rng.h"
#include "core/train/sample.h"

G_BEGIN_DECLS

/**
 * AxAugment: how a sample is changed at random before the network sees it
 * (algorithms.md 8).
 *
 * @flip: one of the eight symmetries of the square
 * @rotation: any angle up to this many degrees either way, besides @flip;
 *   45 with @flip is every angle there is
 * @scale: size times 1 - scale to 1 + scale
 * @shift: pixels by which the field leaves the middle, either way and axis
 * @hue: turn of the colour circle either way, 1 being once around
 * @saturation, @brightness, @contrast: factor 1 - v to 1 + v; contrast is
 *   about the field's mean luma
 * @stain: each stain of Ruifrok & Johnston (2001) is multiplied by 1 - v to
 *   1 + v and shifted by -v to v, as by Tellez (2019), in optical density
 * @blur: chance of a Gaussian blur with a deviation of up to @blur_px
 * @jpeg: chance of being compressed once more, quality 40 to 90
 *
 * What rotation and scale ask for beyond the picture's edge is mirrored there.
 * Data only.  Thread: any.
 */
typedef struct
{
  gboolean flip;
  double rotation, scale, shift;
  double hue, saturation, brightness, contrast;
  double stain;
  double blur, blur_px;
  double jpeg;
} AxAugment;

/** Nothing at all. */
AxAugment ax_augment_none (void);

/**
 * The usual changes at @strength 1, less of each below, none at 0; geometry is
 * the same at any strength above 0.
 */
AxAugment ax_augment_usual (double strength);

/** Side of a picture from which a field can be cut without mirroring. */
int ax_augment_get_side (const AxAugment *self, int field);

/**
 * ax_augment_apply:
 * @sample: at least @field large, unchanged
 * @rgb: out, (field, field, 3)
 * @mask: (nullable): out, (field, field), where the sample has a mask
 *
 * The field in the middle of the sample, changed by @rng's chance alone.
 *
 * Errors: AX_ERROR_MEMORY.  Thread: any.
 */
gboolean ax_augment_apply (const AxAugment *self, AxRng *rng,
                           const AxSample *sample, int field, guint8 *rgb,
                           guint8 *mask, GError **error);

G_END_DECLS
