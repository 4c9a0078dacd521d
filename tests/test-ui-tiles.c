#include "tests/support/data.h"
#include "tests/support/paint.h"
#include "tests/support/slide-writer.h"
#include "ui/grid-layer.h"
#include "ui/tile-layer.h"

#define COLOR 0xC83C78
#define BACKGROUND 0x000000
#define SIDE 2048
#define N_LEVELS 4

static const AxRect0 extent = { 0, 0, SIDE, SIDE };

/* Each level has a colour of its own. */
static guint32
color_of_level (int level)
{
  return COLOR + 0x101010 * (guint32)level;
}

static void
fill_level (int level, gint64 x, gint64 y, int width, int height, guint8 *rgb,
            gpointer user_data)
{
  guint32 color = color_of_level (level);

  for (int i = 0; i < width * height; i++)
    {
      rgb[3 * i] = (guint8)(color >> 16);
      rgb[3 * i + 1] = (guint8)(color >> 8);
      rgb[3 * i + 2] = (guint8)color;
    }
}

static guint64
same_tile (int level, gint64 col, gint64 row, gpointer user_data)
{
  return (guint64)level;
}

static guint64
own_tile (int level, gint64 col, gint64 row, gpointer user_data)
{
  return (guint64)level << 40 | (guint64)row << 20 | (guint64)col;
}

static AxTileCache *
cache_new (const AxSlideSpec *spec)
{
  g_autofree char *path = scratch_path ("slide.tiff");
  g_autoptr (GError) error = NULL;
  g_autoptr (AxSlide) slide = NULL;

  ax_slide_spec_write (spec, path, &error);
  g_assert_no_error (error);
  slide = ax_slide_open (path, &error);
  g_assert_no_error (error);
  return ax_tile_cache_new (slide, 64 << 20);
}

static AxTileCache *
colors_new (void)
{
  AxSlideSpec spec = { .width = SIDE,
                       .height = SIDE,
                       .n_levels = N_LEVELS,
                       .coding = AX_SLIDE_RAW,
                       .pixels = fill_level,
                       .tile_id = same_tile };

  return cache_new (&spec);
}

static AxTileLayer *
layer_new (AxTileCache *cache)
{
  AxTileLayer *layer = ax_tile_layer_new ();

  ax_tile_layer_set_tiles (layer, cache);
  return layer;
}

/* Paints until no tile is missing but @n_failed. */
static cairo_surface_t *
paint_all (AxTileLayer *layer, AxViewport *viewport, double scale,
           guint n_failed)
{
  for (;;)
    {
      cairo_surface_t *surface
          = paint_layer (AX_LAYER (layer), viewport, scale, BACKGROUND);
      g_autoptr (GArray) cells = ax_tile_layer_list_cells (layer);
      guint n_missing = 0, n_here = 0;

      for (guint i = 0; i < cells->len; i++)
        {
          const AxTileState *state = &g_array_index (cells, AxTileState, i);

          n_here += state->is_drawn;
          n_missing += !state->is_drawn && !state->has_failed;
        }
      if (n_missing == 0 && n_here == cells->len - n_failed)
        return surface;
      cairo_surface_destroy (surface);
      g_main_context_iteration (NULL, TRUE);
    }
}

/* Where tiles meet there is nothing between them, whatever the scale. */
static void
check_seams (gboolean software)
{
  const double scales[] = { 1, 1.25, 1.5, 1.75, 2, 2.2 };
  const double zooms[] = { 0.93, 0.5, 0.4471, 0.2811, 1.37 };
  g_autoptr (AxTileCache) cache = colors_new ();
  g_autoptr (AxTileLayer) layer = layer_new (cache);
  g_autoptr (AxViewport) viewport = viewport_at_origin (extent, 0.25, 300, 1);

  ax_layer_set_software (AX_LAYER (layer), software);
  for (guint i = 0; i < G_N_ELEMENTS (scales); i++)
    for (guint j = 0; j < G_N_ELEMENTS (zooms); j++)
      {
        AxPoint0 center = { 1024.37 + i * 0.71, 1020.11 - j * 0.43 };
        int level = ax_slide_get_best_level (ax_tile_cache_get_slide (cache),
                                             1 / (zooms[j] * scales[i]));
        cairo_surface_t *surface;

        ax_viewport_set (viewport, center, zooms[j]);
        surface = paint_all (layer, viewport, scales[i], 0);
        g_assert_cmpuint (count_other (surface, color_of_level (level)), ==, 0);
        cairo_surface_destroy (surface);
      }
}

static void
test_seams_cairo (void)
{
  check_seams (TRUE);
}

static void
test_seams_textures (void)
{
  check_seams (FALSE);
}

/* Outside the slide the ground is grey, with a straight edge. */
static void
test_ground (void)
{
  g_autoptr (AxTileCache) cache = colors_new ();
  g_autoptr (AxTileLayer) layer = layer_new (cache);
  g_autoptr (AxViewport) viewport = viewport_at_origin (extent, 0.25, 300, 1);
  cairo_surface_t *surface;

  ax_viewport_set (viewport, (AxPoint0){ 0.3, 100 }, 1);
  surface = paint_all (layer, viewport, 1, 0);
  g_assert_cmpuint (count_pixels (surface, COLOR), ==, 150 * 250);
  g_assert_cmphex (pixel_at (surface, 149, 299), ==, 0xE4E4E7);
  g_assert_cmphex (pixel_at (surface, 150, 299), ==, COLOR);
  cairo_surface_destroy (surface);
}

/* Shows the whole slide until the two coarsest levels, five tiles, are here. */
static void
load_kept (AxTileLayer *layer, AxViewport *viewport, AxTileCache *cache)
{
  ax_viewport_fit (viewport);
  cairo_surface_destroy (paint_all (layer, viewport, 1, 0));
  while (ax_tile_cache_get_n_decoded (cache) < 5)
    g_main_context_iteration (NULL, TRUE);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

/* In flight nothing is loaded and the coarser level stands in. */
static void
test_flying (void)
{
  g_autoptr (AxTileCache) cache = colors_new ();
  g_autoptr (AxTileLayer) layer = layer_new (cache);
  g_autoptr (AxViewport) viewport = viewport_at_origin (extent, 0.25, 300, 1);
  cairo_surface_t *surface;
  AxTileCounts counts;
  guint n_decoded;

  load_kept (layer, viewport, cache);
  n_decoded = ax_tile_cache_get_n_decoded (cache);

  ax_viewport_set_flying (viewport, TRUE);
  ax_viewport_set (viewport, (AxPoint0){ 1000, 1000 }, 1);
  surface = paint_layer (AX_LAYER (layer), viewport, 1, BACKGROUND);
  ax_tile_layer_get_counts (layer, &counts);
  g_assert_cmpuint (counts.n_drawn, ==, 0);
  g_assert_cmpuint (counts.n_missing, >, 0);
  g_assert_cmpuint (counts.n_blank, ==, 0);
  g_assert_cmpuint (count_pixels (surface, color_of_level (2)), ==, 300 * 300);
  g_assert_cmpuint (ax_tile_cache_get_n_decoded (cache), ==, n_decoded);
  cairo_surface_destroy (surface);

  ax_viewport_set_flying (viewport, FALSE);
  surface = paint_all (layer, viewport, 1, 0);
  g_assert_cmpuint (count_pixels (surface, COLOR), ==, 300 * 300);
  cairo_surface_destroy (surface);
}

/* While tiles come one by one, wherever the view is and at whatever scale,
 * there is tissue on every pixel: no glass, no ground. */
static void
check_nothing_is_blank (gboolean software)
{
  const double zooms[] = { 0.93, 0.4471, 1.37, 0.2811 };
  g_autoptr (AxTileCache) cache = colors_new ();
  g_autoptr (AxTileLayer) layer = layer_new (cache);
  g_autoptr (AxViewport) viewport = viewport_at_origin (extent, 0.25, 300, 1);
  guint n_incomplete = 0;

  load_kept (layer, viewport, cache);
  ax_layer_set_software (AX_LAYER (layer), software);
  for (guint i = 0; i < 200; i++)
    {
      AxPoint0 center = { 700 + i * 3.37, 1300 - i * 2.71 };
      cairo_surface_t *surface;
      AxTileCounts counts;

      ax_viewport_set (viewport, center, zooms[i / 5 % G_N_ELEMENTS (zooms)]);
      surface = paint_layer (AX_LAYER (layer), viewport, 1.25, BACKGROUND);
      g_assert_cmpuint (count_pixels (surface, 0xFFFFFF), ==, 0);
      g_assert_cmpuint (count_pixels (surface, 0xE4E4E7), ==, 0);
      g_assert_cmpuint (count_pixels (surface, BACKGROUND), ==, 0);
      cairo_surface_destroy (surface);
      ax_tile_layer_get_counts (layer, &counts);
      g_assert_cmpuint (counts.n_blank, ==, 0);
      n_incomplete += counts.n_missing > 0;
      g_main_context_iteration (NULL, FALSE);
    }
  g_assert_cmpuint (n_incomplete, >, 0);
}

static void
test_blank_cairo (void)
{
  check_nothing_is_blank (TRUE);
}

static void
test_blank_textures (void)
{
  check_nothing_is_blank (FALSE);
}

/* A damaged tile is hatched over what is coarser, and asked for once. */
static void
test_damaged (void)
{
  const AxSlideDamage damage = { AX_SLIDE_DAMAGE_GARBAGE, 0, 1, 1 };
  AxSlideSpec spec = { .width = SIDE,
                       .height = SIDE,
                       .n_levels = N_LEVELS,
                       .coding = AX_SLIDE_JPEG_444,
                       .quality = 100,
                       .pixels = fill_level,
                       .tile_id = own_tile,
                       .damages = &damage,
                       .n_damages = 1 };
  g_autoptr (AxTileCache) cache = cache_new (&spec);
  g_autoptr (AxTileLayer) layer = layer_new (cache);
  g_autoptr (AxViewport) viewport = viewport_at_origin (extent, 0.25, 768, 1);
  cairo_surface_t *surface;
  AxTileCounts counts;
  guint n_hatched = 0;

  load_kept (layer, viewport, cache);
  ax_viewport_set (viewport, (AxPoint0){ 384, 384 }, 1);
  surface = paint_all (layer, viewport, 1, 1);
  for (int y = 256; y < 512; y++)
    for (int x = 256; x < 512; x++)
      n_hatched += ABS ((int)(pixel_at (surface, x, y) >> 8 & 0xFF)
                        - (int)(color_of_level (1) >> 8 & 0xFF))
                   > 8;
  g_assert_cmpuint (n_hatched, >, 256 * 256 / 20);
  g_assert_cmpuint (n_hatched, <, 256 * 256 / 2);
  ax_tile_layer_get_counts (layer, &counts);
  g_assert_cmpuint (counts.n_drawn, ==, 8);
  g_assert_cmpuint (counts.n_missing, ==, 1);
  g_assert_cmpuint (counts.n_blank, ==, 0);
  cairo_surface_destroy (surface);
}

static void
on_overview (AxTileLayer *layer, guint *n_changes)
{
  ++*n_changes;
}

static void
test_overview (void)
{
  g_autoptr (AxTileCache) cache = colors_new ();
  g_autoptr (AxTileLayer) layer = layer_new (cache);
  g_autoptr (AxViewport) viewport = viewport_at_origin (extent, 0.25, 300, 1);
  cairo_surface_t *overview;
  AxScale scale;
  guint n_changes = 0;

  g_signal_connect (layer, "overview-changed", G_CALLBACK (on_overview),
                    &n_changes);
  g_assert_null (ax_tile_layer_create_overview (layer, &scale));
  cairo_surface_destroy (
      paint_layer (AX_LAYER (layer), viewport, 1, BACKGROUND));
  while (n_changes == 0)
    g_main_context_iteration (NULL, TRUE);
  overview = ax_tile_layer_create_overview (layer, &scale);
  g_assert_nonnull (overview);
  g_assert_cmpfloat (scale.x, ==, 8);
  g_assert_cmpint (cairo_image_surface_get_width (overview), ==, SIDE / 8);
  g_assert_cmpuint (count_other (overview, color_of_level (3)), ==, 0);
  cairo_surface_destroy (overview);

  ax_tile_layer_set_tiles (layer, NULL);
  g_assert_cmpuint (n_changes, ==, 2);
  g_assert_null (ax_tile_layer_create_overview (layer, &scale));
  g_assert_cmpuint (ax_tile_layer_get_bytes (layer), ==, 0);
}

/* The debug view's borders are one device pixel inside each cell. */
static void
test_grid (void)
{
  g_autoptr (AxTileCache) cache = colors_new ();
  g_autoptr (AxTileLayer) layer = layer_new (cache);
  g_autoptr (AxGridLayer) grid = ax_grid_layer_new (layer);
  g_autoptr (AxViewport) viewport = viewport_at_origin (extent, 0.25, 300, 1);
  cairo_surface_t *surface;

  cairo_surface_destroy (paint_all (layer, viewport, 1, 0));
  surface = paint_layer (AX_LAYER (grid), viewport, 1, 0xFFFFFF);
  g_assert_cmpuint (count_other (surface, 0xFFFFFF), ==, 0);
  cairo_surface_destroy (surface);

  ax_layer_set_visible (AX_LAYER (grid), TRUE);
  surface = paint_layer (AX_LAYER (grid), viewport, 1, 0xFFFFFF);
  g_assert_cmphex (pixel_at (surface, 0, 150), ==, 0x009E73);
  g_assert_cmphex (pixel_at (surface, 255, 150), ==, 0x009E73);
  g_assert_cmphex (pixel_at (surface, 256, 150), ==, 0x009E73);
  g_assert_cmphex (pixel_at (surface, 258, 150), ==, 0xFFFFFF);
  cairo_surface_destroy (surface);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gtk_init_check ();
  g_test_add_func ("/tiles/seams-cairo", test_seams_cairo);
  g_test_add_func ("/tiles/seams-textures", test_seams_textures);
  g_test_add_func ("/tiles/ground", test_ground);
  g_test_add_func ("/tiles/flying", test_flying);
  g_test_add_func ("/tiles/blank-cairo", test_blank_cairo);
  g_test_add_func ("/tiles/blank-textures", test_blank_textures);
  g_test_add_func ("/tiles/damaged", test_damaged);
  g_test_add_func ("/tiles/overview", test_overview);
  g_test_add_func ("/tiles/grid", test_grid);
  return g_test_run ();
}
