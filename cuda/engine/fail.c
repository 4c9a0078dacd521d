#include "cuda/engine/fail.h"

#include <stdarg.h>
#include <stdio.h>

AxStatus
ax_cuda_fail (AxEngineError *error, AxStatus status, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  vsnprintf (error->message, sizeof error->message, format, args);
  va_end (args);
  return status;
}

AxStatus
ax_cuda_fail_memory (AxEngineError *error, size_t bytes)
{
  return ax_cuda_fail (error, AX_STATUS_MEMORY,
                       "no memory for %zu bytes on the host", bytes);
}
