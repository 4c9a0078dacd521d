#pragma once

#include "ui/detection.h"
#include "ui/extractor.h"
#include "ui/history.h"
#include "ui/session.h"

G_BEGIN_DECLS

/*
 * What session.c (properties, the user's settings), session-work.c (slide,
 * detection, lesions) and session-files.c (annotations in, results out) share.
 */
struct _AxSession
{
  GObject parent_instance;

  AxStore *store; /* (nullable) */
  AxViewport *viewport;
  AxSessionState state;
  char *model_name, *engine_name;
  AxMapKind map_kind; /* wanted */

  /* the slide to come; all NULL when there is none */
  GCancellable *opening;
  char *opening_path;
  gboolean detect_when_open;

  /* the slide; all NULL when there is none */
  GCancellable *slide_work; /* cancelled when the slide is let go */
  AxSlide *slide;
  AxTileCache *tiles;
  AxScale mpp; /* zero when unknown */
  char *title, *sidecar;
  AxAnnotationSet *annotations;

  /* the detection */
  GCancellable *preparing;
  AxDetection *detection;
  gboolean start_when_ready;
  const char *fault_told; /* (nullable): the scan's engine fault, when told */
  guint extract_timeout;
  AxExtractor *extractor;
  AxLesionSet *lesions;
  gboolean is_whole;

  /* what the user settled */
  AxLesionParams params;
  AxHistory *history;
  double threshold_before; /* of a change under way; negative when none */
  gint64 nudged_us; /* when the history's last change was nudged; else 0 */
  guint selected;
  gboolean overlay_visible;
  double overlay_opacity;
  AxColorMap color_map;
  AxFill fill;
};

enum
{
  PROP_STATE = 1,
  PROP_TITLE,
  PROP_MPP_MISSING,
  PROP_MODEL_NAME,
  PROP_ENGINE_NAME,
  PROP_MAP_KIND,
  PROP_THRESHOLD,
  PROP_SIZE_MODE,
  PROP_OPENING,
  PROP_SELECTED,
  PROP_OVERLAY_VISIBLE,
  PROP_OVERLAY_OPACITY,
  PROP_COLOR_MAP,
  PROP_FILL,
  N_PROPS,
};

enum
{
  SLIDE_CHANGED,
  DETECTION_CHANGED,
  MAP_CHANGED,
  LESIONS_CHANGED,
  ANNOTATIONS_CHANGED,
  PROGRESS,
  HISTORY_CHANGED,
  MESSAGE,
  N_SIGNALS,
};

/** Emits one of the signals without arguments. */
void ax_session_emit (AxSession *self, int signal);
void ax_session_emit_map_changed (AxSession *self, AxRect0 *rect);
void ax_session_notify (AxSession *self, int prop);
void ax_session_say (AxSession *self, AxMessageKind kind, const char *text);

/** Finds the lesions of the map anew, with the settings as they are. */
void ax_session_extract (AxSession *self);
/** Makes the detection ready anew: model, engine or µm/px are others. */
void ax_session_prepare (AxSession *self);
void ax_session_on_extracted (AxLesionSet *lesions, const GError *error,
                              gpointer session);
void ax_session_on_viewport_changed (AxViewport *viewport, AxSession *self);
void ax_session_drop_slide (AxSession *self);

G_END_DECLS
