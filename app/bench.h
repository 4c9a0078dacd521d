#pragma once

#include "core/models/model.h"

G_BEGIN_DECLS

/**
 * AxBench:
 *
 * Measurements in the order they were made.  Each is printed as it comes,
 * unless the result is to be JSON.
 *
 * Thread: owner.
 */
typedef struct
{
  char *name; /* (owned) */
  double value;
  const char *unit;     /* (static) */
  double peak_fraction; /* of the machine's measured peak; NAN: no such thing */
} AxBenchResult;

typedef struct
{
  const char *engine;
  int n_threads; /* at least 1 */
  gboolean quiet;
  double peak_flops; /* of that many threads, 0 until measured */
  GArray *results;   /* of AxBenchResult */
} AxBench;

/** @name: a printf format; the result is not a share of the peak. */
void ax_bench_add (AxBench *self, double value, const char *unit,
                   const char *name, ...) G_GNUC_PRINTF (4, 5);

/** A rate of floating-point work, with its share of the measured peak. */
void ax_bench_add_flops (AxBench *self, double flops, const char *name, ...)
    G_GNUC_PRINTF (3, 4);

/** Seconds of the fastest of several runs of @work, at least 3 and 1 s of
 * them; negative when one returns FALSE with @error set. */
double ax_bench_time (gboolean (*work) (gpointer data, GError **error),
                      gpointer data, GError **error);

/** Fused multiply-adds, the machine's peak: measured on n_threads threads. */
void ax_bench_peak (AxBench *self);

/** Forward passes, and what a dense map costs in both forms. */
gboolean ax_bench_network (AxBench *self, AxModel *model, GError **error);

/** Tiles of a slide, past OpenSlide and through it, and a whole scan. */
gboolean ax_bench_slide (AxBench *self, AxModel *model, const char *path,
                         GError **error);

/** Lesions of a whole slide's map. */
gboolean ax_bench_lesions (AxBench *self, GError **error);

G_END_DECLS
