#pragma once

#include "core/slide/tissue.h"
#include "tests/support/slide-writer.h"

G_BEGIN_DECLS

/**
 * SlideFixture: a small slide of coloured noise in a folder of its own.
 */
typedef struct
{
  char *folder, *path;
  int width, height;
  guint8 *rgb; /* (height, width, 3): its pixels, exact when stored raw */
  double mpp;
} SlideFixture;

/** @damages: (nullable): see slide-writer.h; tiles of 64 pixels. */
void slide_fixture_init (SlideFixture *self, int width, int height, double mpp,
                         AxSlideCoding coding, const AxSlideDamage *damages,
                         guint n_damages);
/** Removes the file and the folder, and what else lies in there. */
void slide_fixture_clear (SlideFixture *self);

AxSlide *slide_fixture_open (const SlideFixture *self);

/** @name: of a file in the folder; (transfer full). */
char *slide_fixture_get_file (const SlideFixture *self, const char *name);

/** Tissue inside level-0 rectangles only. */
AxTissue *slide_fixture_make_tissue (const SlideFixture *self, AxSlide *slide,
                                     const AxRect0 *rects, guint n_rects);

G_END_DECLS
