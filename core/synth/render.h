#pragma once

#include "core/synth/anatomy.h"

G_BEGIN_DECLS

/**
 * AxSynthRender:
 *
 * Draws the tissue of an AxAnatomy as a scanner would see it: a ground of
 * stained matrix, cells stamped upon it, haematoxylin and eosin turned into
 * colour by Beer and Lambert's law, folds and pen marks.  A pixel depends on
 * its position and the seed alone.
 *
 * Thread: immutable; any number of threads may draw.
 */
typedef struct _AxSynthRender AxSynthRender;

typedef struct
{
  guint64 seed;
  double mpp;
  double stain_variation; /* 0..1, as wide as between centres */
  gboolean folds;
  gboolean pen;
  gboolean defocus; /* some places out of focus */
} AxSynthLooks;

/** @anatomy: (transfer none): must outlive the result. */
AxSynthRender *ax_synth_render_new (const AxAnatomy *anatomy, double width_um,
                                    double height_um,
                                    const AxSynthLooks *looks);
void ax_synth_render_free (AxSynthRender *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxSynthRender, ax_synth_render_free)

/** FALSE when the rectangle is bare glass without a mark. */
gboolean ax_synth_render_touches (const AxSynthRender *self, gint64 x, gint64 y,
                                  int width, int height);

/**
 * ax_synth_render_draw:
 * @rgb: out, (height, width, 3)
 *
 * Level-0 pixels [x, x+width) x [y, y+height).
 */
void ax_synth_render_draw (const AxSynthRender *self, gint64 x, gint64 y,
                           int width, int height, guint8 *rgb);

G_END_DECLS
