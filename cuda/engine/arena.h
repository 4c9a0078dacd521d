#pragma once

#include <stddef.h>
#include <stdint.h>

/**
 * AxCudaBlock, ax_cuda_arena_place:
 *
 * Blocks of which each is needed from step @first to step @last, both
 * included, get an @offset into one arena: largest first, each at the lowest
 * place that no block alive at the same time covers.  A chain of layers ends
 * up as ping and pong.  A block of no bytes gets no place.
 *
 * @order: n_blocks numbers of scratch space.
 *
 * Returns: bytes of the arena.  Offsets are multiples of 256, as the device
 * wants them.  Thread: any.
 */
typedef struct
{
  size_t bytes;
  int32_t first, last;
  size_t offset; /* out */
} AxCudaBlock;

size_t ax_cuda_arena_place (AxCudaBlock *blocks, int32_t n_blocks,
                            int32_t *order);
