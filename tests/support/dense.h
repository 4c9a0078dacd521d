#pragma once

#include "tests/support/run-graph.h"

/**
 * What a dense map must be, by the paper's own way (Lin et al. 2018, equation
 * 2): alpha^2 passes of @graph over shifted inputs, interleaved.
 *
 * @input: sides field + stride*m + (alpha - 1) * stride/alpha
 * Returns: (1, c, alpha*(m + 1), alpha*(m + 1)).
 */
static inline TestTensor
run_naive_dense (const char *engine_name, AxGraph *graph,
                 const AxWeights *weights, const TestTensor *input, int stride,
                 int alpha)
{
  int step = stride / alpha;
  gint64 side = input->shape[2] - (gint64)(alpha - 1) * step;
  TestTensor dense = { { 0 }, NULL };
  for (int i = 0; i < alpha; i++)
    for (int j = 0; j < alpha; j++)
      {
        g_auto (TestTensor) roi = test_tensor_crop (
            input, (gint64)i * step, (gint64)j * step, side, side);
        g_auto (TestTensor) tile
            = run_graph (engine_name, graph, weights, &roi);
        const gint64 *s = tile.shape;
        if (dense.values == NULL)
          dense = test_tensor_new (1, s[1], s[2] * alpha, s[3] * alpha);
        const double *from = tile.values;
        for (gint64 c = 0; c < s[1]; c++)
          for (gint64 y = 0; y < s[2]; y++)
            for (gint64 x = 0; x < s[3]; x++)
              dense.values[(c * dense.shape[2] + y * alpha + i) * dense.shape[3]
                           + x * alpha + j]
                  = *from++;
      }
  return dense;
}

/** The largest difference to @b rolled by one cell: what a map that is out by
 * one would show. */
static inline double
rolled_difference (const TestTensor *a, const TestTensor *b)
{
  gint64 count = test_tensor_count (a);
  double max = 0.0;
  for (gint64 i = 0; i < count; i++)
    {
      double difference = a->values[i] - b->values[(i + 1) % count];
      max = MAX (max, ABS (difference));
    }
  return max;
}
