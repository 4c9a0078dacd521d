#include "ui/slide-stage.h"

#include "core/base/trace.h"
#include "ui/annotation-layer.h"
#include "ui/frames-layer.h"
#include "ui/grid-layer.h"
#include "ui/heatmap-layer.h"
#include "ui/lesion-card.h"
#include "ui/lesion-layer.h"
#include "ui/mini-map.h"
#include "ui/scale-bar.h"
#include "ui/slide-view.h"
#include "ui/tile-layer.h"

#include <glib/gi18n.h>
#include <math.h>

static const double lesion_magnifications[] = { 5.0, 20.0, 40.0 };

struct _AxSlideStage
{
  GtkWidget parent_instance;

  AxSession *session;
  AxFrames *frames;
  GtkWidget *overlay, *view, *mini_map, *magnification;
  GtkWidget *popover, *popover_text;
  AxTileLayer *tiles;
  AxHeatmapLayer *heatmap;
  AxLesionLayer *lesions;
  AxAnnotationLayer *annotations;
  AxLayer *grid, *frames_layer;
  gboolean is_peeking;
  guint last_visited; /* lesion id */
  guint n_visits;     /* of it, in a row */
};

enum
{
  POINTER,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (AxSlideStage, ax_slide_stage, GTK_TYPE_WIDGET)

static void
update_overlay (AxSlideStage *self)
{
  gboolean is_visible;
  double opacity;
  int color_map, fill;

  g_object_get (self->session, "overlay-visible", &is_visible,
                "overlay-opacity", &opacity, "color-map", &color_map, "fill",
                &fill, NULL);
  is_visible = is_visible && !self->is_peeking;
  ax_layer_set_visible (AX_LAYER (self->heatmap), is_visible);
  ax_layer_set_visible (AX_LAYER (self->lesions), is_visible);
  ax_layer_set_visible (AX_LAYER (self->annotations), !self->is_peeking);
  ax_heatmap_layer_set_opacity (self->heatmap, opacity);
  ax_heatmap_layer_set_color_map (self->heatmap, color_map);
  ax_heatmap_layer_set_fill (self->heatmap, fill);
}

static void
update_threshold (AxSlideStage *self)
{
  ax_heatmap_layer_set_threshold (self->heatmap,
                                  ax_session_get_threshold (self->session));
}

static void
update_pending (AxSlideStage *self)
{
  AxSessionState state = ax_session_get_state (self->session);
  gboolean is_pending = state == AX_SESSION_SCANNING
                        || state == AX_SESSION_PAUSED
                        || state == AX_SESSION_FAILED;

  ax_heatmap_layer_set_pending (
      self->heatmap, is_pending ? ax_session_get_tissue (self->session) : NULL);
}

static void
update_selected (AxSlideStage *self)
{
  guint id;

  g_object_get (self->session, "selected", &id, NULL);
  ax_lesion_layer_set_selected (self->lesions, id);
  ax_mini_map_set_selected (AX_MINI_MAP (self->mini_map), id);
  if (id == 0)
    gtk_popover_popdown (GTK_POPOVER (self->popover));
}

static void
update_magnification (AxSlideStage *self)
{
  double magnification
      = ax_viewport_get_magnification (ax_session_get_viewport (self->session));
  g_autofree char *text = NULL;

  if (ax_session_get_slide (self->session) == NULL)
    text = g_strdup ("");
  else if (magnification <= 0)
    text = g_strdup (_ ("magnification unknown"));
  else
    text = g_strdup_printf (magnification < 1      ? "%.2f×"
                            : magnification < 9.95 ? "%.1f×"
                                                   : "%.0f×",
                            magnification);
  gtk_label_set_text (GTK_LABEL (self->magnification), text);
}

static void
on_viewport_changed (AxViewport *viewport, AxSlideStage *self)
{
  update_magnification (self);
  gtk_popover_popdown (GTK_POPOVER (self->popover));
}

static void
on_slide_changed (AxSession *session, AxSlideStage *self)
{
  ax_tile_layer_set_tiles (self->tiles, ax_session_get_tiles (session));
  self->last_visited = 0;
  update_magnification (self);
}

static void
on_detection_changed (AxSession *session, AxSlideStage *self)
{
  ax_heatmap_layer_set_map (self->heatmap, ax_session_get_map (session));
  update_pending (self);
}

static void
on_map_changed (AxSession *session, AxRect0 *rect, AxSlideStage *self)
{
  ax_heatmap_layer_update (self->heatmap, *rect);
}

static void
on_lesions_changed (AxSession *session, AxSlideStage *self)
{
  AxLesionSet *lesions = ax_session_get_lesions (session);

  ax_lesion_layer_set_lesions (self->lesions, lesions);
  ax_mini_map_set_lesions (AX_MINI_MAP (self->mini_map), lesions);
}

static void
on_annotations_changed (AxSession *session, AxSlideStage *self)
{
  ax_annotation_layer_set_annotations (self->annotations,
                                       ax_session_get_annotations (session));
}

static void
pop_up (AxSlideStage *self, const AxLesion *lesion, double x, double y)
{
  g_autofree char *title = ax_lesion_card_title (lesion);
  g_autofree char *size = ax_lesion_describe_size (lesion);
  g_autofree char *text
      = g_strdup_printf (_ ("%s\n%s, score %.2f"), title, size, lesion->score);

  gtk_label_set_text (GTK_LABEL (self->popover_text), text);
  gtk_popover_set_pointing_to (GTK_POPOVER (self->popover),
                               &(GdkRectangle){ (int)x, (int)y, 1, 1 });
  gtk_popover_popup (GTK_POPOVER (self->popover));
}

static void
on_clicked (AxSlideView *view, AxPoint0 *point, double x, double y,
            AxSlideStage *self)
{
  const AxLesion *lesion
      = ax_layer_get_visible (AX_LAYER (self->lesions)) ? ax_lesion_layer_pick (
            self->lesions, ax_session_get_viewport (self->session), x, y)
                                                        : NULL;

  ax_session_select (self->session, lesion != NULL ? lesion->id : 0);
  if (lesion != NULL)
    pop_up (self, lesion, x, y);
}

static void
on_pointer (AxSlideView *view, AxPoint0 *point, AxSlideStage *self)
{
  g_signal_emit (self, signals[POINTER], 0, point);
}

void
ax_slide_stage_go_to_selected (AxSlideStage *self)
{
  const AxLesion *lesion = ax_session_get_selected (self->session);
  AxViewport *viewport = ax_session_get_viewport (self->session);
  guint visit;

  g_return_if_fail (AX_IS_SLIDE_STAGE (self));
  if (lesion == NULL)
    return;
  self->n_visits = lesion->id == self->last_visited ? self->n_visits + 1 : 0;
  self->last_visited = lesion->id;
  visit = self->n_visits % G_N_ELEMENTS (lesion_magnifications);
  ax_slide_view_stop (AX_SLIDE_VIEW (self->view));
  if (visit == 0)
    ax_viewport_show (
        viewport, lesion->bbox,
        ax_viewport_zoom_of_magnification (viewport, lesion_magnifications[0]));
  else
    ax_viewport_set (viewport, lesion->hottest,
                     ax_viewport_zoom_of_magnification (
                         viewport, lesion_magnifications[visit]));
}

void
ax_slide_stage_set_peeking (AxSlideStage *self, gboolean is_peeking)
{
  g_return_if_fail (AX_IS_SLIDE_STAGE (self));
  self->is_peeking = is_peeking;
  update_overlay (self);
}

void
ax_slide_stage_toggle_grid (AxSlideStage *self)
{
  ax_layer_set_visible (self->grid, !ax_layer_get_visible (self->grid));
}

void
ax_slide_stage_toggle_frames (AxSlideStage *self)
{
  ax_layer_set_visible (self->frames_layer,
                        !ax_layer_get_visible (self->frames_layer));
}

void
ax_slide_stage_retry_tiles (AxSlideStage *self)
{
  ax_tile_layer_retry (self->tiles);
}

gsize
ax_slide_stage_get_bytes (AxSlideStage *self)
{
  return ax_tile_layer_get_bytes (self->tiles);
}

static void
add_layers (AxSlideStage *self)
{
  AxSlideView *view = AX_SLIDE_VIEW (self->view);

  self->tiles = ax_tile_layer_new ();
  self->heatmap = ax_heatmap_layer_new ();
  self->annotations = ax_annotation_layer_new ();
  self->lesions = ax_lesion_layer_new ();
  self->grid = AX_LAYER (ax_grid_layer_new (self->tiles));
  self->frames_layer = AX_LAYER (ax_frames_layer_new (self->frames));
  ax_slide_view_add_layer (view, AX_LAYER (self->tiles));
  ax_slide_view_add_layer (view, AX_LAYER (self->heatmap));
  ax_slide_view_add_layer (view, AX_LAYER (self->annotations));
  ax_slide_view_add_layer (view, AX_LAYER (self->lesions));
  ax_slide_view_add_layer (view, self->grid);
  ax_slide_view_add_layer (view, self->frames_layer);
}

static gboolean
on_child_position (GtkOverlay *overlay, GtkWidget *child, GdkRectangle *place,
                   AxSlideStage *self)
{
  if (child != self->mini_map)
    return FALSE;
  ax_mini_map_fit (AX_MINI_MAP (child),
                   gtk_widget_get_width (GTK_WIDGET (overlay)),
                   gtk_widget_get_height (GTK_WIDGET (overlay)), place);
  return TRUE;
}

static void
add_corners (AxSlideStage *self)
{
  GtkWidget *notice
      = gtk_label_new (_ ("Research use only. Not for diagnosis."));
  AxScaleBar *bar = ax_scale_bar_new ();
  GtkWidget *corner;

  ax_slide_view_add_layer (AX_SLIDE_VIEW (self->view), AX_LAYER (bar));
  g_object_unref (bar);
  self->mini_map
      = ax_mini_map_new (ax_session_get_viewport (self->session), self->tiles);
  g_signal_connect (self->overlay, "get-child-position",
                    G_CALLBACK (on_child_position), self);
  gtk_overlay_add_overlay (GTK_OVERLAY (self->overlay), self->mini_map);
  self->magnification = gtk_label_new (NULL);
  gtk_widget_add_css_class (self->magnification, "plate");
  gtk_widget_add_css_class (self->magnification, "numeric");
  gtk_widget_set_halign (self->magnification, GTK_ALIGN_END);
  gtk_widget_add_css_class (notice, "plate");
  /* One above the other: beside each other they would meet the scale bar. */
  corner = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_box_append (GTK_BOX (corner), self->magnification);
  gtk_box_append (GTK_BOX (corner), notice);
  gtk_widget_add_css_class (corner, "plates");
  gtk_widget_set_can_target (corner, FALSE);
  gtk_widget_set_halign (corner, GTK_ALIGN_END);
  gtk_widget_set_valign (corner, GTK_ALIGN_END);
  gtk_overlay_add_overlay (GTK_OVERLAY (self->overlay), corner);
}

static void
add_popover (AxSlideStage *self)
{
  self->popover_text = gtk_label_new (NULL);
  self->popover = gtk_popover_new ();
  gtk_popover_set_child (GTK_POPOVER (self->popover), self->popover_text);
  gtk_popover_set_autohide (GTK_POPOVER (self->popover), FALSE);
  gtk_widget_set_can_focus (self->popover, FALSE);
  gtk_widget_set_parent (self->popover, self->view);
}

static void
follow_session (AxSlideStage *self)
{
  AxSession *session = self->session;
  static const char *const overlay_props[]
      = { "notify::overlay-visible", "notify::overlay-opacity",
          "notify::color-map", "notify::fill" };

  g_signal_connect (session, "slide-changed", G_CALLBACK (on_slide_changed),
                    self);
  g_signal_connect (session, "detection-changed",
                    G_CALLBACK (on_detection_changed), self);
  g_signal_connect (session, "map-changed", G_CALLBACK (on_map_changed), self);
  g_signal_connect (session, "lesions-changed", G_CALLBACK (on_lesions_changed),
                    self);
  g_signal_connect (session, "annotations-changed",
                    G_CALLBACK (on_annotations_changed), self);
  g_signal_connect_swapped (session, "notify::state",
                            G_CALLBACK (update_pending), self);
  g_signal_connect_swapped (session, "notify::threshold",
                            G_CALLBACK (update_threshold), self);
  g_signal_connect_swapped (session, "notify::selected",
                            G_CALLBACK (update_selected), self);
  for (gsize i = 0; i < G_N_ELEMENTS (overlay_props); i++)
    g_signal_connect_swapped (session, overlay_props[i],
                              G_CALLBACK (update_overlay), self);
  g_signal_connect (ax_session_get_viewport (session), "changed",
                    G_CALLBACK (on_viewport_changed), self);
}

static void
print_frames (AxFrames *frames)
{
  g_autofree char *json = ax_frames_to_json (frames);

  ax_trace (AX_TRACE_FRAMES, "frames: %s", json);
}

static void
ax_slide_stage_dispose (GObject *object)
{
  AxSlideStage *self = AX_SLIDE_STAGE (object);

  if (self->session != NULL)
    {
      g_signal_handlers_disconnect_by_data (
          ax_session_get_viewport (self->session), self);
      g_signal_handlers_disconnect_by_data (self->session, self);
      print_frames (self->frames);
    }
  g_clear_object (&self->session);
  g_clear_pointer (&self->popover, gtk_widget_unparent);
  g_clear_pointer (&self->overlay, gtk_widget_unparent);
  g_clear_object (&self->tiles);
  g_clear_object (&self->heatmap);
  g_clear_object (&self->lesions);
  g_clear_object (&self->annotations);
  g_clear_object (&self->grid);
  g_clear_object (&self->frames_layer);
  G_OBJECT_CLASS (ax_slide_stage_parent_class)->dispose (object);
}

static void
ax_slide_stage_finalize (GObject *object)
{
  ax_frames_free (AX_SLIDE_STAGE (object)->frames);
  G_OBJECT_CLASS (ax_slide_stage_parent_class)->finalize (object);
}

static gboolean
ax_slide_stage_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (AX_SLIDE_STAGE (widget)->view);
}

static void
ax_slide_stage_class_init (AxSlideStageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ax_slide_stage_dispose;
  G_OBJECT_CLASS (klass)->finalize = ax_slide_stage_finalize;
  widget_class->grab_focus = ax_slide_stage_grab_focus;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  signals[POINTER]
      = g_signal_new ("pointer", AX_TYPE_SLIDE_STAGE, G_SIGNAL_RUN_LAST, 0,
                      NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
}

static void
ax_slide_stage_init (AxSlideStage *self)
{
}

GtkWidget *
ax_slide_stage_new (AxSession *session)
{
  AxSlideStage *self = g_object_new (AX_TYPE_SLIDE_STAGE, NULL);

  self->session = g_object_ref (session);
  self->frames = ax_frames_new ();
  if (ax_trace_enabled (AX_TRACE_FRAMES))
    ax_frames_watch_main_loop (self->frames);
  self->view = ax_slide_view_new (ax_session_get_viewport (session));
  ax_slide_view_set_frames (AX_SLIDE_VIEW (self->view), self->frames);
  g_signal_connect (self->view, "clicked", G_CALLBACK (on_clicked), self);
  g_signal_connect (self->view, "pointer", G_CALLBACK (on_pointer), self);
  self->overlay = gtk_overlay_new ();
  gtk_overlay_set_child (GTK_OVERLAY (self->overlay), self->view);
  gtk_widget_set_parent (self->overlay, GTK_WIDGET (self));
  add_layers (self);
  add_corners (self);
  add_popover (self);
  follow_session (self);
  on_slide_changed (session, self);
  on_detection_changed (session, self);
  on_lesions_changed (session, self);
  on_annotations_changed (session, self);
  update_threshold (self);
  update_overlay (self);
  return GTK_WIDGET (self);
}
