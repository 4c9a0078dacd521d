/*
 * A window with the slide view alone, for looking at it:
 *
 *   view-demo SLIDE|- [MAP.jpg]
 *
 * MAP is a probability map, p * 200, of 32 level-0 pixels a cell; without one,
 * a few made-up lesions are shown.  F12 shows frame times, G the tile grid, Q
 * quits and prints the frame times.
 */
#include "ui/annotation-layer.h"
#include "ui/frames-layer.h"
#include "ui/grid-layer.h"
#include "ui/heatmap-layer.h"
#include "ui/lesion-layer.h"
#include "ui/mini-map.h"
#include "ui/scale-bar.h"
#include "ui/slide-view.h"

#include <math.h>

#define CELL_PX 32.0
#define MAP_SCALE 200.0
#define MPP 0.243

typedef struct
{
  const char *slide_path, *map_path;
  AxScale mpp;
  AxViewport *viewport;
  AxFrames *frames;
  AxLayer *grid, *times;
  AxTileLayer *tiles;
  AxHeatmapLayer *heatmap;
  AxLesionLayer *lesions;
  AxMiniMap *mini_map;
} Demo;

static AxProbMap *
map_new (gint64 width, gint64 height, double cell_px, AxScale mpp)
{
  AxProbGeometry geometry = { width, height, { cell_px, cell_px }, mpp };

  return ax_prob_map_new (geometry, 0, NULL);
}

static AxProbMap *
load_map (const char *path)
{
  g_autoptr (GdkTexture) texture = gdk_texture_new_from_filename (path, NULL);
  int width = gdk_texture_get_width (texture);
  int height = gdk_texture_get_height (texture);
  AxProbMap *map = map_new (width, height, CELL_PX, (AxScale){ MPP, MPP });
  gsize n_cells = (gsize)width * height;
  g_autofree guchar *pixels = g_malloc (n_cells * 4);
  g_autofree guint16 *cells = g_new (guint16, n_cells);

  gdk_texture_download (texture, pixels, (gsize)width * 4);
  for (gsize i = 0; i < n_cells; i++)
    cells[i] = ax_prob_quantize (pixels[4 * i] / MAP_SCALE);
  ax_prob_map_write (map, (AxCellRect){ 0, 0, width, height }, cells, NULL);
  return map;
}

/* Hills of probability in the left two thirds; the rest is not analysed. */
static AxProbMap *
make_map (AxRect0 extent, AxScale mpp)
{
  gint64 width = extent.width / 8 + 1, height = extent.height / 8 + 1;
  AxProbMap *map = map_new (width, height, 8, mpp);
  g_autofree guint16 *cells = g_new0 (guint16, width * height);

  for (gint64 i = 0; i < width * height; i++)
    {
      double x = (double)(i % width) / width, y = (double)(i / width) / height;
      double p = 0.55 + 0.5 * sin (17 * x * x + 9 * y) * sin (23 * y - 4 * x);

      if (x < 0.66)
        cells[i] = ax_prob_quantize (p);
    }
  ax_prob_map_write (map, (AxCellRect){ 0, 0, width, height }, cells, NULL);
  return map;
}

static void
on_clicked (AxSlideView *view, AxPoint0 *point, double x, double y, Demo *demo)
{
  const AxLesion *lesion
      = ax_lesion_layer_pick (demo->lesions, demo->viewport, x, y);
  guint id = lesion != NULL ? lesion->id : 0;

  ax_lesion_layer_set_selected (demo->lesions, id);
  ax_mini_map_set_selected (demo->mini_map, id);
}

static gboolean
on_key (GtkEventControllerKey *controller, guint key, guint code,
        GdkModifierType state, Demo *demo)
{
  AxLayer *layer = key == GDK_KEY_F12 ? demo->times
                   : key == GDK_KEY_g ? demo->grid
                                      : NULL;

  if (key == GDK_KEY_q)
    g_application_quit (g_application_get_default ());
  if (layer != NULL)
    ax_layer_set_visible (layer, !ax_layer_get_visible (layer));
  return layer != NULL;
}

static void
show_map (Demo *demo, AxProbMap *map)
{
  AxLesionParams params = AX_LESION_PARAMS_DEFAULT;
  g_autoptr (AxLesionSet) set
      = ax_lesion_set_extract (map, &params, NULL, NULL);

  ax_heatmap_layer_set_map (demo->heatmap, map);
  ax_lesion_layer_set_lesions (demo->lesions, set);
  ax_mini_map_set_lesions (demo->mini_map, set);
}

static AxRect0
show_slide (Demo *demo)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AxSlide) slide = ax_slide_open (demo->slide_path, &error);
  g_autoptr (AxTileCache) cache = NULL;
  g_autoptr (AxTissue) tissue = NULL;

  if (slide == NULL)
    g_error ("%s", error->message);
  cache = ax_tile_cache_new (slide, 64 << 20);
  tissue = ax_tissue_new_full (slide);
  ax_slide_get_mpp (slide, &demo->mpp);
  ax_tile_layer_set_tiles (demo->tiles, cache);
  ax_heatmap_layer_set_pending (demo->heatmap, tissue);
  return ax_slide_get_extent (slide);
}

static GtkWidget *
build_view (Demo *demo)
{
  GtkWidget *view = ax_slide_view_new (demo->viewport);
  GtkWidget *overlay = gtk_overlay_new ();
  GtkWidget *mini_map = ax_mini_map_new (demo->viewport, demo->tiles);
  GtkEventController *keys = gtk_event_controller_key_new ();
  AxLayer *layers[] = {
    AX_LAYER (demo->tiles),
    AX_LAYER (demo->heatmap),
    AX_LAYER (demo->lesions),
    AX_LAYER (ax_scale_bar_new ()),
    demo->grid,
    demo->times,
  };

  for (guint i = 0; i < G_N_ELEMENTS (layers); i++)
    ax_slide_view_add_layer (AX_SLIDE_VIEW (view), layers[i]);
  ax_slide_view_set_frames (AX_SLIDE_VIEW (view), demo->frames);
  g_signal_connect (view, "clicked", G_CALLBACK (on_clicked), demo);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (on_key), demo);
  gtk_widget_add_controller (view, keys);
  demo->mini_map = AX_MINI_MAP (mini_map);
  gtk_overlay_set_child (GTK_OVERLAY (overlay), view);
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), mini_map);
  return overlay;
}

static void
on_activate (GtkApplication *app, Demo *demo)
{
  GtkWidget *window = gtk_application_window_new (app);
  g_autoptr (AxProbMap) map = NULL;
  AxRect0 extent = { 0 };

  demo->viewport = ax_viewport_new ();
  demo->tiles = ax_tile_layer_new ();
  demo->heatmap = ax_heatmap_layer_new ();
  demo->lesions = ax_lesion_layer_new ();
  demo->grid = AX_LAYER (ax_grid_layer_new (demo->tiles));
  demo->times = AX_LAYER (ax_frames_layer_new (demo->frames));
  demo->mpp = (AxScale){ MPP, MPP };
  gtk_window_set_child (GTK_WINDOW (window), build_view (demo));

  if (!g_str_equal (demo->slide_path, "-"))
    extent = show_slide (demo);
  map = demo->map_path != NULL ? load_map (demo->map_path)
                               : make_map (extent, demo->mpp);
  show_map (demo, map);
  if (ax_rect0_is_empty (extent))
    extent = ax_prob_map_cells_to_rect (
        map, (AxCellRect){ 0, 0, ax_prob_map_get_geometry (map)->width,
                           ax_prob_map_get_geometry (map)->height });
  ax_viewport_set_slide (demo->viewport, extent, extent, demo->mpp);
  gtk_window_set_default_size (GTK_WINDOW (window), 1600, 1000);
  gtk_window_present (GTK_WINDOW (window));
}

int
main (int argc, char **argv)
{
  g_autoptr (GtkApplication) app
      = gtk_application_new (NULL, G_APPLICATION_NON_UNIQUE);
  g_autofree char *json = NULL;
  Demo demo = { 0 };
  int status;

  if (argc < 2)
    {
      g_printerr ("usage: view-demo SLIDE|- [MAP.jpg]\n");
      return 2;
    }
  demo.slide_path = argv[1];
  demo.map_path = argc > 2 ? argv[2] : NULL;
  demo.frames = ax_frames_new ();
  ax_frames_watch_main_loop (demo.frames);
  g_signal_connect (app, "activate", G_CALLBACK (on_activate), &demo);
  status = g_application_run (G_APPLICATION (app), 1, argv);
  json = ax_frames_to_json (demo.frames);
  g_print ("%s\n", json);
  ax_frames_free (demo.frames);
  return status;
}
