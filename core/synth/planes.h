#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * AxStainPlanes: how much haematoxylin and eosin lies at each pixel of a
 * rectangle of the slide, AX_STAIN_UNIT per unit of optical density.
 */
typedef struct
{
  gint64 x, y; /* first pixel */
  int width, height;
  guint8 *h, *e; /* (height, width) */
} AxStainPlanes;

#define AX_STAIN_UNIT 100.f

G_END_DECLS
