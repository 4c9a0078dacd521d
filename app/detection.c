#include "app/detection.h"

#include "app/console.h"
#include "app/progress.h"
#include "app/results.h"
#include "core/base/error.h"
#include "core/base/parse.h"
#include "core/detect/screen.h"

#include <math.h>

/* A network's scan. */
typedef struct
{
  AxScanPlan *plan;
  AxStoreRun *claim; /* (nullable) */
  AxScan *scan;
} Stage;

/* A slide in work. */
typedef struct
{
  const AxDetection *detection;
  const char *path;
  AxSlide *slide;
  AxScale mpp;
  AxTissue *tissue;
  Stage stage;
  double tissue_mm2;
  AxResultCascade cascade; /* of a cascade's first network */
} Work;

static void
stage_clear (Stage *stage)
{
  g_clear_object (&stage->scan);
  g_clear_pointer (&stage->claim, ax_store_run_end);
  g_clear_pointer (&stage->plan, ax_scan_plan_unref);
}

static void
work_clear (Work *work)
{
  stage_clear (&work->stage);
  g_clear_pointer (&work->tissue, ax_tissue_unref);
  g_clear_pointer (&work->slide, ax_slide_unref);
}

/* The file's own µm/px, else the one given now, else the one given before. */
static gboolean
choose_mpp (Work *work, GError **error)
{
  const AxDetection *detection = work->detection;
  const char *hash = ax_slide_get_hash (work->slide);
  char numbers[2][AX_FORMAT_BUFFER];

  if (ax_slide_get_mpp (work->slide, &work->mpp))
    {
      if (detection->mpp.x > 0
          && fabs (detection->mpp.x / work->mpp.x - 1) > 0.01)
        ax_console_note ("%s: --mpp %s is not used, the file says %s µm/px",
                         work->path,
                         ax_format_decimal (numbers[0], detection->mpp.x, 4),
                         ax_format_decimal (numbers[1], work->mpp.x, 4));
      return TRUE;
    }
  if (detection->mpp.x > 0)
    {
      work->mpp = detection->mpp;
      return detection->store == NULL
             || ax_store_set_mpp (detection->store, hash, work->mpp, error);
    }
  if (detection->store != NULL)
    {
      g_autoptr (GError) local = NULL;

      if (ax_store_get_mpp (detection->store, hash, &work->mpp, &local))
        {
          ax_console_note ("%s: %s µm/px, as given before", work->path,
                           ax_format_decimal (numbers[0], work->mpp.x, 4));
          return TRUE;
        }
      if (local != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
    }
  g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
               "%s: the file has no µm/px; give it with --mpp", work->path);
  return FALSE;
}

static AxTissue *
find_tissue (const Work *work, GError **error)
{
  const char *choice = work->detection->tissue;

  if (g_str_equal (choice, "auto"))
    return ax_tissue_detect (work->slide, work->mpp, error);
  if (g_str_equal (choice, "none"))
    return ax_tissue_new_full (work->slide);
  return ax_tissue_load (work->slide, choice, error);
}

static gboolean
open_slide (Work *work, GError **error)
{
  work->slide = ax_slide_open (work->path, error);
  if (work->slide == NULL || !choose_mpp (work, error))
    return FALSE;
  work->tissue = find_tissue (work, error);
  return work->tissue != NULL;
}

static gboolean
prepare_stage (Work *work, AxModel *model, const AxScanOptions *options,
               GError **error)
{
  const AxDetection *detection = work->detection;
  AxScanSetup setup
      = { .engine = detection->engine, .n_threads = detection->n_threads };
  Stage *stage = &work->stage;

  stage->plan = ax_scan_plan_new (work->slide, work->tissue, model, work->mpp,
                                  options, error);
  if (stage->plan == NULL)
    return FALSE;
  if (detection->store != NULL)
    {
      stage->claim = ax_store_run_begin (detection->store, stage->plan, error);
      if (stage->claim == NULL)
        return FALSE;
      setup.keep = ax_store_keep;
      setup.keep_data = stage->claim;
    }
  stage->scan = ax_scan_new (stage->plan, &setup, NULL, error);
  return stage->scan != NULL
         && (stage->claim == NULL
             || ax_store_run_restore (stage->claim, stage->scan, error));
}

static void
on_progress (AxScan *scan, gpointer bar)
{
  g_autofree char *left = NULL;
  char speed[AX_FORMAT_BUFFER];
  g_autofree char *details = NULL;
  AxScanProgress progress;

  ax_scan_get_progress (scan, &progress);
  if (progress.seconds_left >= 0)
    left = ax_console_describe_duration (progress.seconds_left);
  details = g_strdup_printf (
      "%s mm²/s%s%s", ax_format_decimal (speed, progress.mm2_per_s, 2),
      left != NULL ? ", left " : "", left != NULL ? left : "");
  ax_progress_update (
      bar,
      progress.n_rois > 0 ? (double)progress.n_rois_done / progress.n_rois : 1,
      details);
}

static gboolean
run_stage (Work *work, AxModel *model, const AxScanOptions *options,
           GError **error)
{
  g_autofree char *title = g_filename_display_basename (work->path);
  g_autoptr (AxProgress) bar = NULL;

  if (!prepare_stage (work, model, options, error))
    return FALSE;
  bar = ax_progress_new (title, work->detection->progress);
  return ax_scan_run_blocking (work->stage.scan, work->detection->cancellable,
                               on_progress, bar, error);
}

/* The first network of a cascade: what it leaves is the tissue from then on. */
static gboolean
run_first (Work *work, GError **error)
{
  const AxDetection *detection = work->detection;
  AxTissue *left = NULL;
  AxScanOptions options;
  AxScanProgress progress;

  ax_scan_options_init (&options, detection->first);
  options.alpha = AX_SCREENING_ALPHA;
  options.region = detection->scan.region;
  if (!run_stage (work, detection->first, &options, error))
    return FALSE;
  ax_scan_get_progress (work->stage.scan, &progress);
  work->tissue_mm2 = progress.tissue_mm2;
  work->cascade = (AxResultCascade){
    .model_name = ax_model_get_name (detection->first),
    .model_hash = ax_model_get_hash (detection->first),
    .threshold = detection->screening.threshold,
    .seconds = progress.seconds,
  };
  left = ax_screen_scan (work->stage.scan, detection->screening.threshold,
                         &work->cascade.skipped_mm2, error);
  if (left == NULL)
    return FALSE;
  stage_clear (&work->stage);
  ax_tissue_unref (work->tissue);
  work->tissue = left;
  return TRUE;
}

static gboolean
run_scans (Work *work, GError **error)
{
  const AxDetection *detection = work->detection;
  AxScanProgress progress;

  if ((detection->first != NULL && !run_first (work, error))
      || !run_stage (work, detection->model, &detection->scan, error))
    return FALSE;
  ax_scan_get_progress (work->stage.scan, &progress);
  if (detection->first == NULL)
    work->tissue_mm2 = progress.tissue_mm2;
  return TRUE;
}

static gboolean
finish (const Work *work, AxDetectionFunc report, gpointer user_data,
        GError **error)
{
  const AxDetection *detection = work->detection;
  AxScan *scan = work->stage.scan;
  AxProbMap *map = ax_scan_get_map (scan);
  AxRect0 bounds = ax_slide_get_bounds (work->slide);
  g_autoptr (GPtrArray) written = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (AxLesionSet) lesions = NULL;
  AxScanProgress progress;
  AxResult result;
  guint n_tasks;
  const AxModelTask *tasks = ax_model_get_tasks (detection->model, &n_tasks);

  ax_scan_get_progress (scan, &progress);
  if (progress.failed_mm2 > 0 && progress.analysed_mm2 <= 0)
    {
      g_set_error_literal (error, AX_ERROR, AX_ERROR_CORRUPT,
                           "none of its tissue could be read");
      return FALSE;
    }
  lesions = ax_lesion_set_extract (map, &detection->lesion, NULL, error);
  if (lesions == NULL)
    return FALSE;
  result = (AxResult){
    .slide_path = work->path,
    .extent = ax_slide_get_extent (work->slide),
    .bounds_origin = { bounds.x, bounds.y },
    .mpp = work->mpp,
    .model_name = ax_model_get_name (detection->model),
    .model_hash = ax_model_get_hash (detection->model),
    .engine = ax_scan_get_engine (scan),
    .device = ax_scan_get_device (scan),
    .shows = tasks[detection->scan.output].name,
    .alpha = detection->scan.alpha,
    .cascade = detection->first != NULL ? &work->cascade : NULL,
    .seconds = progress.seconds,
    .mpx_per_s = progress.mpx_per_s,
    .tissue_mm2 = work->tissue_mm2,
    .analysed_mm2 = progress.analysed_mm2,
    .failed_mm2 = progress.failed_mm2,
    .map = map,
    .lesions = lesions,
  };
  if (!ax_result_write (&result, detection->folder, detection->formats, written,
                        NULL, error))
    return FALSE;
  report (&result, written, user_data);
  return TRUE;
}

/* Messages of the floors below name what they know of: a tensor, a region. */
static void
name_slide (GError **error, const char *path)
{
  g_autofree char *name = g_filename_display_name (path);

  if (error == NULL || *error == NULL)
    return;
  if (g_error_matches (*error, AX_ERROR, AX_ERROR_CANCELLED))
    {
      g_clear_error (error);
      g_set_error (error, AX_ERROR, AX_ERROR_CANCELLED,
                   "%s: interrupted; the same command goes on from here", name);
    }
  else if (!g_str_has_prefix ((*error)->message, name))
    g_prefix_error (error, "%s: ", name);
}

gboolean
ax_detection_run (const AxDetection *self, const char *path,
                  AxDetectionFunc report, gpointer user_data, GError **error)
{
  Work work = { .detection = self, .path = path };
  g_autoptr (GError) local = NULL;
  gboolean done;

  g_return_val_if_fail (self != NULL && path != NULL, FALSE);

  done = ax_result_check_targets (path, self->folder, self->formats, &local)
         && open_slide (&work, &local) && run_scans (&work, &local)
         && finish (&work, report, user_data, &local);
  work_clear (&work);
  if (!done)
    {
      name_slide (&local, path);
      g_propagate_error (error, g_steal_pointer (&local));
    }
  return done;
}
