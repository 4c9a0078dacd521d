#pragma once

#include "core/annot/raster.h"

G_BEGIN_DECLS

/**
 * AxSlideTruth:
 *
 * What is tumour in a slide, from ASAP annotations with the groups of
 * CAMELYON16 and 17: the areas that ax_annotation_is_tumor() names, without
 * their holes and without what lies in areas of ax_annotation_is_normal().
 * Of areas of other groups nothing is known.
 *
 * An area of tumour is a lesion, though another may touch it.
 *
 * Thread: immutable; any.
 */
typedef struct _AxSlideTruth AxSlideTruth;

/** How far outlines may reach beyond the slide, in its sides. */
#define AX_SLIDE_TRUTH_MARGIN 0.01

/** No tumour. */
AxSlideTruth *ax_slide_truth_new (void);

/**
 * ax_slide_truth_read:
 * @extent: of the slide
 *
 * Errors: those of ax_asap_xml_read(); AX_ERROR_FORMAT for an outline that
 * lies outside the slide by more than the margin.
 */
AxSlideTruth *ax_slide_truth_read (const char *path, AxRect0 extent,
                                   GError **error);
/** Accepts NULL. */
void ax_slide_truth_free (AxSlideTruth *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxSlideTruth, ax_slide_truth_free)

guint ax_slide_truth_get_n_lesions (const AxSlideTruth *self);
/** The smallest rectangle around a lesion's outline. */
AxRect0 ax_slide_truth_get_box (const AxSlideTruth *self, guint lesion);

/** Sets the cells whose centre is tumour to 1, those of cut-outs to 0 and those
 * of which nothing is known to AX_SAMPLE_UNKNOWN; the others stay as they are.
 * @origin, @cell: see raster.h. */
void ax_slide_truth_paint (const AxSlideTruth *self, AxMask *mask,
                           AxPoint0 origin, AxScale cell);
/** The same with one lesion alone, and nothing unknown. */
void ax_slide_truth_paint_lesion (const AxSlideTruth *self, guint lesion,
                                  AxMask *mask, AxPoint0 origin, AxScale cell);

/**
 * ax_slide_truth_mark_unclear:
 * @mask: from the slide's first pixel on, all 0
 * @half: level-0 pixels
 *
 * Sets to 1 every cell that holds a point p such that the window p - half to
 * p + half has tumour in it, or some of an area of which nothing is known, and
 * up to two cells around those.
 */
void ax_slide_truth_mark_unclear (const AxSlideTruth *self, AxMask *mask,
                                  AxScale cell, AxScale half);

G_END_DECLS
