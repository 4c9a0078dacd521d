#include "core/eval/froc-slide.h"

#include "core/base/error.h"

#include <math.h>

static const char *const scorer_names[] = { "github", "challenge" };

/* A copy of another slide, and one that is annotated in part. */
static const char *const challenge_skips[] = { "test_049", "test_114" };

const char *
ax_froc_scorer_get_name (AxFrocScorer scorer)
{
  g_return_val_if_fail (scorer < G_N_ELEMENTS (scorer_names), NULL);
  return scorer_names[scorer];
}

gboolean
ax_froc_scorer_from_name (const char *name, AxFrocScorer *scorer)
{
  g_return_val_if_fail (name != NULL && scorer != NULL, FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (scorer_names); i++)
    if (g_str_equal (name, scorer_names[i]))
      {
        *scorer = i;
        return TRUE;
      }
  return FALSE;
}

gboolean
ax_froc_scorer_skips (AxFrocScorer scorer, const char *stem)
{
  g_return_val_if_fail (stem != NULL, FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (challenge_skips); i++)
    if (g_ascii_strcasecmp (stem, challenge_skips[i]) == 0)
      return scorer == AX_FROC_CHALLENGE;
  return FALSE;
}

void
ax_froc_slide_free (AxFrocSlide *self)
{
  if (self == NULL)
    return;
  g_free (self->false_positives);
  g_free (self->hits);
  g_free (self);
}

/* The scripts index an array of Python's: -1 is the last. */
static double
wrap_index (double index, int size)
{
  return index < 0 ? index + size : index;
}

/* Where on the mask a detection lies; FALSE where the script ignores it. */
static gboolean
locate (AxFrocScorer scorer, const AxDetection *detection,
        const AxEvalMask *mask, double step, double *col, double *row)
{
  double x = trunc (detection->x) / step, y = trunc (detection->y) / step;

  if (scorer == AX_FROC_CHALLENGE)
    {
      *col = floor (x);
      *row = floor (y);
      if (!mask->is_open && (*col >= mask->width || *row >= mask->height))
        return FALSE;
    }
  else
    {
      *col = trunc (x);
      *row = trunc (y);
    }
  if (mask->is_open)
    return TRUE;
  *col = wrap_index (*col, mask->width);
  *row = wrap_index (*row, mask->height);
  return TRUE;
}

static gboolean
is_inside (const AxEvalMask *mask, double col, double row)
{
  return col >= 0 && col < mask->width && row >= 0 && row < mask->height;
}

static gboolean
add_detection (AxFrocSlide *self, AxFrocScorer scorer,
               const AxDetection *detection, const AxEvalMask *mask,
               double step, GError **error)
{
  double col, row;
  int lesion = -1;

  if (mask != NULL)
    {
      if (!locate (scorer, detection, mask, step, &col, &row))
        {
          self->n_ignored++;
          return TRUE;
        }
      if (is_inside (mask, col, row))
        lesion = ax_eval_mask_at (mask, col, row);
      else if (!mask->is_open)
        {
          g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
                       "%u: (%.0f, %.0f) lies outside of the mask of %.0f x "
                       "%.0f level-0 pixels",
                       detection->line, detection->x, detection->y,
                       mask->width * step, mask->height * step);
          return FALSE;
        }
    }
  if (lesion < 0)
    self->false_positives[self->n_false_positives++] = detection->probability;
  else if (mask->lesions[lesion].is_itc)
    self->n_ignored++;
  else if (detection->probability > self->hits[lesion])
    self->hits[lesion] = (float)detection->probability;
  return TRUE;
}

AxFrocSlide *
ax_froc_slide_new (AxFrocScorer scorer, const AxDetection *detections,
                   guint n_detections, const AxEvalMask *mask, double step,
                   GError **error)
{
  g_autoptr (AxFrocSlide) self = NULL;

  g_return_val_if_fail (detections != NULL || n_detections == 0, NULL);
  g_return_val_if_fail (step > 0, NULL);

  self = g_new0 (AxFrocSlide, 1);
  self->has_mask = mask != NULL;
  self->false_positives = g_new (double, n_detections);
  if (mask != NULL)
    {
      self->n_hits = mask->n_lesions;
      self->n_lesions = mask->n_lesions - mask->n_itc;
      self->hits = g_new0 (double, mask->n_lesions);
    }
  for (guint i = 0; i < n_detections; i++)
    if (!add_detection (self, scorer, &detections[i], mask, step, error))
      return NULL;
  if (scorer == AX_FROC_CHALLENGE && mask != NULL)
    self->n_false_positives = 0;
  return g_steal_pointer (&self);
}
