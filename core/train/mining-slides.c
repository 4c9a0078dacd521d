#include "core/base/error.h"
#include "core/detect/scan.h"
#include "core/train/mining-private.h"

/* A cell above the threshold. */
typedef struct
{
  guint16 value;
  gint32 col, row;
} Candidate;

/* A slide in work. */
typedef struct
{
  const AxHardNegatives *negatives;
  const AxMiningSpec *spec;
  const AxTrainingSlide *slide;
  guint item, n_items;
  int field;
  const AxDense *dense; /* of the scan's plan */
  AxProbMap *map;
  AxMask *barred; /* cells that are not taken, or not any more */
} Work;

static void
report_progress (const Work *work, double share)
{
  if (work->spec->on_progress != NULL)
    work->spec->on_progress ((work->item + share) / work->n_items,
                             work->spec->user_data);
}

static void
on_progress (AxScan *scan, gpointer work)
{
  AxScanProgress progress;
  ax_scan_get_progress (scan, &progress);
  if (progress.n_rois > 0)
    report_progress (work, (double)progress.n_rois_done / progress.n_rois);
}

static AxScan *
make_scan (const Work *work, AxModel *model, const char *engine, GError **error)
{
  const AxScanSetup setup
      = { .engine = engine, .n_threads = work->spec->n_threads };
  const AxScale mpp = ax_training_slide_get_mpp (work->slide);
  AxScanOptions options;
  g_autoptr (AxSlide) slide
      = ax_slide_open (ax_training_slide_get_path (work->slide), error);
  if (slide == NULL)
    return NULL;
  g_autoptr (AxTissue) tissue = ax_tissue_detect (slide, mpp, error);
  if (tissue == NULL)
    return NULL;
  ax_scan_options_init (&options, model);
  options.alpha = work->spec->alpha;
  g_autoptr (AxScanPlan) plan
      = ax_scan_plan_new (slide, tissue, model, mpp, &options, error);
  return plan != NULL ? ax_scan_new (plan, &setup, NULL, error) : NULL;
}

/* Cells within half a field of one, seen from the middle of its field. */
static void
bar_around (Work *work, gint64 col, gint64 row)
{
  const int reach = work->field / 2 / work->dense->step;
  const double limit = work->field / 2.0 / work->dense->step;
  for (gint64 y = MAX (row - reach, 0);
       y <= MIN (row + reach, work->barred->height - 1); y++)
    for (gint64 x = MAX (col - reach, 0);
         x <= MIN (col + reach, work->barred->width - 1); x++)
      {
        const double dx = (double)(x - col), dy = (double)(y - row);
        if (dx * dx + dy * dy <= limit * limit)
          work->barred->data[y * work->barred->width + x] = 1;
      }
}

static gboolean
bar_cells (Work *work, GError **error)
{
  const AxProbGeometry *geometry = ax_prob_map_get_geometry (work->map);
  work->barred
      = ax_mask_new ((gint)geometry->width, (gint)geometry->height, error);
  if (work->barred == NULL)
    return FALSE;
  ax_slide_truth_mark_unclear (ax_training_slide_get_truth (work->slide),
                               work->barred, geometry->cell,
                               ax_training_slide_get_reach (work->slide));
  for (guint i = 0; i < ax_hard_negatives_get_n (work->negatives); i++)
    {
      const AxHardNegative *old = ax_hard_negatives_get (work->negatives, i);
      if (old->item == work->item)
        bar_around (work, old->place.x / work->dense->step,
                    old->place.y / work->dense->step);
    }
  return TRUE;
}

static int
compare_candidates (gconstpointer a, gconstpointer b)
{
  const Candidate *left = a, *right = b;
  if (left->value != right->value)
    return left->value > right->value ? -1 : 1;
  if (left->row != right->row)
    return left->row < right->row ? -1 : 1;
  return (left->col > right->col) - (left->col < right->col);
}

/* Most probable first. */
static GArray *
list_candidates (const Work *work)
{
  GArray *candidates = g_array_new (FALSE, FALSE, sizeof (Candidate));
  const guint16 threshold = ax_prob_threshold (work->spec->threshold);
  const int width = work->barred->width;
  g_autofree guint16 *values = g_new (guint16, width);
  for (gint32 row = 0; row < work->barred->height; row++)
    {
      const AxCellRect rect = { 0, row, width, 1 };
      ax_prob_map_read (work->map, 0, rect, values);
      for (gint32 col = 0; col < width; col++)
        {
          const Candidate candidate = { values[col], col, row };
          if (values[col] >= threshold
              && work->barred->data[(gsize)row * (gsize)width + col] == 0)
            g_array_append_val (candidates, candidate);
        }
    }
  g_array_sort (candidates, compare_candidates);
  return candidates;
}

static void
take_candidates (Work *work, GArray *found)
{
  const int step = work->dense->step;
  const guint limit = work->spec->max_per_slide;
  g_autoptr (GArray) candidates = list_candidates (work);
  guint n_taken = 0;
  for (guint i = 0; i < candidates->len && (limit == 0 || n_taken < limit); i++)
    {
      const Candidate *c = &g_array_index (candidates, Candidate, i);
      const gsize cell
          = (gsize)c->row * (gsize)work->barred->width + (gsize)c->col;
      if (work->barred->data[cell] != 0)
        continue;
      const AxHardNegative negative = { work->item,
                                        { (gint64)c->col * step + step / 2,
                                          (gint64)c->row * step + step / 2 },
                                        ax_prob_value (c->value) };
      g_array_append_val (found, negative);
      bar_around (work, c->col, c->row);
      n_taken++;
    }
}

static gboolean
mine_slide (Work *work, AxModel *model, const char *engine, GArray *found,
            GError **error)
{
  g_autoptr (AxScan) scan = make_scan (work, model, engine, error);
  if (scan == NULL
      || !ax_scan_run_blocking (scan, work->spec->cancellable, on_progress,
                                work, error))
    return FALSE;
  work->dense = ax_scan_plan_get_dense (ax_scan_get_plan (scan));
  work->map = ax_scan_get_map (scan);
  if (!bar_cells (work, error))
    return FALSE;
  take_candidates (work, found);
  report_progress (work, 1.0);
  g_clear_pointer (&work->barred, ax_mask_free);
  return TRUE;
}

gboolean
ax_mine_slides (const AxHardNegatives *negatives, AxSlideFolder *slides,
                AxModel *model, const char *engine, const AxMiningSpec *spec,
                GArray *found, GError **error)
{
  const guint n_items
      = ax_sample_source_get_n_items (ax_slide_folder_get_source (slides), 0);
  for (guint i = 0; i < n_items; i++)
    {
      Work work = { .negatives = negatives,
                    .spec = spec,
                    .slide = ax_slide_folder_get_slide (slides, 0, i),
                    .item = i,
                    .n_items = n_items,
                    .field = ax_model_get_field (model) };
      if (ax_mining_is_cancelled (spec, error)
          || !mine_slide (&work, model, engine, found, error))
        return FALSE;
    }
  return TRUE;
}
