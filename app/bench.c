#include "app/bench.h"

#include "app/console.h"
#include "core/base/parse.h"
#include "core/base/trace.h"

#include <math.h>

#define MIN_RUNS 3
#define MIN_SECONDS 1.0

static void
add_result (AxBench *self, AxBenchResult result)
{
  char numbers[2][AX_FORMAT_BUFFER];

  g_array_append_val (self->results, result);
  if (self->quiet)
    return;
  ax_console_print ("%-44s %10s %-9s", result.name,
                    ax_format_decimal (numbers[0], result.value, 2),
                    result.unit);
  if (isfinite (result.peak_fraction))
    ax_console_print (
        " %3s %% of peak",
        ax_format_decimal (numbers[1], result.peak_fraction * 100, 0));
  ax_console_print ("\n");
  ax_console_flush (NULL);
}

void
ax_bench_add (AxBench *self, double value, const char *unit, const char *name,
              ...)
{
  AxBenchResult result = { .value = value, .unit = unit, .peak_fraction = NAN };
  va_list args;

  va_start (args, name);
  result.name = g_strdup_vprintf (name, args);
  va_end (args);
  add_result (self, result);
}

void
ax_bench_add_flops (AxBench *self, double flops, const char *name, ...)
{
  AxBenchResult result = { .value = flops / 1e9,
                           .unit = "GFLOP/s",
                           .peak_fraction = flops / self->peak_flops };
  va_list args;

  va_start (args, name);
  result.name = g_strdup_vprintf (name, args);
  va_end (args);
  add_result (self, result);
}

double
ax_bench_time (gboolean (*work) (gpointer data, GError **error), gpointer data,
               GError **error)
{
  double best = HUGE_VAL, total = 0;

  for (int i = 0; i < MIN_RUNS || total < MIN_SECONDS; i++)
    {
      gint64 start_us = ax_trace_now_us ();
      double seconds;

      if (!work (data, error))
        return -1;
      seconds = (ax_trace_now_us () - start_us) / 1e6;
      best = fmin (best, seconds);
      total += seconds;
    }
  return best;
}
