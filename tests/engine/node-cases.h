#pragma once

#include "tests/engine/node-graph.h"

/* clang-format off */
#define CONV(n, n_in, h, w, n_out, ...) \
  { AX_NODE_CONV, n, n_in, h, w, n_out, __VA_ARGS__ }
#define TRANSPOSE(n, n_in, h, w, n_out, ...) \
  { AX_NODE_CONV_TRANSPOSE, n, n_in, h, w, n_out, __VA_ARGS__ }
#define POOL(kind, n, n_in, h, w, ...) \
  { AX_NODE_##kind##_POOL, n, n_in, h, w, 0, __VA_ARGS__ }
#define UNARY(kind, n, n_in, h, w) { AX_NODE_##kind, n, n_in, h, w }
#define BINARY(kind, n, n_in, side, other, is_1) \
  { AX_NODE_##kind, n, n_in, side, side, .other_channels = other, \
    .other_side_is_1 = is_1 }
#define NUMBER(kind, n, n_in, h, w, number_) \
  { AX_NODE_##kind, n, n_in, h, w, .number = number_ }

static const NodeCase node_cases[] = {
  /* windows: kernel_h, kernel_w, stride, dilation, pad */
  CONV (1, 3, 7, 9, 5, { 3, 3, 1, 1, 0 }),
  CONV (3, 3, 21, 18, 64, { 3, 3, 1, 1, 0 }, FOLLOWED_BY_RELU),
  CONV (1, 3, 21, 18, 17, { 3, 3, 2, 1, 1 }, FOLLOWED_BY_RELU),
  CONV (1, 3, 5, 5, 1, { 1, 1, 1, 1, 0 }),
  CONV (1, 1, 12, 11, 1, { 5, 5, 1, 1, 2 }),
  CONV (3, 20, 13, 11, 2, { 1, 1, 1, 1, 0 }),
  CONV (1, 32, 6, 7, 40, { 2, 2, 1, 1, 0 }, FOLLOWED_BY_RELU),
  CONV (1, 32, 14, 14, 24, { 2, 2, 1, 4, 0 }, FOLLOWED_BY_RELU),
  CONV (3, 16, 9, 10, 16, { 3, 2, 1, 1, 1 }),
  CONV (1, 17, 15, 16, 19, { 3, 3, 2, 2, 2 }),
  CONV (1, 8, 16, 30, 24, { 7, 7, 1, 1, 3 }),
  /* 3x3 of stride 1: every way that tiles of 4x4 can stick out */
  CONV (1, 16, 22, 22, 16, { 3, 3, 1, 1, 0 }),
  CONV (1, 16, 23, 24, 33, { 3, 3, 1, 1, 0 }, FOLLOWED_BY_RELU),
  CONV (3, 17, 25, 26, 16, { 3, 3, 1, 1, 1 }, FOLLOWED_BY_RELU),
  CONV (1, 31, 27, 21, 47, { 3, 3, 1, 1, 2 }),
  CONV (3, 32, 20, 37, 32, { 3, 3, 1, 2, 0 }, FOLLOWED_BY_RELU),
  CONV (1, 24, 31, 30, 48, { 3, 3, 1, 3, 3 }),
  CONV (1, 16, 40, 41, 16, { 3, 3, 1, 8, 0 }),
  CONV (1, 300, 21, 22, 20, { 3, 3, 1, 1, 0 }, FOLLOWED_BY_RELU),
  CONV (1, 40, 70, 75, 36, { 3, 3, 1, 1, 0 }, FOLLOWED_BY_RELU),
  CONV (1, 16, 6, 6, 16, { 3, 3, 1, 1, 0 }),
  CONV (3, 64, 3, 3, 64, { 3, 3, 1, 1, 0 }),
  /* with a pool behind: sides that are even, odd, and odd in halves */
  CONV (1, 16, 26, 30, 32, { 3, 3, 1, 1, 0 }, FOLLOWED_BY_RELU_AND_POOL),
  CONV (3, 24, 25, 28, 17, { 3, 3, 1, 1, 0 }, FOLLOWED_BY_RELU_AND_POOL),
  CONV (1, 32, 27, 29, 64, { 3, 3, 1, 1, 1 }, FOLLOWED_BY_RELU_AND_POOL),
  CONV (1, 16, 29, 31, 16, { 3, 3, 1, 2, 0 }, FOLLOWED_BY_RELU_AND_POOL),
  CONV (1, 3, 29, 31, 16, { 3, 3, 1, 1, 0 }, FOLLOWED_BY_RELU_AND_POOL),
  CONV (1, 16, 26, 30, 32, { 3, 3, 1, 1, 0 }, FOLLOWED_BY_RELU_AND_OTHER),
  CONV (1, 16, 26, 30, 32, { 3, 3, 1, 1, 0 }, FOLLOWED_BY_OUTPUT_RELU),
  CONV (3, 20, 13, 11, 32, { 1, 1, 1, 1, 0 }, FOLLOWED_BY_SIGMOID),
  CONV (1, 20, 13, 11, 24, { 1, 1, 1, 1, 0 }, FOLLOWED_BY_SIGMOID),
  CONV (1, 16, 26, 30, 32, { 3, 3, 1, 1, 0 }, FOLLOWED_BY_SIGMOID),
  TRANSPOSE (1, 16, 7, 6, 8, { 2, 2, 2, 1, 0 }),
  TRANSPOSE (3, 20, 9, 5, 33, { 2, 2, 2, 1, 0 }, FOLLOWED_BY_RELU),
  TRANSPOSE (1, 20, 9, 5, 32, { 2, 2, 2, 1, 0 }, FOLLOWED_BY_SIGMOID),
  TRANSPOSE (1, 3, 9, 5, 4, { 2, 2, 2, 1, 0 }),
  TRANSPOSE (3, 20, 9, 5, 17, { 3, 3, 2, 1, 1 }, FOLLOWED_BY_RELU),
  TRANSPOSE (1, 5, 6, 7, 3, { 2, 2, 1, 2, 0 }),
  TRANSPOSE (1, 3, 6, 7, 32, { 4, 4, 2, 1, 1 }),
  POOL (MAX, 1, 3, 9, 11, { 2, 2, 2, 1, 0 }),
  POOL (MAX, 3, 20, 10, 12, { 2, 2, 2, 1, 0 }),
  POOL (MAX, 1, 16, 13, 14, { 2, 2, 1, 1, 0 }),
  POOL (MAX, 1, 33, 13, 14, { 2, 2, 1, 4, 0 }),
  POOL (MAX, 3, 8, 11, 14, { 3, 3, 2, 1, 1 }),
  POOL (MAX, 1, 8, 11, 14, { 3, 2, 1, 2, 1 }),
  POOL (AVG, 1, 3, 9, 11, { 2, 2, 2, 1, 0 }),
  POOL (AVG, 3, 18, 9, 11, { 3, 3, 2, 1, 1 }),
  POOL (AVG, 1, 16, 12, 11, { 3, 3, 1, 2, 2 }),
  POOL (AVG, 1, 16, 12, 11, { 5, 5, 1, 1, 0 }),
  POOL (AVG, 3, 20, 12, 11, { 3, 3, 1, 2, 0 }),
  UNARY (BATCH_NORM, 3, 3, 5, 7),
  UNARY (BATCH_NORM, 1, 37, 6, 5),
  UNARY (RELU, 1, 3, 5, 7),
  UNARY (RELU, 3, 33, 6, 5),
  UNARY (SIGMOID, 1, 1, 5, 7),
  UNARY (SIGMOID, 3, 21, 6, 5),
  UNARY (SOFTMAX, 1, 2, 5, 7),
  UNARY (SOFTMAX, 3, 20, 6, 5),
  UNARY (SOFTMAX, 1, 1, 3, 3),
  UNARY (DROPOUT, 1, 9, 6, 5),
  UNARY (CHANNEL_MEAN, 3, 3, 5, 7),
  UNARY (CHANNEL_MEAN, 1, 41, 5, 7),
  UNARY (CHANNEL_MAX, 3, 16, 5, 7),
  UNARY (CHANNEL_MAX, 1, 41, 5, 7),
  UNARY (CROP, 1, 3, 8, 9),
  UNARY (CROP, 3, 19, 8, 9),
  UNARY (FRAGMENT, 1, 3, 9, 11),
  UNARY (FRAGMENT, 3, 20, 7, 5),
  NUMBER (DEFRAGMENT, 1, 3, 9, 11, 1),
  NUMBER (DEFRAGMENT, 3, 17, 15, 23, 2),
  NUMBER (UPSAMPLE, 1, 3, 5, 6, 2),
  NUMBER (UPSAMPLE, 3, 20, 4, 5, 3),
  BINARY (CONCAT, 1, 3, 6, 2, FALSE),
  BINARY (CONCAT, 3, 16, 6, 24, FALSE),
  BINARY (CONCAT, 1, 11, 6, 37, FALSE),
  BINARY (CONCAT, 3, 32, 6, 20, FALSE),
  BINARY (ADD, 3, 20, 7, 20, FALSE),
  BINARY (ADD, 1, 20, 7, 1, FALSE),
  BINARY (ADD, 1, 20, 7, 20, TRUE),
  BINARY (ADD, 1, 1, 7, 20, FALSE),
  BINARY (MUL, 1, 3, 7, 3, FALSE),
  BINARY (MUL, 3, 33, 7, 1, FALSE),
  BINARY (MUL, 3, 33, 7, 33, TRUE),
  BINARY (MUL, 1, 17, 7, 1, TRUE),
};
/* clang-format on */

#undef CONV
#undef TRANSPOSE
#undef POOL
#undef UNARY
#undef BINARY
#undef NUMBER
