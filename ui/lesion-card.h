#pragma once

#include "ui/session.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * AxLesionCard:
 *
 * What is known of the selected lesion: a picture of it, size class, diameter
 * with its interval, score and area, and a word of caution where the interval
 * spans two classes.  Hidden while nothing is selected.
 *
 * Thread: main.
 */
#define AX_TYPE_LESION_CARD (ax_lesion_card_get_type ())
G_DECLARE_FINAL_TYPE (AxLesionCard, ax_lesion_card, AX, LESION_CARD, GtkWidget)

GtkWidget *ax_lesion_card_new (AxSession *session);

/** (transfer full): "Lesion 3: micro" and the like, for headings. */
char *ax_lesion_card_title (const AxLesion *lesion);

/** (transfer full): size, score and area in a few lines. */
char *ax_lesion_card_describe (const AxLesion *lesion);

G_END_DECLS
