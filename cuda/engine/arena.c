#include "cuda/engine/arena.h"

#define ALIGNMENT ((size_t)256)

static size_t
get_room (const AxCudaBlock *block)
{
  return (block->bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* Whether both are alive at one time and would share a byte. */
static int
collide (const AxCudaBlock *a, const AxCudaBlock *b)
{
  return a->bytes > 0 && a->first <= b->last && b->first <= a->last
         && a->offset < b->offset + get_room (b)
         && b->offset < a->offset + get_room (a);
}

/* Insertion sort: largest first, equal ones in their order. */
static void
sort_by_size (const AxCudaBlock *blocks, int32_t n_blocks, int32_t *order)
{
  for (int32_t i = 0; i < n_blocks; i++)
    {
      int32_t place = i;
      for (; place > 0 && blocks[order[place - 1]].bytes < blocks[i].bytes;
           place--)
        order[place] = order[place - 1];
      order[place] = i;
    }
}

size_t
ax_cuda_arena_place (AxCudaBlock *blocks, int32_t n_blocks, int32_t *order)
{
  size_t bytes = 0;
  sort_by_size (blocks, n_blocks, order);
  for (int32_t i = 0; i < n_blocks; i++)
    {
      AxCudaBlock *block = &blocks[order[i]];
      block->offset = 0;
      /* Behind whatever is in the way, until nothing is. */
      for (int32_t k = 0; block->bytes > 0 && k < i; k++)
        if (collide (&blocks[order[k]], block))
          {
            block->offset
                = blocks[order[k]].offset + get_room (&blocks[order[k]]);
            k = -1;
          }
      if (block->offset + get_room (block) > bytes)
        bytes = block->offset + get_room (block);
    }
  return bytes;
}
