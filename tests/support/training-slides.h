#pragma once

#include "tests/support/slide-writer.h"

G_BEGIN_DECLS

/**
 * TrainingSlides: a temporary folder of small slides with annotations.
 *
 * A slide is white with a rectangle of tissue in it, whose pixels say where
 * they are: training_slides_decode().
 */
typedef struct
{
  char *folder;
} TrainingSlides;

#define TRAINING_SLIDE_WIDTH 1024
#define TRAINING_SLIDE_HEIGHT 768
#define TRAINING_SLIDE_MPP 1.0
#define TRAINING_SLIDE_TISSUE 64 /* from all four edges */

/** An area of an annotation: pixels [x, end_x) x [y, end_y). */
typedef struct
{
  const char *name, *group;
  int x, y, end_x, end_y;
} TrainingArea;

void training_slides_init (TrainingSlides *self);
/** Removes the folder with everything in it. */
void training_slides_clear (TrainingSlides *self);

/** (transfer full): a path in the folder, whose own folder is made. */
char *training_slides_get_path (const TrainingSlides *self, const char *name);

/** Writes a slide under that name, raw where nothing is damaged. */
void training_slides_add (const TrainingSlides *self, const char *name,
                          const AxSlideDamage *damages, guint n_damages);

/** The same, as told. */
void training_slides_add_spec (const TrainingSlides *self, const char *name,
                               AxSlideSpec spec);

/** Writes ASAP annotations under that name. */
void training_slides_annotate (const TrainingSlides *self, const char *name,
                               const TrainingArea *areas, guint n_areas);

/** Where in the slide the pixel at @rgb is; there is one more right of it. */
void training_slides_decode (const guint8 *rgb, int *x, int *y);

G_END_DECLS
