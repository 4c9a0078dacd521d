#include "app/bench.h"

#include "core/base/error.h"
#include "core/base/rng.h"
#include "core/base/trace.h"
#include "core/detect/scan.h"
#include "core/slide/openslide-source.h"

#define N_TILES 256

/* Tiles of level 0 in random order, one thread, nothing cached. */
typedef struct
{
  AxSlide *slide;
  AxOpenslideSource *openslide; /* (nullable): read through it */
  AxRng rng;
  int n_columns, n_rows;
  guint32 *pixels;
} Tiles;

static gboolean
read_tile (Tiles *tiles, int col, int row, GError **error)
{
  const AxSlideLevel *level = ax_slide_get_level (tiles->slide, 0);
  g_autoptr (AxTile) tile = NULL;

  if (tiles->openslide != NULL)
    return ax_openslide_source_read_region (
        tiles->openslide, 0, (gint64)col * level->tile_width,
        (gint64)row * level->tile_height, level->tile_width, level->tile_height,
        tiles->pixels, error);
  tile = ax_slide_read_tile (tiles->slide, 0, col, row, error);
  return tile != NULL;
}

static gboolean
read_tiles (gpointer data, GError **error)
{
  Tiles *tiles = data;

  for (int i = 0; i < N_TILES; i++)
    if (!read_tile (tiles, ax_rng_below (&tiles->rng, tiles->n_columns),
                    ax_rng_below (&tiles->rng, tiles->n_rows), error))
      return FALSE;
  return TRUE;
}

static gboolean
bench_decode (AxBench *self, AxSlide *slide, AxOpenslideSource *openslide,
              const char *name, GError **error)
{
  const AxSlideLevel *level = ax_slide_get_level (slide, 0);
  gsize tile_px = (gsize)level->tile_width * level->tile_height;
  g_autofree guint32 *pixels = g_try_new (guint32, tile_px);
  Tiles tiles = {
    .slide = slide,
    .openslide = openslide,
    .rng = ax_rng_init (1, 0),
    .n_columns = (level->width + level->tile_width - 1) / level->tile_width,
    .n_rows = (level->height + level->tile_height - 1) / level->tile_height,
    .pixels = pixels,
  };
  double seconds;

  if (pixels == NULL)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_MEMORY,
                   "no memory for a tile of %d × %d", level->tile_width,
                   level->tile_height);
      return FALSE;
    }
  seconds = ax_bench_time (read_tiles, &tiles, error);
  if (seconds < 0)
    return FALSE;
  ax_bench_add (self, N_TILES * (double)tile_px / seconds / 1e6, "Mpx/s",
                "%s, tiles of %d × %d, 1 thread", name, level->tile_width,
                level->tile_height);
  return TRUE;
}

static gboolean
bench_scan (AxBench *self, AxSlide *slide, AxModel *model, GError **error)
{
  const AxScanSetup setup
      = { .engine = self->engine, .n_threads = self->n_threads };
  g_autoptr (AxTissue) tissue = NULL;
  g_autoptr (AxScanPlan) plan = NULL;
  g_autoptr (AxScan) scan = NULL;
  AxScanOptions options;
  AxScanProgress progress;
  gint64 start_us = ax_trace_now_us ();
  AxScale mpp = { 0, 0 };

  /* Without µm/px of its own the slide is read as the network wants it, which
     costs the same. */
  if (!ax_slide_get_mpp (slide, &mpp))
    mpp = (AxScale){ ax_model_get_mpp (model), ax_model_get_mpp (model) };
  tissue = ax_tissue_detect (slide, mpp, error);
  if (tissue == NULL)
    return FALSE;
  ax_bench_add (self, (ax_trace_now_us () - start_us) / 1e3, "ms", "tissue");

  ax_scan_options_init (&options, model);
  plan = ax_scan_plan_new (slide, tissue, model, mpp, &options, error);
  if (plan == NULL)
    return FALSE;
  scan = ax_scan_new (plan, &setup, NULL, error);
  if (scan == NULL || !ax_scan_run_blocking (scan, NULL, NULL, NULL, error))
    return FALSE;
  ax_scan_get_progress (scan, &progress);
  ax_bench_add (self, progress.mpx_per_s, "Mpx/s", "%s, %s, scan at α = %d",
                ax_model_get_name (model), ax_scan_get_engine (scan),
                options.alpha);
  ax_bench_add (self, progress.mm2_per_s, "mm²/s", "%s, %s, scan at α = %d",
                ax_model_get_name (model), ax_scan_get_engine (scan),
                options.alpha);
  return TRUE;
}

gboolean
ax_bench_slide (AxBench *self, AxModel *model, const char *path, GError **error)
{
  g_autoptr (AxSlide) slide = ax_slide_open (path, error);
  g_autoptr (AxOpenslideSource) openslide = NULL;

  if (slide == NULL)
    return FALSE;
  if (ax_slide_has_fast_tiles (slide, 0)
      && !bench_decode (self, slide, NULL, "direct", error))
    return FALSE;
  openslide = ax_openslide_source_new (path, error);
  return openslide != NULL
         && bench_decode (self, slide, openslide, "OpenSlide", error)
         && bench_scan (self, slide, model, error);
}
