#pragma once

#include <stdint.h>

/** The nearest half, ties to even, as its bits; beyond 65504 infinity. */
uint16_t ax_cuda_half_from_float (float value);

/** Exact. */
float ax_cuda_half_to_float (uint16_t half);
