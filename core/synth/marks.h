#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * AxMarks: what happened to the slide after it was stained: folds, a pen
 * stroke, places the scanner missed the focus of.
 *
 * Thread: any; immutable.
 */
typedef struct _AxMarks AxMarks;

typedef struct
{
  gboolean folds, pen;
  gboolean defocus;
} AxMarksSpec;

AxMarks *ax_marks_new (guint64 seed, double width_um, double height_um,
                       const AxMarksSpec *spec);
void ax_marks_free (AxMarks *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxMarks, ax_marks_free)

/** 0..1: a fold doubles the tissue there. */
float ax_marks_get_fold (const AxMarks *self, double x_um, double y_um);

/** µm inside a pen stroke; far below zero where there is none. */
float ax_marks_get_pen (const AxMarks *self, double x_um, double y_um);

/** -1 far out of focus .. 0 as it is .. above, sharpened by the scanner. */
float ax_marks_get_focus (const AxMarks *self, double x_um, double y_um);

/** Lays ink on a pixel, @depth µm inside the stroke. */
void ax_marks_ink (const AxMarks *self, float depth, guint8 *rgb);

G_END_DECLS
