#pragma once

#include "ui/session.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * AxBanner: one message over the slide, with at most one thing to do about it,
 * until it is closed or another comes.  Information leaves by itself; trouble
 * stays, above the next one.
 *
 * Signal "acted": the button was pressed.  Thread: main.
 */
#define AX_TYPE_BANNER (ax_banner_get_type ())
G_DECLARE_FINAL_TYPE (AxBanner, ax_banner, AX, BANNER, GtkBox)

GtkWidget *ax_banner_new (void);

/** @action: (nullable): what the button says; none without it. */
void ax_banner_show (AxBanner *self, AxMessageKind kind, const char *text,
                     const char *action);
void ax_banner_hide (AxBanner *self);

G_END_DECLS
