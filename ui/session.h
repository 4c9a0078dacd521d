#pragma once

#include "core/annot/annot-format.h"
#include "core/detect/lesion.h"
#include "core/detect/scan.h"
#include "core/slide/tile-cache.h"
#include "core/store/store.h"
#include "ui/color-map.h"
#include "ui/detection.h"
#include "ui/fill.h"
#include "ui/self-test.h"
#include "ui/viewport.h"

G_BEGIN_DECLS

/**
 * AxSession:
 *
 * The one truth of a window: slide, viewport, scan, map, lesions, reference
 * annotations, selection, threshold.  Everything slow happens on threads of
 * its own (opening, tissue, planning, scanning, extraction, reading and
 * writing files); the session changes on the main thread only.
 *
 * Properties, each with notify:
 *   "state" (AxSessionState)
 *   "title" (string)         the slide's file name, or ""
 *   "mpp-missing" (boolean)  the slide has no µm/px and nobody gave one
 *   "model-name" (string)    name or file of the model to use
 *   "engine-name" (string)   "auto" or an engine
 *   "map-kind" (int)         AxMapKind wanted of networks that give it
 *   "threshold" (double)     0.01..0.99; a change re-segments the stored map
 *   "size-mode" (int)        AxSizeMode
 *   "opening" (boolean)      single cells are dropped
 *   "selected" (uint)        lesion id, 0 for none
 *   "overlay-visible" (boolean), "overlay-opacity" (double),
 *   "color-map" (int), "fill" (int): how the heatmap is drawn
 * Signals:
 *   "slide-changed"            another slide, or none
 *   "detection-changed"        another map and scan, or none
 *   "map-changed" (AxRect0 *)  the map has changed there
 *   "lesions-changed"          a new AxLesionSet
 *   "annotations-changed"
 *   "progress"                 scan figures
 *   "history-changed"          what can be undone
 *   "message" (AxMessage *)    for a banner: once, in plain words
 *
 * Thread: main.
 */
#define AX_TYPE_SESSION (ax_session_get_type ())
G_DECLARE_FINAL_TYPE (AxSession, ax_session, AX, SESSION, GObject)

typedef enum
{
  AX_SESSION_EMPTY,
  AX_SESSION_OPENING,  /* the first slide: none is shown yet */
  AX_SESSION_READY,    /* a slide, no scan running */
  AX_SESSION_SCANNING, /* or waiting for the engine */
  AX_SESSION_PAUSED,
  AX_SESSION_DONE,
  AX_SESSION_FAILED, /* the scan; the slide stays */
} AxSessionState;

typedef enum
{
  AX_MESSAGE_INFO,
  AX_MESSAGE_WARNING,
  AX_MESSAGE_ERROR,
} AxMessageKind;

typedef struct
{
  AxMessageKind kind;
  const char *text;
} AxMessage;

/** @store: (nullable): nothing is kept without one. */
AxSession *ax_session_new (AxStore *store);

/**
 * Opens in the background; what was shown before stays until then, and where
 * the file is refused.  What earlier runs have found is shown as soon as the
 * slide's tissue is known.  @detect: as ax_session_detect(), once it is open.
 */
void ax_session_open (AxSession *self, const char *path, gboolean detect);
/** (nullable): the file that is being opened. */
const char *ax_session_get_opening (AxSession *self);
void ax_session_close (AxSession *self);

AxSlide *ax_session_get_slide (AxSession *self);     /* (nullable) */
AxTileCache *ax_session_get_tiles (AxSession *self); /* (nullable) */
AxViewport *ax_session_get_viewport (AxSession *self);
AxSessionState ax_session_get_state (AxSession *self);
/** The scan is done, and the lesions are those of its whole map. */
gboolean ax_session_is_whole (AxSession *self);

/** µm/px known from file or user; FALSE: ask.  Setting it is remembered by
 * slide hash. */
gboolean ax_session_get_mpp (AxSession *self, AxScale *mpp);
void ax_session_set_mpp (AxSession *self, AxScale mpp);

/** (nullable): these exist once the detection is made ready. */
AxModel *ax_session_get_model (AxSession *self);
/** Of this model on this engine; begins when first asked for. */
AxSelfTest *ax_session_get_self_test (AxSession *self);
AxMapKind ax_session_get_map_kind (AxSession *self);
AxTissue *ax_session_get_tissue (AxSession *self);
AxScan *ax_session_get_scan (AxSession *self);
AxProbMap *ax_session_get_map (AxSession *self);
AxLesionSet *ax_session_get_lesions (AxSession *self);

/** Starts, or resumes; as soon as everything is ready when it is not yet. */
void ax_session_detect (AxSession *self);
void ax_session_pause (AxSession *self);
/** Stops; what is done stays and another detect() goes on from there. */
void ax_session_cancel (AxSession *self);

double ax_session_get_threshold (AxSession *self);
void ax_session_set_threshold (AxSession *self, double threshold);
/** Changes between these two make one step of undo; alone each is one. */
void ax_session_begin_threshold (AxSession *self);
void ax_session_end_threshold (AxSession *self);
/** A small step, as a key makes it; steps within a second of each other make
 * one step of undo. */
void ax_session_nudge_threshold (AxSession *self, double by);
void ax_session_undo (AxSession *self);
void ax_session_redo (AxSession *self);
gboolean ax_session_can_undo (AxSession *self);
gboolean ax_session_can_redo (AxSession *self);

void ax_session_select (AxSession *self, guint lesion_id);
const AxLesion *ax_session_get_selected (AxSession *self); /* (nullable) */
/** Steps through the lesions in their order, +1 or -1, around the end. */
void ax_session_step (AxSession *self, int direction);

/** (nullable): reference annotations; read-only. */
AxAnnotationSet *ax_session_get_annotations (AxSession *self);
void ax_session_load_annotations (AxSession *self, const char *path);
/** (nullable): an annotation file found beside the slide, to offer. */
const char *ax_session_get_sidecar (AxSession *self);

/**
 * ax_session_export:
 * @formats: AxExportFlags
 * @threshold: lesions from this probability on; the session's own means what
 *   is shown
 *
 * Writes in the background and says by "message" what was written and what a
 * format could not carry.
 */
void ax_session_export (AxSession *self, const char *folder, guint formats,
                        double threshold);

G_END_DECLS
