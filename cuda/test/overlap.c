#include "cuda/test/overlap.h"

#include <stdlib.h>
#include <string.h>

#define N_IMAGES 4

/* Images, and what each gives when nothing else is under way. */
typedef struct
{
  uint8_t *rgb[N_IMAGES];
  float *values[N_IMAGES];
} Singles;

static AxStatus
singles_init (Singles *self, const Runner *runner, AxEngineError *error)
{
  AxStatus status = AX_STATUS_OK;
  for (int i = 0; i < N_IMAGES; i++)
    {
      self->rgb[i]
          = runner_make_image ((int64_t)runner->h * runner->w * 3, (uint64_t)i);
      self->values[i] = runner_make_values (runner->n_values);
      if (status == AX_STATUS_OK)
        status = runner_forward (runner, self->rgb[i], self->values[i], error);
    }
  return status;
}

static void
singles_clear (Singles *self)
{
  for (int i = 0; i < N_IMAGES; i++)
    {
      free (self->rgb[i]);
      free (self->values[i]);
    }
}

static AxStatus
run_overlapped (const Runner *runner, const Singles *singles, int n_passes,
                int *n_wrong, AxEngineError *error)
{
  const size_t n_bytes = (size_t)runner->h * (size_t)runner->w * 3;
  const size_t n_value_bytes = (size_t)runner->n_values * sizeof (float);
  uint8_t *rgb[AX_MAX_IN_FLIGHT];
  float *values[AX_MAX_IN_FLIGHT];
  int n_begun = 0, n_done = 0;
  AxStatus status = AX_STATUS_OK;
  for (int i = 0; i < AX_MAX_IN_FLIGHT; i++)
    {
      rgb[i] = runner->ops->host_alloc (runner->context, n_bytes);
      values[i] = runner_make_values (runner->n_values);
      if (rgb[i] == NULL)
        status = AX_STATUS_MEMORY;
    }
  while (status == AX_STATUS_OK && n_done < n_passes)
    if (n_begun < n_passes && n_begun < n_done + AX_MAX_IN_FLIGHT)
      {
        const int place = n_begun % AX_MAX_IN_FLIGHT;
        memcpy (rgb[place], singles->rgb[n_begun % N_IMAGES], n_bytes);
        status = runner_submit (runner, rgb[place], values[place], error);
        n_begun += status == AX_STATUS_OK;
      }
    else
      {
        status = runner->ops->wait (runner->plan, error);
        *n_wrong += memcmp (values[n_done % AX_MAX_IN_FLIGHT],
                            singles->values[n_done % N_IMAGES], n_value_bytes)
                    != 0;
        n_done++;
      }
  for (; n_done < n_begun; n_done++)
    runner->ops->wait (runner->plan, &(AxEngineError){ "" });
  for (int i = 0; i < AX_MAX_IN_FLIGHT; i++)
    {
      runner->ops->host_free (runner->context, rgb[i]);
      free (values[i]);
    }
  return status;
}

AxStatus
overlap_run (const Runner *runner, int n_passes, int *n_wrong,
             AxEngineError *error)
{
  Singles singles = { { NULL }, { NULL } };
  AxStatus status = singles_init (&singles, runner, error);
  *n_wrong = 0;
  if (status == AX_STATUS_OK)
    status = run_overlapped (runner, &singles, n_passes, n_wrong, error);
  singles_clear (&singles);
  return status;
}
