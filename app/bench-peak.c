#include "app/bench.h"

#include "core/base/trace.h"

/* Enough independent sums to fill the pipelines of two units. */
#define N_SUMS 12
#define LANES 16
#define ROUNDS (40 * 1000 * 1000)
#define FLOPS_PER_ROUND (2.0 * N_SUMS * LANES)

typedef float Lanes __attribute__ ((vector_size (LANES * sizeof (float))));

/* The compiler makes fused multiply-adds of this where its target has them. */
static inline __attribute__ ((always_inline)) float
sum_products (gint64 n_rounds)
{
  Lanes sums[N_SUMS];
  Lanes factor = { 0 }, term = { 0 };
  float total = 0;

  factor += 0.999f;
  term += 0.001f;
  for (int i = 0; i < N_SUMS; i++)
    sums[i] = term * (float)i;
  for (gint64 round = 0; round < n_rounds; round++)
    for (int i = 0; i < N_SUMS; i++)
      sums[i] = sums[i] * factor + term;
  for (int i = 0; i < N_SUMS; i++)
    for (int lane = 0; lane < LANES; lane++)
      total += sums[i][lane];
  return total;
}

#ifdef __x86_64__
__attribute__ ((target ("avx512f"))) static float
sum_products_avx512 (gint64 n_rounds)
{
  return sum_products (n_rounds);
}

__attribute__ ((target ("avx2,fma"))) static float
sum_products_avx2 (gint64 n_rounds)
{
  return sum_products (n_rounds);
}
#endif

static float
sum_products_best (gint64 n_rounds)
{
#ifdef __x86_64__
  if (__builtin_cpu_supports ("avx512f"))
    return sum_products_avx512 (n_rounds);
  if (__builtin_cpu_supports ("avx2") && __builtin_cpu_supports ("fma"))
    return sum_products_avx2 (n_rounds);
#endif
  return sum_products (n_rounds);
}

static gpointer
peak_thread (gpointer result)
{
  *(float *)result = sum_products_best (ROUNDS);
  return NULL;
}

void
ax_bench_peak (AxBench *self)
{
  g_autofree GThread **threads = g_new (GThread *, self->n_threads);
  /* Kept, so that the sums are not optimised away. */
  g_autofree float *results = g_new0 (float, self->n_threads);
  gint64 start_us = ax_trace_now_us ();
  double seconds;

  for (int i = 0; i < self->n_threads; i++)
    threads[i] = g_thread_new ("peak", peak_thread, &results[i]);
  for (int i = 0; i < self->n_threads; i++)
    g_thread_join (threads[i]);
  seconds = (ax_trace_now_us () - start_us) / 1e6;

  self->peak_flops = FLOPS_PER_ROUND * ROUNDS * self->n_threads / seconds;
  ax_bench_add_flops (self, self->peak_flops, "fused multiply-adds, %d threads",
                      self->n_threads);
}
