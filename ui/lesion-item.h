#pragma once

#include "core/detect/lesion.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * AxLesionItem: a lesion of a set as a row of a list model; keeps the set.
 *
 * Thread: main.
 */
#define AX_TYPE_LESION_ITEM (ax_lesion_item_get_type ())
G_DECLARE_FINAL_TYPE (AxLesionItem, ax_lesion_item, AX, LESION_ITEM, GObject)

AxLesionItem *ax_lesion_item_new (AxLesionSet *set, guint index);
const AxLesion *ax_lesion_item_get_lesion (AxLesionItem *self);

/**
 * Goes over to the lesion of another set, if a row would say the same of it;
 * FALSE when not.
 */
gboolean ax_lesion_item_follow (AxLesionItem *self, AxLesionSet *set,
                                guint index);

/** (transfer none): "macro", "micro", "ITC" or "?" as shown to people. */
const char *ax_lesion_item_get_class_text (AxLesionItem *self);

G_END_DECLS
