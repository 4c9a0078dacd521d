#pragma once

#include "core/nn/graph-dense.h"
#include "core/nn/graph.h"
#include "core/nn/weights.h"

G_BEGIN_DECLS

/**
 * The engines: built in (cpu, ref), or modules "ax-engine-NAME.so" found in
 * the absolute folders of $AX_ENGINE_PATH and in libdir/axilla/engines (never
 * the current folder), loaded at first use and kept.  Of several usable ones
 * of one name the first counts.
 *
 * Why one is refused, each with its own code: AX_ERROR_NOT_FOUND (no module),
 * AX_ERROR_IO (cannot be loaded), AX_ERROR_ABI (another interface),
 * AX_ERROR_FORMAT (a table too small), AX_ERROR_UNSUPPORTED (an operation
 * missing), or what its own probe says, AX_ERROR_NO_DEVICE above all.
 *
 * AxEngineInfo is what is known of one, usable or not, with the reason.
 */
typedef struct
{
  const char *name;
  AxEngineReport report;
  int code; /* AxErrorCode when not usable */
} AxEngineInfo;

/** (transfer none): all engines in order of preference: cuda, cpu, ref, then
 * unknown modules.  Loads modules on the first call.  Thread: any. */
const AxEngineInfo *ax_engine_list (guint *n_engines);

/**
 * AxEngine, AxPlan:
 *
 * An engine context and a network compiled for one input size.  Everything an
 * engine returns is validated here: a failure without a message, a success
 * with NaN, infinite values, or values outside [0, 1] after a softmax or
 * sigmoid (rounding by 1e-6 is clamped).  AX_ERROR_DEVICE then.
 *
 * Thread: the one engine thread that created them.
 */
typedef struct _AxEngine AxEngine;
typedef struct _AxPlan AxPlan;

typedef struct
{
  int n_threads; /* 0: all */
  AxPrecision precision;
} AxEngineSetup;

/**
 * ax_engine_new:
 * @name: "auto" takes the first usable of cuda, cpu, ref
 *
 * Errors: AX_ERROR_NOT_FOUND (no such engine), AX_ERROR_NO_DEVICE and others
 * with the engine's own reason.
 */
AxEngine *ax_engine_new (const char *name, const AxEngineSetup *setup,
                         GError **error);
void ax_engine_free (AxEngine *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxEngine, ax_engine_free)

const char *ax_engine_get_name (const AxEngine *self);
const AxEngineReport *ax_engine_get_report (const AxEngine *self);
AxDenseForm ax_engine_get_dense_form (const AxEngine *self);

/** Memory from which the engine copies fast; plain memory otherwise. */
gpointer ax_engine_alloc_host (AxEngine *self, gsize bytes);
void ax_engine_free_host (AxEngine *self, gpointer memory);

/**
 * ax_plan_new:
 *
 * Compiles @graph with @weights for inputs of (batch, height, width).  The
 * weights may vanish afterwards, the engine may not.
 * Errors: AX_ERROR_FORMAT (weights do not fit the graph), AX_ERROR_MEMORY,
 * AX_ERROR_UNSUPPORTED, AX_ERROR_DEVICE.
 */
AxPlan *ax_plan_new (AxEngine *engine, AxGraph *graph, const AxWeights *weights,
                     int batch, int height, int width, GError **error);
void ax_plan_free (AxPlan *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxPlan, ax_plan_free)

guint ax_plan_get_n_outputs (const AxPlan *self);
/** Shape of output @index as (n, c, h, w). */
void ax_plan_get_output_shape (const AxPlan *self, guint index,
                               gint64 shape[4]);

/**
 * ax_plan_forward_rgb:
 * @rgb: (batch, height, width, 3)
 * @outputs: one float buffer per graph output, (n, c, h, w); after a failure
 *   they hold nothing of use
 */
gboolean ax_plan_forward_rgb (AxPlan *self, const guint8 *rgb,
                              float *const *outputs, GError **error);

/**
 * ax_plan_get_max_in_flight:
 *
 * Returns: how many passes may be under way: more than one where the engine
 * copies and computes at the same time.
 */
guint ax_plan_get_max_in_flight (const AxPlan *self);

/**
 * ax_plan_submit_rgb:
 *
 * Begins what ax_plan_forward_rgb() does; with an engine that has one pass at a
 * time, does it.  @rgb and @outputs must stay, and no other pass be run, until
 * ax_plan_wait() has been called for all that were submitted.
 */
gboolean ax_plan_submit_rgb (AxPlan *self, const guint8 *rgb,
                             float *const *outputs, GError **error);

/** Ends the pass that was submitted first, which may have failed. */
gboolean ax_plan_wait (AxPlan *self, GError **error);

/** The same through views: F32/F64 tensors, already normalised. */
gboolean ax_plan_forward (AxPlan *self, const AxTensorView *input,
                          const AxTensorView *outputs, GError **error);

G_END_DECLS
