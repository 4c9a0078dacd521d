#include "cuda/engine/probe.h"

#include <stdarg.h>
#include <stdio.h>

static void refuse (AxEngineReport *report, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));

static void
refuse (AxEngineReport *report, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  vsnprintf (report->why, sizeof report->why, format, args);
  va_end (args);
}

static void
explain_driver (const AxCudaFacts *facts, AxEngineReport *report)
{
  if (facts->driver == 0)
    refuse (report, "no NVIDIA driver is installed");
  else
    refuse (report,
            "the NVIDIA driver is too old: it runs CUDA %d.%d, CUDA %d.%d is "
            "needed",
            facts->driver / 1000, facts->driver % 1000 / 10,
            facts->runtime / 1000, facts->runtime % 1000 / 10);
}

void
ax_cuda_probe_explain (const AxCudaFacts *facts, AxEngineReport *report)
{
  const long long major = facts->cudnn / 10000;
  const long long minor = facts->cudnn % 10000 / 100;
  snprintf (report->version, sizeof report->version,
            "CUDA %d.%d, cuDNN %lld.%lld.%lld", facts->runtime / 1000,
            facts->runtime % 1000 / 10, major, minor,
            (long long)facts->cudnn % 100);
  if (facts->devices == AX_CUDA_DEVICES_DRIVER)
    explain_driver (facts, report);
  else if (facts->devices == AX_CUDA_DEVICES_NONE)
    refuse (report, "the NVIDIA driver finds no GPU");
  else if (facts->devices == AX_CUDA_DEVICES_FAILED)
    refuse (report, "the GPU does not answer: %s", facts->failure);
  else if (facts->cudnn < AX_CUDA_MIN_CUDNN)
    refuse (report, "cuDNN %lld.%lld is too old: %d.%d is needed", major, minor,
            AX_CUDA_MIN_CUDNN / 10000, AX_CUDA_MIN_CUDNN % 10000 / 100);
  else if (facts->major < AX_CUDA_MIN_MAJOR)
    refuse (report, "%s has compute capability %d.%d, at least %d.0 is needed",
            facts->name, facts->major, facts->minor, AX_CUDA_MIN_MAJOR);
  else
    {
      report->usable = 1;
      report->memory_bytes = facts->memory_bytes;
      snprintf (report->device, sizeof report->device, "%s", facts->name);
      snprintf (report->precision, sizeof report->precision, "fp16");
    }
}
