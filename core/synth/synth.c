#include "core/synth/synth.h"

#include "core/base/error.h"
#include "core/base/parse.h"
#include "core/base/rng.h"
#include "core/slide/pyramid-writer.h"
#include "core/synth/render.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TILE AX_PYRAMID_TILE
#define TILE_BYTES ((gsize)TILE * TILE * 3)
/* So many finished tiles are kept to draw the coarse levels from. */
#define MAX_SUBTREES 256
#define STREAM_DIAMETERS 21

typedef struct
{
  AxPyramidWriter *writer;
  AxSynthRender *render;
  int root_level; /* each worker makes one tile of it with all below */
  int n_cols, n_rows;
  guint8 **roots;
  void (*progress) (double share, gpointer user_data);
  gpointer user_data;
  GCancellable *cancellable;
  const char *path;
  gint n_next; /* atomic */
  gint failed; /* atomic */
  GMutex lock;
  GError *error; /* under lock */
  int n_done;    /* under lock */
} Job;

void
ax_synth_spec_init (AxSynthSpec *spec, guint64 seed, gint64 width,
                    gint64 height)
{
  *spec = (AxSynthSpec){ .seed = seed,
                         .width = width,
                         .height = height,
                         .mpp = 0.243,
                         .stain_variation = 1.0,
                         .folds = TRUE,
                         .defocus = TRUE,
                         .quality = 85 };
}

static gboolean
class_range (const char *name, const AxSynthSpec *spec, double range[2])
{
  double side_um = MIN (spec->width, spec->height) * spec->mpp;

  if (g_str_equal (name, "macro"))
    {
      range[0] = 2100.0;
      range[1] = CLAMP (0.36 * side_um, 2200.0, 5000.0);
    }
  else if (g_str_equal (name, "micro"))
    {
      range[0] = 260.0;
      range[1] = CLAMP (0.25 * side_um, 320.0, 1700.0);
    }
  else if (g_str_equal (name, "itc"))
    {
      range[0] = 50.0;
      range[1] = 180.0;
    }
  else
    return FALSE;
  return TRUE;
}

static gboolean
parse_part (const char *part, const AxSynthSpec *spec, AxRng *rng,
            GArray *diameters, GError **error)
{
  g_auto (GStrv) pieces = g_strsplit (part, ":", 2);
  const char *name = pieces[0] != NULL ? g_strstrip (pieces[0]) : "";
  gint64 count = 1;
  double range[2], diameter;

  if (!class_range (name, spec, range))
    {
      if (!ax_parse_double (part, "lesion diameter in µm", 20.0, 50000.0,
                            &diameter, error))
        {
          g_prefix_error (error, "neither macro, micro, itc nor a diameter: ");
          return FALSE;
        }
      g_array_append_val (diameters, diameter);
      return TRUE;
    }
  if (pieces[1] != NULL
      && !ax_parse_int (pieces[1], "number of lesions", 0, 1000, &count, error))
    return FALSE;
  for (gint64 i = 0; i < count; i++)
    {
      diameter = ax_rng_range (rng, range[0], range[1]);
      g_array_append_val (diameters, diameter);
    }
  return TRUE;
}

static int
compare_descending (gconstpointer a, gconstpointer b)
{
  double x = *(const double *)a, y = *(const double *)b;

  return (x < y) - (x > y);
}

GArray *
ax_synth_lesions_parse (const char *text, const AxSynthSpec *spec,
                        GError **error)
{
  g_autoptr (GArray) diameters = g_array_new (FALSE, FALSE, sizeof (double));
  g_auto (GStrv) parts = g_strsplit (text, ",", -1);
  AxRng rng = ax_rng_init (spec->seed, STREAM_DIAMETERS);

  for (guint i = 0; parts[i] != NULL; i++)
    if (!parse_part (parts[i], spec, &rng, diameters, error))
      return NULL;
  g_array_sort (diameters, compare_descending);
  return g_steal_pointer (&diameters);
}

static void
halve_into (const guint8 *child, guint8 *parent, int quadrant_x, int quadrant_y)
{
  guint8 *out
      = parent
        + ((gsize)quadrant_y * TILE / 2 * TILE + quadrant_x * TILE / 2) * 3;

  for (int y = 0; y < TILE / 2; y++)
    for (int x = 0; x < TILE / 2; x++)
      for (int k = 0; k < 3; k++)
        {
          const guint8 *p = child + (2 * y * TILE + 2 * x) * 3 + k;

          out[(y * TILE + x) * 3 + k]
              = (guint8)((p[0] + p[3] + p[TILE * 3] + p[TILE * 3 + 3] + 2) / 4);
        }
}

static gboolean
tile_exists (const Job *job, int level, int col, int row)
{
  gint64 width, height;

  ax_pyramid_writer_get_size (job->writer, level, &width, &height);
  return (gint64)col * TILE < width && (gint64)row * TILE < height;
}

/* Makes a tile from its four children down to level 0, or from kept roots,
 * and puts every tile on the way.  What no child covers stays white. */
static gboolean
make_tile (Job *job, int level, int col, int row, guint8 *rgb, GError **error)
{
  g_autofree guint8 *child = NULL;

  if (g_cancellable_is_cancelled (job->cancellable))
    {
      g_set_error (error, AX_ERROR, AX_ERROR_CANCELLED, "%s: stopped",
                   job->path);
      return FALSE;
    }
  if (level == 0)
    ax_synth_render_draw (job->render, (gint64)col * TILE, (gint64)row * TILE,
                          TILE, TILE, rgb);
  else
    {
      memset (rgb, 255, TILE_BYTES);
      child = g_malloc (TILE_BYTES);
      for (int i = 0; i < 4; i++)
        {
          int c = 2 * col + i % 2, r = 2 * row + i / 2;
          const guint8 *from = child;

          if (!tile_exists (job, level - 1, c, r))
            continue;
          if (level - 1 == job->root_level)
            from = job->roots[r * job->n_cols + c];
          else if (!make_tile (job, level - 1, c, r, child, error))
            return FALSE;
          halve_into (from, rgb, i % 2, i / 2);
        }
    }
  return ax_pyramid_writer_put (job->writer, level, col, row, rgb, error);
}

static void
fail (Job *job, GError *error)
{
  g_atomic_int_set (&job->failed, 1);
  g_mutex_lock (&job->lock);
  if (job->error == NULL)
    job->error = g_steal_pointer (&error);
  g_mutex_unlock (&job->lock);
  g_clear_error (&error);
}

static void
report_progress (Job *job, int n)
{
  if (job->progress == NULL)
    return;
  g_mutex_lock (&job->lock);
  job->progress (++job->n_done / (double)n, job->user_data);
  g_mutex_unlock (&job->lock);
}

static gpointer
draw_thread (gpointer data)
{
  Job *job = data;
  int n = job->n_cols * job->n_rows;

  for (;;)
    {
      int i = g_atomic_int_add (&job->n_next, 1);
      GError *error = NULL;

      if (i >= n || g_atomic_int_get (&job->failed))
        return NULL;
      job->roots[i] = g_malloc (TILE_BYTES);
      if (!make_tile (job, job->root_level, i % job->n_cols, i / job->n_cols,
                      job->roots[i], &error))
        fail (job, error);
      report_progress (job, n);
    }
}

static void
job_choose_roots (Job *job)
{
  gint64 width, height;

  for (job->root_level = 0;; job->root_level++)
    {
      ax_pyramid_writer_get_size (job->writer, job->root_level, &width,
                                  &height);
      job->n_cols = (int)((width + TILE - 1) / TILE);
      job->n_rows = (int)((height + TILE - 1) / TILE);
      if (job->n_cols * job->n_rows <= MAX_SUBTREES)
        break;
    }
  job->roots = g_new0 (guint8 *, (gsize)job->n_cols * job->n_rows);
}

static gboolean
job_run (Job *job, int n_threads, GError **error)
{
  int n_levels = ax_pyramid_writer_get_n_levels (job->writer);
  g_autofree GThread **threads = g_new (GThread *, n_threads);
  g_autofree guint8 *top = g_malloc (TILE_BYTES);
  gboolean ok = TRUE;

  g_mutex_init (&job->lock);
  job_choose_roots (job);
  for (int i = 0; i < n_threads; i++)
    threads[i] = g_thread_new ("synth", draw_thread, job);
  for (int i = 0; i < n_threads; i++)
    g_thread_join (threads[i]);
  if (job->error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&job->error));
      ok = FALSE;
    }
  else if (n_levels - 1 > job->root_level)
    ok = make_tile (job, n_levels - 1, 0, 0, top, error);
  for (int i = 0; i < job->n_cols * job->n_rows; i++)
    g_free (job->roots[i]);
  g_free (job->roots);
  g_mutex_clear (&job->lock);
  return ok && ax_pyramid_writer_finish (job->writer, error);
}

static const char *
class_of (double diameter_um)
{
  if (diameter_um > 2000.0)
    return "macro";
  return diameter_um > 200.0 ? "micro" : "ITC";
}

static AxAnnotationSet *
describe_truth (const AxAnatomy *anatomy, double mpp)
{
  AxAnnotationSet *set = ax_annotation_set_new ();

  ax_annotation_set_add_group (set, "metastases", 0xff0000);
  for (guint i = 0; i < ax_anatomy_get_n_lesions (anatomy); i++)
    {
      const AxSynthLesion *lesion = ax_anatomy_get_lesion (anatomy, i);
      g_autofree AxPoint0 *points = g_new (AxPoint0, lesion->n_points);
      g_autofree char *name = g_strdup_printf (
          "%s %.0f µm", class_of (lesion->diameter_um), lesion->diameter_um);
      AxAnnotation *annotation
          = ax_annotation_set_add (set, AX_SHAPE_POLYGON, name, "metastases");

      for (guint k = 0; k < lesion->n_points; k++)
        points[k] = (AxPoint0){ lesion->points[k].x / mpp,
                                lesion->points[k].y / mpp };
      ax_annotation_add_ring (annotation, points, lesion->n_points);
    }
  return set;
}

gboolean
ax_synth_write (const AxSynthSpec *spec, const char *path,
                AxAnnotationSet **truth,
                void (*progress) (double share, gpointer user_data),
                gpointer user_data, GCancellable *cancellable, GError **error)
{
  double width_um = spec->width * spec->mpp;
  double height_um = spec->height * spec->mpp;
  AxSynthLooks looks = { .seed = spec->seed,
                         .mpp = spec->mpp,
                         .stain_variation = spec->stain_variation,
                         .folds = spec->folds,
                         .pen = spec->pen,
                         .defocus = spec->defocus };
  int n_threads
      = spec->n_threads > 0 ? spec->n_threads : (int)g_get_num_processors ();
  g_autoptr (AxAnatomy) anatomy
      = ax_anatomy_new (spec->seed, width_um, height_um, spec->diameters_um,
                        spec->n_diameters, error);
  g_autoptr (AxSynthRender) render = NULL;
  g_autoptr (AxPyramidWriter) writer = NULL;
  Job job = { .progress = progress,
              .user_data = user_data,
              .cancellable = cancellable,
              .path = path };

  if (anatomy == NULL)
    return FALSE;
  render = ax_synth_render_new (anatomy, width_um, height_um, &looks);
  writer = ax_pyramid_writer_new (path, spec->width, spec->height, spec->mpp,
                                  spec->quality, "Axilla synthetic lymph node",
                                  error);
  if (writer == NULL)
    return FALSE;
  job.writer = writer;
  job.render = render;
  if (!job_run (&job, n_threads, error))
    return FALSE;
  if (truth != NULL)
    *truth = describe_truth (anatomy, spec->mpp);
  return TRUE;
}
