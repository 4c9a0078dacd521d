#include "ui/frames-layer.h"

#include "core/base/parse.h"
#include "ui/ink.h"

#define MARGIN 18.0
#define BAR_PX 2.0
#define GRAPH_PX 60.0
#define PX_PER_MS 2.0
#define FRAME_MS 16.0
#define PLATE 0x16181D
#define GOOD 0x56B4E9
#define SLOW 0xE69F00

struct _AxFramesLayer
{
  AxLayer parent_instance;

  AxFrames *frames; /* (unowned) */
};

G_DEFINE_FINAL_TYPE (AxFramesLayer, ax_frames_layer, AX_TYPE_LAYER)

static char *
describe (const char *name, const AxFrameTimes *times)
{
  char p50[AX_FORMAT_BUFFER], p99[AX_FORMAT_BUFFER], max[AX_FORMAT_BUFFER];

  return g_strdup_printf ("%s  p50 %s  p99 %s  max %s ms", name,
                          ax_format_decimal (p50, times->p50_ms, 1),
                          ax_format_decimal (p99, times->p99_ms, 1),
                          ax_format_decimal (max, times->max_ms, 1));
}

/* A bar for each snapshot, and a line where the next frame would be late. */
static void
paint_graph (cairo_t *cr, AxFrames *frames)
{
  float recent_ms[AX_FRAMES_RECENT];
  guint n = ax_frames_get_recent (frames, recent_ms);

  cairo_rectangle (cr, MARGIN, MARGIN, AX_FRAMES_RECENT * BAR_PX, GRAPH_PX);
  ax_ink_set_color (cr, PLATE, 0.82);
  cairo_fill (cr);
  for (guint i = 0; i < n; i++)
    {
      double height = MIN (recent_ms[i] * PX_PER_MS, GRAPH_PX);

      ax_ink_set_color (cr, recent_ms[i] > FRAME_MS ? SLOW : GOOD, 1);
      cairo_rectangle (cr, MARGIN + i * BAR_PX, MARGIN + GRAPH_PX - height,
                       BAR_PX, height);
      cairo_fill (cr);
    }
  ax_ink_set_color (cr, SLOW, 0.8);
  cairo_rectangle (cr, MARGIN, MARGIN + GRAPH_PX - FRAME_MS * PX_PER_MS,
                   AX_FRAMES_RECENT * BAR_PX, 1);
  cairo_fill (cr);
}

static void
paint_times (cairo_t *cr, AxFrames *frames)
{
  AxFrameTimes iterations, snapshots;
  g_autofree char *loop = NULL;
  g_autofree char *drawing = NULL;
  double width, height, y = MARGIN + GRAPH_PX;

  ax_frames_get (frames, AX_FRAME_PHASE_ITERATION, &iterations);
  ax_frames_get (frames, AX_FRAME_PHASE_SNAPSHOT, &snapshots);
  loop = describe ("Main loop", &iterations);
  drawing = describe ("Snapshot", &snapshots);
  ax_ink_measure_label (loop, &width, &height);
  ax_ink_label (cr, loop, MARGIN, y + height, AX_INK_LEFT);
  ax_ink_label (cr, drawing, MARGIN, y + 2.2 * height, AX_INK_LEFT);
}

static void
ax_frames_layer_draw (AxLayer *layer, cairo_t *cr, AxViewport *viewport,
                      double device_scale)
{
  AxFramesLayer *self = AX_FRAMES_LAYER (layer);

  paint_graph (cr, self->frames);
  paint_times (cr, self->frames);
}

static void
ax_frames_layer_class_init (AxFramesLayerClass *klass)
{
  AX_LAYER_CLASS (klass)->draw = ax_frames_layer_draw;
}

static void
ax_frames_layer_init (AxFramesLayer *self)
{
  ax_layer_set_visible (AX_LAYER (self), FALSE);
}

AxFramesLayer *
ax_frames_layer_new (AxFrames *frames)
{
  AxFramesLayer *self;

  g_return_val_if_fail (frames != NULL, NULL);

  self = g_object_new (AX_TYPE_FRAMES_LAYER, NULL);
  self->frames = frames;
  return self;
}
