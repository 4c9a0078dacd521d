#pragma once

#include "core/nn/engine-api.h"

/** Writes a message, one line as printf() makes it; returns @status. */
AxStatus ax_cuda_fail (AxEngineError *error, AxStatus status,
                       const char *format, ...)
    __attribute__ ((format (printf, 3, 4)));

/** The failure of an allocation on the host, of @bytes. */
AxStatus ax_cuda_fail_memory (AxEngineError *error, size_t bytes);
