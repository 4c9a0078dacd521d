#include "cuda/engine/half.h"

#include <math.h>
#include <string.h>

uint16_t
ax_cuda_half_from_float (float value)
{
  uint32_t bits;
  memcpy (&bits, &value, sizeof bits);
  const uint16_t sign = (uint16_t)(bits >> 16 & 0x8000);
  const float magnitude = fabsf (value);
  if (isnan (value))
    return sign | 0x7e00;
  /* Half way to what would follow the largest one. */
  if (magnitude >= 65520.0f)
    return sign | 0x7c00;
  /* Subnormal ones are multiples of 2^-24. */
  if (magnitude < 0x1p-14f)
    return sign | (uint16_t)nearbyintf (magnitude * 0x1p24f);
  /* 13 bits fewer, to even; the carry moves the exponent as it should. */
  bits &= 0x7fffffff;
  bits += 0xfff + (bits >> 13 & 1);
  return sign | (uint16_t)((bits - (112u << 23)) >> 13);
}

float
ax_cuda_half_to_float (uint16_t half)
{
  const uint32_t sign = (uint32_t)(half & 0x8000) << 16;
  uint32_t bits = (uint32_t)(half & 0x7fff) << 13;
  float value;
  /* The exponents' biases differ by 112; infinities and NaN have the largest
   * one. */
  memcpy (&value, &bits, sizeof value);
  value *= 0x1p112f;
  memcpy (&bits, &value, sizeof bits);
  if ((half & 0x7c00) == 0x7c00)
    bits |= 0x7f800000;
  bits |= sign;
  memcpy (&value, &bits, sizeof value);
  return value;
}
