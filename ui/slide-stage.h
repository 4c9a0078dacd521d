#pragma once

#include "ui/session.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * AxSlideStage:
 *
 * The slide view of a session with everything that lies over it: layers in
 * their order, mini-map, scale bar, magnification, the research-use line, and
 * the popover of a clicked lesion.
 *
 * Signal "pointer" (AxPoint0 *): see AxSlideView.  Thread: main.
 */
#define AX_TYPE_SLIDE_STAGE (ax_slide_stage_get_type ())
G_DECLARE_FINAL_TYPE (AxSlideStage, ax_slide_stage, AX, SLIDE_STAGE, GtkWidget)

GtkWidget *ax_slide_stage_new (AxSession *session);

/** Brings the selected lesion into view at 5x; asked again for the same one,
 * goes to 20x and 40x on its hottest cell. */
void ax_slide_stage_go_to_selected (AxSlideStage *self);
/** Hides the overlay while held, whatever the session says. */
void ax_slide_stage_set_peeking (AxSlideStage *self, gboolean is_peeking);
void ax_slide_stage_toggle_grid (AxSlideStage *self);
void ax_slide_stage_toggle_frames (AxSlideStage *self);
void ax_slide_stage_retry_tiles (AxSlideStage *self);
/** Bytes of pictures held for drawing. */
gsize ax_slide_stage_get_bytes (AxSlideStage *self);

G_END_DECLS
