/*
 * Plans made, run and freed over and over for ten minutes, for detection and
 * for training: memory must stay as it is after the first ones.
 *
 * Usage: soak-cuda-gpu MODULE
 */
#include "cuda/test/learner.h"
#include "cuda/test/runner.h"
#include "cuda/test/tap.h"

#include <malloc.h>
#include <stdlib.h>

#define SECONDS 600.0
#define WARM_UP_SECONDS 60.0
#define N_PASSES 20
#define MAX_GROWTH_BYTES (64LL << 20)

/* What malloc() gave and has not got back. */
static long long
get_host_bytes (void)
{
  const struct mallinfo2 info = mallinfo2 ();
  return (long long)info.uordblks + (long long)info.hblkhd;
}

static long long
get_free_bytes (const AxEngineOps *ops)
{
  AxEngineReport report = { 0 };
  AxEngineError error = { "" };
  ops->probe (&report, &error);
  return report.memory_bytes;
}

/* One plan's life. */
static AxStatus
live (const AxEngineOps *ops, int32_t divisor, int32_t n_cells, int32_t depth,
      AxEngineError *error)
{
  Runner runner;
  Net *net = net_new_scannet (divisor, depth, 1);
  const int32_t side = net_get_scannet_side (n_cells, depth);
  AxStatus status = runner_init (&runner, ops, AX_PRECISION_DEFAULT, 0, net, 1,
                                 side, side, error);
  if (status == AX_STATUS_OK)
    {
      uint8_t *rgb = runner_make_image ((int64_t)side * side * 3, 1);
      float *values = runner_make_values (runner.n_values);
      for (int i = 0; i < N_PASSES && status == AX_STATUS_OK; i++)
        status = runner_forward (&runner, rgb, values, error);
      free (values);
      free (rgb);
      runner_clear (&runner);
    }
  net_free (net);
  return status;
}

/* One training plan's life: the loss of one batch must fall. */
static AxStatus
train (const AxEngineOps *ops, AxEngineError *error)
{
  enum
  {
    BATCH = 64,
    SIDE = 92,
  };
  double first = 0.0, last = 0.0;
  Learner learner;
  Net *net = net_new_small_scannet (0, 1);
  AxStatus status = learner_init (&learner, ops, AX_PRECISION_DEFAULT, net, 1,
                                  BATCH, SIDE, 1, error);
  if (status == AX_STATUS_OK)
    {
      for (int i = 0; i < N_PASSES && status == AX_STATUS_OK; i++)
        {
          status = learner_learn (&learner, &last, error);
          first = i == 0 ? last : first;
          if (status == AX_STATUS_OK)
            status = learner_step (&learner, i + 1, error);
        }
      learner_clear (&learner);
    }
  net_free (net);
  if (status == AX_STATUS_OK && !(last < first))
    {
      snprintf (error->message, sizeof error->message,
                "the loss went from %g to %g", first, last);
      status = AX_STATUS_DEVICE;
    }
  return status;
}

int
main (int argc, char **argv)
{
  AxEngineReport report = { 0 };
  AxEngineError error = { "" };
  if (argc != 2)
    return 2;
  const AxEngineOps *ops = runner_load (argv[1]);
  if (ops->probe (&report, &error) != AX_STATUS_OK || !report.usable)
    return tap_skip_all (report.why);
  const double start = runner_get_seconds ();
  long long free_bytes = 0, host_bytes = 0;
  AxStatus status = AX_STATUS_OK;
  int n_lives = 0;
  while (status == AX_STATUS_OK && runner_get_seconds () - start < SECONDS)
    {
      status = live (ops, 4, 11, 1, &error);
      if (status == AX_STATUS_OK)
        status = live (ops, 1, 51, 2, &error);
      if (status == AX_STATUS_OK)
        status = train (ops, &error);
      n_lives += 3;
      if (host_bytes == 0 && runner_get_seconds () - start >= WARM_UP_SECONDS)
        {
          free_bytes = get_free_bytes (ops);
          host_bytes = get_host_bytes ();
        }
    }
  tap_check (status == AX_STATUS_OK, "%d plans in %.0f s %s", n_lives,
             runner_get_seconds () - start, error.message);
  const long long taken = free_bytes - get_free_bytes (ops);
  const long long grown = get_host_bytes () - host_bytes;
  tap_check (taken <= MAX_GROWTH_BYTES, "%lld bytes taken on the card", taken);
  tap_check (grown <= MAX_GROWTH_BYTES, "%lld bytes taken on the host", grown);
  return tap_finish ();
}
