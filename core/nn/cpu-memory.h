#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * Memory of the CPU engine: aligned to cache lines (large pieces to huge
 * pages, which the kernel is asked for), NULL when there is none.
 */
gpointer ax_cpu_alloc (gsize bytes);
void ax_cpu_free (gpointer memory);

/**
 * AxCpuBlock, ax_cpu_plan_arena:
 *
 * Blocks of which each is needed from step @first to step @last, both
 * included, get an @offset into one arena: largest first, each at the lowest
 * place that no block alive at the same time covers.  A chain of layers ends
 * up as ping and pong.
 *
 * Returns: bytes of the arena.  Offsets are multiples of 64.
 */
typedef struct
{
  gsize bytes;
  int first, last;
  gsize offset; /* out */
} AxCpuBlock;

gsize ax_cpu_plan_arena (AxCpuBlock *blocks, int n_blocks);

G_END_DECLS
