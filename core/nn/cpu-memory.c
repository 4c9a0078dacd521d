#include "core/nn/cpu-memory.h"

#include <stdlib.h>
#include <sys/mman.h>

#define CACHE_LINE ((gsize)64)
#define HUGE_PAGE ((gsize)2 << 20)

static gsize
round_up (gsize bytes, gsize unit)
{
  return (bytes + unit - 1) / unit * unit;
}

gpointer
ax_cpu_alloc (gsize bytes)
{
  gpointer memory = NULL;
  const gboolean large = bytes >= 2 * HUGE_PAGE;
  if (posix_memalign (&memory, large ? HUGE_PAGE : CACHE_LINE,
                      MAX (bytes, CACHE_LINE))
      != 0)
    return NULL;
  /* Only a wish: without huge pages all works, a little slower. */
  if (large)
    (void)madvise (memory, bytes, MADV_HUGEPAGE);
  return memory;
}

void
ax_cpu_free (gpointer memory)
{
  free (memory);
}

static int
compare_by_size (gconstpointer a, gconstpointer b)
{
  const AxCpuBlock *x = *(AxCpuBlock *const *)a;
  const AxCpuBlock *y = *(AxCpuBlock *const *)b;
  if (x->bytes != y->bytes)
    return x->bytes < y->bytes ? 1 : -1;
  return x < y ? -1 : x > y;
}

/* The lowest offset at which @block meets none of @placed. */
static gsize
find_place (const AxCpuBlock *block, AxCpuBlock *const *placed, int n_placed)
{
  gsize offset = 0;
  for (int i = 0; i < n_placed; i++)
    {
      const AxCpuBlock *other = placed[i];
      const gboolean together
          = block->first <= other->last && other->first <= block->last;
      if (together && offset < other->offset + other->bytes
          && other->offset < offset + block->bytes)
        {
          offset = round_up (other->offset + other->bytes, CACHE_LINE);
          i = -1; /* it may meet one that was passed before */
        }
    }
  return offset;
}

gsize
ax_cpu_plan_arena (AxCpuBlock *blocks, int n_blocks)
{
  g_autofree AxCpuBlock **sorted = g_new (AxCpuBlock *, (gsize)n_blocks);
  gsize bytes = 0;
  for (int i = 0; i < n_blocks; i++)
    sorted[i] = &blocks[i];
  qsort (sorted, (gsize)n_blocks, sizeof *sorted, compare_by_size);
  for (int i = 0; i < n_blocks; i++)
    {
      sorted[i]->offset = find_place (sorted[i], sorted, i);
      bytes = MAX (bytes, sorted[i]->offset + sorted[i]->bytes);
    }
  return bytes;
}
