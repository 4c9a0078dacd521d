#include "ui/session-private.h"

#include <math.h>

#define NUDGES_US G_USEC_PER_SEC
#define MIN_THRESHOLD 0.01
#define MAX_THRESHOLD 0.99

static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (AxSession, ax_session, G_TYPE_OBJECT)

void
ax_session_emit (AxSession *self, int signal)
{
  g_signal_emit (self, signals[signal], 0);
}

void
ax_session_emit_map_changed (AxSession *self, AxRect0 *rect)
{
  g_signal_emit (self, signals[MAP_CHANGED], 0, rect);
}

void
ax_session_notify (AxSession *self, int prop)
{
  g_object_notify_by_pspec (G_OBJECT (self), props[prop]);
}

void
ax_session_say (AxSession *self, AxMessageKind kind, const char *text)
{
  AxMessage message = { kind, text };

  g_signal_emit (self, signals[MESSAGE], 0, &message);
}

/* Threshold and its history */

double
ax_session_get_threshold (AxSession *self)
{
  g_return_val_if_fail (AX_IS_SESSION (self), 0.5);
  return self->params.threshold;
}

static void
apply_threshold (AxSession *self, double threshold)
{
  self->params.threshold = threshold;
  self->nudged_us = 0;
  ax_session_notify (self, PROP_THRESHOLD);
  ax_session_extract (self);
}

void
ax_session_set_threshold (AxSession *self, double threshold)
{
  double before;

  g_return_if_fail (AX_IS_SESSION (self));
  /* Two decimals are what the panel shows. */
  threshold
      = CLAMP (round (threshold * 100.0) / 100.0, MIN_THRESHOLD, MAX_THRESHOLD);
  before = self->params.threshold;
  if (threshold == before)
    return;
  if (self->threshold_before < 0.0)
    {
      ax_history_push (self->history, before, threshold);
      ax_session_emit (self, HISTORY_CHANGED);
    }
  apply_threshold (self, threshold);
}

void
ax_session_begin_threshold (AxSession *self)
{
  g_return_if_fail (AX_IS_SESSION (self));
  self->threshold_before = self->params.threshold;
}

void
ax_session_end_threshold (AxSession *self)
{
  g_return_if_fail (AX_IS_SESSION (self));
  if (self->threshold_before >= 0.0
      && self->threshold_before != self->params.threshold)
    {
      ax_history_push (self->history, self->threshold_before,
                       self->params.threshold);
      ax_session_emit (self, HISTORY_CHANGED);
    }
  self->threshold_before = -1.0;
}

void
ax_session_nudge_threshold (AxSession *self, double by)
{
  gint64 now = g_get_monotonic_time ();
  gboolean is_alone;

  g_return_if_fail (AX_IS_SESSION (self));
  is_alone = self->threshold_before < 0.0;
  if (is_alone)
    self->threshold_before
        = self->nudged_us > 0 && now - self->nudged_us < NUDGES_US
              ? ax_history_undo (self->history)
              : self->params.threshold;
  ax_session_set_threshold (self, self->params.threshold + by);
  if (is_alone)
    {
      gboolean has_moved = self->threshold_before != self->params.threshold;

      ax_session_end_threshold (self);
      self->nudged_us = has_moved ? now : 0;
    }
}

gboolean
ax_session_can_undo (AxSession *self)
{
  g_return_val_if_fail (AX_IS_SESSION (self), FALSE);
  return ax_history_can_undo (self->history);
}

gboolean
ax_session_can_redo (AxSession *self)
{
  g_return_val_if_fail (AX_IS_SESSION (self), FALSE);
  return ax_history_can_redo (self->history);
}

void
ax_session_undo (AxSession *self)
{
  if (!ax_session_can_undo (self))
    return;
  apply_threshold (self, ax_history_undo (self->history));
  ax_session_emit (self, HISTORY_CHANGED);
}

void
ax_session_redo (AxSession *self)
{
  if (!ax_session_can_redo (self))
    return;
  apply_threshold (self, ax_history_redo (self->history));
  ax_session_emit (self, HISTORY_CHANGED);
}

/* Selection */

void
ax_session_select (AxSession *self, guint lesion_id)
{
  g_return_if_fail (AX_IS_SESSION (self));
  if (self->selected == lesion_id)
    return;
  self->selected = lesion_id;
  ax_session_notify (self, PROP_SELECTED);
}

const AxLesion *
ax_session_get_selected (AxSession *self)
{
  g_return_val_if_fail (AX_IS_SESSION (self), NULL);
  if (self->lesions == NULL || self->selected == 0)
    return NULL;
  return ax_lesion_set_find (self->lesions, self->selected);
}

void
ax_session_step (AxSession *self, int direction)
{
  guint n, index = 0;

  g_return_if_fail (AX_IS_SESSION (self));
  n = self->lesions != NULL ? ax_lesion_set_get_n_lesions (self->lesions) : 0;
  if (n == 0)
    return;
  while (index < n
         && ax_lesion_set_get (self->lesions, index)->id != self->selected)
    index++;
  if (index == n)
    index = direction > 0 ? 0 : n - 1;
  else
    index = (index + n + (direction > 0 ? 1 : n - 1)) % n;
  ax_session_select (self, ax_lesion_set_get (self->lesions, index)->id);
}

/* Properties */

static void
set_text (AxSession *self, char **text, const char *value, int prop)
{
  if (g_strcmp0 (*text, value) == 0)
    return;
  g_free (*text);
  *text = g_strdup (value);
  ax_session_notify (self, prop);
  ax_session_prepare (self);
}

static void
ax_session_get_property (GObject *object, guint prop, GValue *value,
                         GParamSpec *pspec)
{
  AxSession *self = AX_SESSION (object);

  switch (prop)
    {
    case PROP_STATE:
      g_value_set_int (value, self->state);
      break;
    case PROP_TITLE:
      g_value_set_string (value, self->title != NULL ? self->title : "");
      break;
    case PROP_MPP_MISSING:
      g_value_set_boolean (value, self->slide != NULL && self->mpp.x <= 0);
      break;
    case PROP_MODEL_NAME:
      g_value_set_string (value, self->model_name);
      break;
    case PROP_ENGINE_NAME:
      g_value_set_string (value, self->engine_name);
      break;
    case PROP_MAP_KIND:
      g_value_set_int (value, self->map_kind);
      break;
    case PROP_THRESHOLD:
      g_value_set_double (value, self->params.threshold);
      break;
    case PROP_SIZE_MODE:
      g_value_set_int (value, self->params.mode);
      break;
    case PROP_OPENING:
      g_value_set_boolean (value, self->params.opening > 0);
      break;
    case PROP_SELECTED:
      g_value_set_uint (value, self->selected);
      break;
    case PROP_OVERLAY_VISIBLE:
      g_value_set_boolean (value, self->overlay_visible);
      break;
    case PROP_OVERLAY_OPACITY:
      g_value_set_double (value, self->overlay_opacity);
      break;
    case PROP_COLOR_MAP:
      g_value_set_int (value, self->color_map);
      break;
    case PROP_FILL:
      g_value_set_int (value, self->fill);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop, pspec);
    }
}

static void
ax_session_set_property (GObject *object, guint prop, const GValue *value,
                         GParamSpec *pspec)
{
  AxSession *self = AX_SESSION (object);

  switch (prop)
    {
    case PROP_MODEL_NAME:
      set_text (self, &self->model_name, g_value_get_string (value), prop);
      break;
    case PROP_ENGINE_NAME:
      set_text (self, &self->engine_name, g_value_get_string (value), prop);
      break;
    case PROP_MAP_KIND:
      if (self->map_kind == (AxMapKind)g_value_get_int (value))
        break;
      self->map_kind = g_value_get_int (value);
      ax_session_notify (self, prop);
      ax_session_prepare (self);
      break;
    case PROP_THRESHOLD:
      ax_session_set_threshold (self, g_value_get_double (value));
      break;
    case PROP_SIZE_MODE:
      self->params.mode = g_value_get_int (value);
      ax_session_notify (self, prop);
      ax_session_extract (self);
      break;
    case PROP_OPENING:
      self->params.opening = g_value_get_boolean (value);
      ax_session_notify (self, prop);
      ax_session_extract (self);
      break;
    case PROP_SELECTED:
      ax_session_select (self, g_value_get_uint (value));
      break;
    case PROP_OVERLAY_VISIBLE:
      self->overlay_visible = g_value_get_boolean (value);
      ax_session_notify (self, prop);
      break;
    case PROP_OVERLAY_OPACITY:
      self->overlay_opacity = g_value_get_double (value);
      ax_session_notify (self, prop);
      break;
    case PROP_COLOR_MAP:
      self->color_map = g_value_get_int (value);
      ax_session_notify (self, prop);
      break;
    case PROP_FILL:
      self->fill = g_value_get_int (value);
      ax_session_notify (self, prop);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop, pspec);
    }
}

static void
ax_session_dispose (GObject *object)
{
  AxSession *self = AX_SESSION (object);

  if (self->viewport != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->viewport, self);
      ax_session_drop_slide (self);
    }
  g_clear_pointer (&self->extractor, ax_extractor_free);
  g_clear_pointer (&self->lesions, ax_lesion_set_unref);
  g_clear_object (&self->viewport);
  G_OBJECT_CLASS (ax_session_parent_class)->dispose (object);
}

static void
ax_session_finalize (GObject *object)
{
  AxSession *self = AX_SESSION (object);

  ax_history_free (self->history);
  g_free (self->model_name);
  g_free (self->engine_name);
  G_OBJECT_CLASS (ax_session_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *object_class)
{
  const GParamFlags read = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;
  const GParamFlags both
      = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  props[PROP_STATE]
      = g_param_spec_int ("state", NULL, NULL, 0, AX_SESSION_FAILED, 0, read);
  props[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, "", read);
  props[PROP_MPP_MISSING]
      = g_param_spec_boolean ("mpp-missing", NULL, NULL, FALSE, read);
  props[PROP_MODEL_NAME]
      = g_param_spec_string ("model-name", NULL, NULL, NULL, both);
  props[PROP_ENGINE_NAME]
      = g_param_spec_string ("engine-name", NULL, NULL, NULL, both);
  props[PROP_MAP_KIND] = g_param_spec_int ("map-kind", NULL, NULL, AX_MAP_TUMOR,
                                           AX_MAP_FRACTION, AX_MAP_TUMOR, both);
  props[PROP_THRESHOLD] = g_param_spec_double (
      "threshold", NULL, NULL, MIN_THRESHOLD, MAX_THRESHOLD, 0.5, both);
  props[PROP_SIZE_MODE]
      = g_param_spec_int ("size-mode", NULL, NULL, AX_SIZE_MODE_AJCC,
                          AX_SIZE_MODE_CAMELYON16, 0, both);
  props[PROP_OPENING]
      = g_param_spec_boolean ("opening", NULL, NULL, TRUE, both);
  props[PROP_SELECTED]
      = g_param_spec_uint ("selected", NULL, NULL, 0, G_MAXUINT, 0, both);
  props[PROP_OVERLAY_VISIBLE]
      = g_param_spec_boolean ("overlay-visible", NULL, NULL, TRUE, both);
  props[PROP_OVERLAY_OPACITY] = g_param_spec_double ("overlay-opacity", NULL,
                                                     NULL, 0.0, 1.0, 0.5, both);
  props[PROP_COLOR_MAP] = g_param_spec_int ("color-map", NULL, NULL, 0,
                                            AX_N_COLOR_MAPS - 1, 0, both);
  props[PROP_FILL] = g_param_spec_int ("fill", NULL, NULL, AX_FILL_AUTO,
                                       AX_FILL_CONTOUR, AX_FILL_AUTO, both);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
ax_session_class_init (AxSessionClass *klass)
{
  static const char *const names[]
      = { [SLIDE_CHANGED] = "slide-changed",
          [DETECTION_CHANGED] = "detection-changed",
          [MAP_CHANGED] = "map-changed",
          [LESIONS_CHANGED] = "lesions-changed",
          [ANNOTATIONS_CHANGED] = "annotations-changed",
          [PROGRESS] = "progress",
          [HISTORY_CHANGED] = "history-changed",
          [MESSAGE] = "message" };
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = ax_session_get_property;
  object_class->set_property = ax_session_set_property;
  object_class->dispose = ax_session_dispose;
  object_class->finalize = ax_session_finalize;
  install_properties (object_class);
  for (int i = 0; i < N_SIGNALS; i++)
    if (i == MAP_CHANGED || i == MESSAGE)
      signals[i]
          = g_signal_new (names[i], AX_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL,
                          NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
    else
      signals[i] = g_signal_new (names[i], AX_TYPE_SESSION, G_SIGNAL_RUN_LAST,
                                 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
ax_session_init (AxSession *self)
{
  self->viewport = ax_viewport_new ();
  self->extractor = ax_extractor_new (ax_session_on_extracted, self);
  self->history = ax_history_new ();
  self->params = (AxLesionParams)AX_LESION_PARAMS_DEFAULT;
  self->threshold_before = -1.0;
  self->overlay_visible = TRUE;
  self->overlay_opacity = 0.5;
  self->model_name = g_strdup (AX_MODEL_DEFAULT);
  self->engine_name = g_strdup ("auto");
  g_signal_connect (self->viewport, "changed",
                    G_CALLBACK (ax_session_on_viewport_changed), self);
}

AxSession *
ax_session_new (AxStore *store)
{
  AxSession *self = g_object_new (AX_TYPE_SESSION, NULL);

  self->store = store;
  return self;
}
