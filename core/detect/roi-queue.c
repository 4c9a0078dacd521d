#include "core/detect/roi-queue.h"

#include <math.h>

typedef enum
{
  ROI_WAITING,
  ROI_TAKEN,
  ROI_FINISHED,
} RoiState;

/* Lower goes first; equal ones in reading order. */
typedef struct
{
  int class_;
  double distance;
} Rank;

struct _AxRoiQueue
{
  /* immutable */
  guint n_rois;
  AxRect0 *rects; /* of the ROIs' cells */

  /* under lock */
  GMutex lock;
  guint8 *states; /* RoiState */
  guint n_left;
  AxRect0 focus;
};

AxRoiQueue *
ax_roi_queue_new (AxScanPlan *plan)
{
  AxRoiQueue *self;

  g_return_val_if_fail (plan != NULL, NULL);

  self = g_new0 (AxRoiQueue, 1);
  self->n_rois = ax_scan_plan_get_n_rois (plan);
  self->n_left = self->n_rois;
  self->states = g_new0 (guint8, self->n_rois);
  self->rects = g_new (AxRect0, self->n_rois);
  for (guint i = 0; i < self->n_rois; i++)
    self->rects[i] = ax_scan_plan_cells_to_rect (
        plan, ax_scan_plan_get_roi (plan, i)->cells);
  g_mutex_init (&self->lock);
  return self;
}

void
ax_roi_queue_free (AxRoiQueue *self)
{
  if (self == NULL)
    return;
  g_free (self->states);
  g_free (self->rects);
  g_mutex_clear (&self->lock);
  g_free (self);
}

void
ax_roi_queue_set_focus (AxRoiQueue *self, AxRect0 visible)
{
  g_autoptr (GMutexLocker) locker = NULL;

  g_return_if_fail (self != NULL);

  locker = g_mutex_locker_new (&self->lock);
  self->focus = visible;
}

/* Whether @rect is nearer to @focus than @margin times its size. */
static gboolean
is_near (const AxRect0 *rect, const AxRect0 *focus, int margin)
{
  gint64 dx = margin * focus->width, dy = margin * focus->height;

  return rect->x < focus->x + focus->width + dx
         && focus->x - dx < rect->x + rect->width
         && rect->y < focus->y + focus->height + dy
         && focus->y - dy < rect->y + rect->height;
}

static Rank
rank_roi (const AxRect0 *rect, const AxRect0 *focus)
{
  double dx, dy;

  if (!is_near (rect, focus, 1))
    return (Rank){ .class_ = 2 };
  dx = rect->x + rect->width / 2.0 - focus->x - focus->width / 2.0;
  dy = rect->y + rect->height / 2.0 - focus->y - focus->height / 2.0;
  return (Rank){
    .class_ = is_near (rect, focus, 0) ? 0 : 1,
    .distance = hypot (dx, dy),
  };
}

static gboolean
goes_before (Rank a, Rank b)
{
  if (a.class_ != b.class_)
    return a.class_ < b.class_;
  return a.distance < b.distance;
}

static gboolean
find_next (AxRoiQueue *self, guint *index)
{
  gboolean has_focus = !ax_rect0_is_empty (self->focus);
  gboolean found = FALSE;
  Rank best = { 0 };

  for (guint i = 0; i < self->n_rois && (has_focus || !found); i++)
    {
      Rank rank = { 0 };

      if (self->states[i] != ROI_WAITING)
        continue;
      if (has_focus)
        rank = rank_roi (&self->rects[i], &self->focus);
      if (found && !goes_before (rank, best))
        continue;
      best = rank;
      *index = i;
      found = TRUE;
    }
  return found;
}

gboolean
ax_roi_queue_take (AxRoiQueue *self, guint *index)
{
  g_autoptr (GMutexLocker) locker = NULL;

  g_return_val_if_fail (self != NULL, FALSE);

  locker = g_mutex_locker_new (&self->lock);
  if (!find_next (self, index))
    return FALSE;
  self->states[*index] = ROI_TAKEN;
  return TRUE;
}

gboolean
ax_roi_queue_finish (AxRoiQueue *self, guint index)
{
  g_autoptr (GMutexLocker) locker = NULL;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (index < self->n_rois, FALSE);

  locker = g_mutex_locker_new (&self->lock);
  if (self->states[index] == ROI_FINISHED)
    return FALSE;
  self->states[index] = ROI_FINISHED;
  self->n_left--;
  return TRUE;
}

void
ax_roi_queue_put_back (AxRoiQueue *self)
{
  g_autoptr (GMutexLocker) locker = NULL;

  g_return_if_fail (self != NULL);

  locker = g_mutex_locker_new (&self->lock);
  for (guint i = 0; i < self->n_rois; i++)
    if (self->states[i] == ROI_TAKEN)
      self->states[i] = ROI_WAITING;
}

guint
ax_roi_queue_get_n_left (AxRoiQueue *self)
{
  g_autoptr (GMutexLocker) locker = NULL;

  g_return_val_if_fail (self != NULL, 0);

  locker = g_mutex_locker_new (&self->lock);
  return self->n_left;
}
