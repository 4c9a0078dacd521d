#include "ui/lesion-card.h"

#include "ui/lesion-layer.h"
#include "ui/slide-view.h"
#include "ui/tile-layer.h"

#include <glib/gi18n.h>

#define PICTURE_HEIGHT 150

struct _AxLesionCard
{
  GtkWidget parent_instance;

  AxSession *session;
  GtkWidget *box, *title, *text;
  AxViewport *viewport; /* of the picture */
  double width, height; /* of the picture, when last it was filled */
  AxTileLayer *tiles;
  AxLesionLayer *outline;
};

G_DEFINE_FINAL_TYPE (AxLesionCard, ax_lesion_card, GTK_TYPE_WIDGET)

static const char *
class_words (AxSizeClass size_class)
{
  switch (size_class)
    {
    case AX_SIZE_MACRO:
      return _ ("macrometastasis");
    case AX_SIZE_MICRO:
      return _ ("micrometastasis");
    case AX_SIZE_ITC:
      return _ ("isolated tumour cells");
    default:
      return _ ("no size class without µm/px");
    }
}

char *
ax_lesion_card_title (const AxLesion *lesion)
{
  return g_strdup_printf (_ ("Lesion %u: %s"), lesion->id,
                          class_words (lesion->size_class));
}

char *
ax_lesion_card_describe (const AxLesion *lesion)
{
  g_autofree char *size = ax_lesion_describe_size (lesion);
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, _ ("Diameter %s\n"), size);
  g_string_append_printf (text, _ ("Score %.3f, mean %.3f"), lesion->score,
                          lesion->mean);
  if (lesion->area_um2 > 0)
    g_string_append_printf (text, _ ("\nArea %.3f mm²"),
                            lesion->area_um2 * 1e-6);
  return g_string_free (text, FALSE);
}

static void
show_picture (AxLesionCard *self, const AxLesion *lesion)
{
  AxScale mpp = { 0 };
  double most;

  ax_session_get_mpp (self->session, &mpp);
  most = mpp.x > 0 ? mpp.x / 0.5 : 0.5;
  ax_viewport_show (self->viewport, lesion->bbox, most);
}

/* The picture has its size only once it was shown. */
static void
on_picture_changed (AxViewport *viewport, AxLesionCard *self)
{
  const AxLesion *lesion = ax_session_get_selected (self->session);
  double width, height;

  ax_viewport_get_size (viewport, &width, &height);
  if (lesion == NULL || (width == self->width && height == self->height))
    return;
  self->width = width;
  self->height = height;
  show_picture (self, lesion);
}

static void
update (AxLesionCard *self)
{
  const AxLesion *lesion = ax_session_get_selected (self->session);
  g_autofree char *title = NULL;
  g_autofree char *text = NULL;

  gtk_widget_set_visible (GTK_WIDGET (self), lesion != NULL);
  ax_lesion_layer_set_lesions (self->outline,
                               ax_session_get_lesions (self->session));
  if (lesion == NULL)
    return;
  title = ax_lesion_card_title (lesion);
  text = ax_lesion_card_describe (lesion);
  gtk_label_set_text (GTK_LABEL (self->title), title);
  gtk_label_set_text (GTK_LABEL (self->text), text);
  ax_lesion_layer_set_selected (self->outline, lesion->id);
  show_picture (self, lesion);
}

static void
on_slide_changed (AxSession *session, AxLesionCard *self)
{
  AxSlide *slide = ax_session_get_slide (session);
  AxScale mpp = { 0 };

  ax_tile_layer_set_tiles (self->tiles, ax_session_get_tiles (session));
  if (slide == NULL)
    return;
  ax_session_get_mpp (session, &mpp);
  ax_viewport_set_slide (self->viewport, ax_slide_get_extent (slide),
                         ax_slide_get_bounds (slide), mpp);
}

static GtkWidget *
add_label (AxLesionCard *self, const char *css_class)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0.0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_widget_set_focusable (label, FALSE);
  gtk_widget_add_css_class (label, css_class);
  gtk_box_append (GTK_BOX (self->box), label);
  return label;
}

static void
add_picture (AxLesionCard *self)
{
  GtkWidget *view;

  self->viewport = ax_viewport_new ();
  self->tiles = ax_tile_layer_new ();
  self->outline = ax_lesion_layer_new ();
  view = ax_slide_view_new (self->viewport);
  ax_slide_view_add_layer (AX_SLIDE_VIEW (view), AX_LAYER (self->tiles));
  ax_slide_view_add_layer (AX_SLIDE_VIEW (view), AX_LAYER (self->outline));
  gtk_widget_set_size_request (view, -1, PICTURE_HEIGHT);
  /* A picture, not another way to move the slide. */
  gtk_widget_set_can_target (view, FALSE);
  gtk_widget_set_focusable (view, FALSE);
  gtk_box_append (GTK_BOX (self->box), view);
}

static void
ax_lesion_card_dispose (GObject *object)
{
  AxLesionCard *self = AX_LESION_CARD (object);

  if (self->session != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->session, self);
      g_signal_handlers_disconnect_by_data (self->viewport, self);
    }
  g_clear_object (&self->session);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->outline);
  g_clear_object (&self->tiles);
  g_clear_object (&self->viewport);
  G_OBJECT_CLASS (ax_lesion_card_parent_class)->dispose (object);
}

static void
ax_lesion_card_class_init (AxLesionCardClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ax_lesion_card_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "lesioncard");
}

static void
ax_lesion_card_init (AxLesionCard *self)
{
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  self->title = add_label (self, "heading");
  add_picture (self);
  self->text = add_label (self, "numeric");
}

GtkWidget *
ax_lesion_card_new (AxSession *session)
{
  AxLesionCard *self = g_object_new (AX_TYPE_LESION_CARD, NULL);

  self->session = g_object_ref (session);
  g_signal_connect (session, "slide-changed", G_CALLBACK (on_slide_changed),
                    self);
  g_signal_connect_swapped (session, "notify::selected", G_CALLBACK (update),
                            self);
  g_signal_connect_swapped (session, "lesions-changed", G_CALLBACK (update),
                            self);
  g_signal_connect (self->viewport, "changed", G_CALLBACK (on_picture_changed),
                    self);
  on_slide_changed (session, self);
  update (self);
  return GTK_WIDGET (self);
}
