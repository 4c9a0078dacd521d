#include "ui/lesion-item.h"

#include <glib/gi18n.h>

#include <string.h>

struct _AxLesionItem
{
  GObject parent_instance;

  AxLesionSet *set;
  const AxLesion *lesion;
};

G_DEFINE_FINAL_TYPE (AxLesionItem, ax_lesion_item, G_TYPE_OBJECT)

static void
ax_lesion_item_finalize (GObject *object)
{
  ax_lesion_set_unref (AX_LESION_ITEM (object)->set);
  G_OBJECT_CLASS (ax_lesion_item_parent_class)->finalize (object);
}

static void
ax_lesion_item_class_init (AxLesionItemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ax_lesion_item_finalize;
}

static void
ax_lesion_item_init (AxLesionItem *self)
{
}

AxLesionItem *
ax_lesion_item_new (AxLesionSet *set, guint index)
{
  AxLesionItem *self = g_object_new (AX_TYPE_LESION_ITEM, NULL);

  self->set = ax_lesion_set_ref (set);
  self->lesion = ax_lesion_set_get (set, index);
  return self;
}

static gboolean
looks_same (const AxLesion *a, const AxLesion *b)
{
  return a->id == b->id && a->size_class == b->size_class
         && a->n_cells == b->n_cells && a->area_um2 == b->area_um2
         && a->diameter_px == b->diameter_px && a->diameter_um == b->diameter_um
         && memcmp (a->interval_um, b->interval_um, sizeof a->interval_um) == 0
         && a->score == b->score;
}

gboolean
ax_lesion_item_follow (AxLesionItem *self, AxLesionSet *set, guint index)
{
  const AxLesion *lesion = ax_lesion_set_get (set, index);

  g_return_val_if_fail (AX_IS_LESION_ITEM (self), FALSE);
  if (!looks_same (self->lesion, lesion))
    return FALSE;
  ax_lesion_set_ref (set);
  ax_lesion_set_unref (self->set);
  self->set = set;
  self->lesion = lesion;
  return TRUE;
}

const AxLesion *
ax_lesion_item_get_lesion (AxLesionItem *self)
{
  g_return_val_if_fail (AX_IS_LESION_ITEM (self), NULL);
  return self->lesion;
}

const char *
ax_lesion_item_get_class_text (AxLesionItem *self)
{
  g_return_val_if_fail (AX_IS_LESION_ITEM (self), NULL);
  switch (self->lesion->size_class)
    {
    case AX_SIZE_MACRO:
      return _ ("macro");
    case AX_SIZE_MICRO:
      return _ ("micro");
    case AX_SIZE_ITC:
      return _ ("ITC");
    default:
      return "?";
    }
}
