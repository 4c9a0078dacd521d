#pragma once

#include "core/synth/planes.h"

G_BEGIN_DECLS

/**
 * AxStainMix:
 *
 * The colours of one laboratory and scanner: what haematoxylin and eosin take
 * from each channel, and the glass.  Each slide draws its own, between those
 * of four looks measured on CAMELYON slides.
 *
 * Thread: any; immutable.
 */
typedef struct _AxStainMix AxStainMix;

/** @variation: 0 the same on every slide .. 1 as wide as between centres */
AxStainMix *ax_stain_mix_new (guint64 seed, double variation);
void ax_stain_mix_free (AxStainMix *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxStainMix, ax_stain_mix_free)

/** The three channels of a pixel, by Beer and Lambert's law. */
const guint8 *ax_stain_mix_get (const AxStainMix *self, guint8 h, guint8 e);

G_END_DECLS
