#include "app/bench.h"

#define LANES 16
#define ROUNDS (20 * 1000 * 1000)

typedef float Lanes __attribute__ ((vector_size (LANES * sizeof (float))));

/* N_SUMS independent sums, as many as fill the pipelines and fit into the
   registers; the compiler makes fused multiply-adds of them where its target
   has such.  A macro, since vector code is lowered for the target of the
   function that it stands in before anything is inlined. */
#define DEFINE_SUM_PRODUCTS(name, TARGET, N_SUMS)                              \
  TARGET static double name (float *result)                                    \
  {                                                                            \
    Lanes sums[N_SUMS], factor = { 0 }, term = { 0 };                          \
                                                                               \
    factor += 0.999f;                                                          \
    term += 0.001f;                                                            \
    for (int i = 0; i < N_SUMS; i++)                                           \
      sums[i] = term * (float)i;                                               \
    for (int round = 0; round < ROUNDS; round++)                               \
      _Pragma ("GCC unroll 16") for (int i = 0; i < N_SUMS; i++) sums[i]       \
          = sums[i] * factor + term;                                           \
    for (int i = 0; i < N_SUMS; i++)                                           \
      for (int lane = 0; lane < LANES; lane++)                                 \
        *result += sums[i][lane];                                              \
    return 2.0 * ROUNDS * N_SUMS * LANES;                                      \
  }

DEFINE_SUM_PRODUCTS (sum_products, , 3)

#ifdef __x86_64__
#define TARGET_AVX2 __attribute__ ((target ("avx2,fma")))
#define TARGET_AVX512                                                          \
  __attribute__ ((target ("avx512f,prefer-vector-width=512")))

DEFINE_SUM_PRODUCTS (sum_products_avx2, TARGET_AVX2, 6)
DEFINE_SUM_PRODUCTS (sum_products_avx512, TARGET_AVX512, 12)
#endif

typedef struct
{
  float sum; /* kept, so that the work is not optimised away */
  double flops;
} PeakJob;

static gpointer
peak_thread (gpointer data)
{
  PeakJob *job = data;

#ifdef __x86_64__
  if (__builtin_cpu_supports ("avx512f"))
    job->flops = sum_products_avx512 (&job->sum);
  else if (__builtin_cpu_supports ("avx2") && __builtin_cpu_supports ("fma"))
    job->flops = sum_products_avx2 (&job->sum);
  else
#endif
    job->flops = sum_products (&job->sum);
  return NULL;
}

static gboolean
run_jobs (gpointer data, GError **error)
{
  GArray *jobs = data;
  g_autofree GThread **threads = g_new (GThread *, jobs->len);

  for (guint i = 0; i < jobs->len; i++)
    threads[i]
        = g_thread_new ("peak", peak_thread, &g_array_index (jobs, PeakJob, i));
  for (guint i = 0; i < jobs->len; i++)
    g_thread_join (threads[i]);
  return TRUE;
}

void
ax_bench_peak (AxBench *self)
{
  g_autoptr (GArray) jobs = g_array_new (FALSE, TRUE, sizeof (PeakJob));
  double seconds;

  g_array_set_size (jobs, self->n_threads);
  seconds = ax_bench_time (run_jobs, jobs, NULL);
  self->peak_flops
      = g_array_index (jobs, PeakJob, 0).flops * self->n_threads / seconds;
  ax_bench_add_flops (self, self->peak_flops, "fused multiply-adds, %d threads",
                      self->n_threads);
}
