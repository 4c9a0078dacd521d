#pragma once

#include "core/detect/lesion.h"
#include "core/export/result.h"
#include "core/models/model.h"

G_BEGIN_DECLS

/**
 * Values of options.  Each takes the text given, or NULL where the option was
 * not given, which leaves @out as it is.  @name is the option's, for the
 * message.  Errors: AX_USAGE_ERROR.
 */
gboolean ax_option_double (const char *text, const char *name, double min,
                           double max, double *out, GError **error);
gboolean ax_option_int (const char *text, const char *name, int min, int max,
                        int *out, GError **error);
gboolean ax_option_rect (const char *text, const char *name, AxRect0 *out,
                         GError **error);
/** What an option was given, for comparing it: "usual" where it was not. */
const char *ax_option_or_usual (const char *text);
/** --mpp: µm/px, the same in both directions. */
gboolean ax_option_mpp (const char *text, AxScale *out, GError **error);

/**
 * Options that several commands share: a table for AxCommand.options and a
 * function for the values, which are checked then.
 */

/** --model */
extern const GOptionEntry ax_model_options[];

/** (transfer full): Errors: those of ax_model_load(). */
AxModel *ax_option_load_model (GError **error);

/** --map, --cascade: what `detect` makes of networks. */
extern const GOptionEntry ax_network_options[];

/** Which of the network's outputs --map names, 0 when not given.  Errors:
 * AX_ERROR_NOT_FOUND naming those there are. */
gboolean ax_option_map (const AxModel *model, guint *output, GError **error);

/**
 * The network of --cascade, NULL when not given, and its figures.  Errors:
 * those of ax_model_load() and ax_model_get_screening(); AX_ERROR_LIMIT when
 * it does not look at less magnification than @model.
 */
gboolean ax_option_load_first (const AxModel *model, AxModel **first,
                               AxScreening *screening, GError **error);

/** --engine, --threads */
extern const GOptionEntry ax_engine_options[];

/** @engine: a name of the list or "auto"; @n_threads: 0 for all. */
gboolean ax_option_engine (const char **engine, int *n_threads, GError **error);

/** --threshold, --size-mode, --opening */
extern const GOptionEntry ax_lesion_options[];

gboolean ax_option_lesion_params (AxLesionParams *params, GError **error);

/** -o, --formats */
extern const GOptionEntry ax_result_options[];

/** @folder: (nullable): NULL when not given. */
gboolean ax_option_results (const char **folder, AxExportFlags *formats,
                            GError **error);

G_END_DECLS
