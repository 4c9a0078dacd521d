#include "cuda/test/net.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const AxWindow dense_3x3 = { 3, 3, 1, 1, 0 };
static const AxWindow same_3x3 = { 3, 3, 1, 1, 1 };
static const AxWindow halving = { 2, 2, 2, 1, 0 };
static const AxWindow dense_2x2 = { 2, 2, 1, 1, 0 };
static const AxWindow dense_1x1 = { 1, 1, 1, 1, 0 };

static void *
allocate (size_t bytes)
{
  void *memory = calloc (1, bytes);
  if (memory == NULL)
    {
      fputs ("out of memory\n", stderr);
      exit (1);
    }
  return memory;
}

/* Steele, Lea & Flood 2014 */
uint64_t
net_draw (uint64_t *state)
{
  uint64_t z = *state += UINT64_C (0x9e3779b97f4a7c15);
  z = (z ^ z >> 30) * UINT64_C (0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * UINT64_C (0x94d049bb133111eb);
  return (z ^ z >> 31) >> 11;
}

static float
draw_between (Net *self, double low, double high)
{
  return (float)(low + (high - low) * (double)net_draw (&self->seed) * 0x1p-53);
}

Net *
net_new (uint64_t seed)
{
  static const float mean[3] = { 0.485f, 0.456f, 0.406f };
  static const float std[3] = { 0.229f, 0.224f, 0.225f };
  Net *self = allocate (sizeof *self);
  self->seed = seed;
  net_add (self, AX_NODE_INPUT, -1, -1, 3);
  for (int i = 0; i < 3; i++)
    {
      self->nodes[0].u.input.mean[i] = mean[i];
      self->nodes[0].u.input.std[i] = std[i];
    }
  return self;
}

void
net_free (Net *self)
{
  for (int32_t i = 0; i < self->n_params; i++)
    free (self->params[i].data);
  free (self);
}

AxGraphView
net_view (const Net *self)
{
  AxGraphView view = { .n_nodes = self->n_nodes,
                       .nodes = self->nodes,
                       .n_params = self->n_params,
                       .n_outputs = self->n_outputs };
  for (int i = 0; i < AX_MAX_OUTPUTS; i++)
    view.outputs[i] = self->outputs[i];
  return view;
}

int32_t
net_add (Net *self, AxNodeKind kind, int32_t a, int32_t b, int32_t n_channels)
{
  self->nodes[self->n_nodes] = (AxNode){ .kind = (int32_t)kind,
                                         .inputs = { a, b },
                                         .params = { -1, -1, -1, -1 },
                                         .n_channels = n_channels };
  return self->n_nodes++;
}

/* Values between @low and @high. */
static int32_t
add_param (Net *self, int32_t rank, const int64_t *shape, double low,
           double high)
{
  AxTensorView *view = &self->params[self->n_params];
  int64_t count = 1;
  *view = (AxTensorView){ .dtype = AX_DTYPE_F32, .rank = rank };
  for (int32_t i = 0; i < rank; i++)
    count *= view->shape[i] = shape[i];
  float *values = allocate ((size_t)count * sizeof *values);
  for (int64_t i = 0; i < count; i++)
    values[i] = draw_between (self, low, high);
  view->data = values;
  return self->n_params++;
}

int32_t
net_add_conv (Net *self, AxNodeKind kind, int32_t input, int32_t n_channels,
              AxWindow window)
{
  const int64_t n_in = self->nodes[input].n_channels;
  const int is_transposed = kind == AX_NODE_CONV_TRANSPOSE;
  const int64_t shape[]
      = { is_transposed ? n_in : n_channels, is_transposed ? n_channels : n_in,
          window.kernel_h, window.kernel_w };
  const int64_t n_bias = n_channels;
  /* Uniform ones of variance 2 / (inputs of a cell) (He et al. 2015). */
  const double reach
      = sqrt (6.0 / (double)(n_in * window.kernel_h * window.kernel_w));
  const int32_t node = net_add (self, kind, input, -1, n_channels);
  self->nodes[node].u.window = window;
  self->nodes[node].params[0] = add_param (self, 4, shape, -reach, reach);
  self->nodes[node].params[1] = add_param (self, 1, &n_bias, -0.2, 0.2);
  return node;
}

int32_t
net_add_pool (Net *self, AxNodeKind kind, int32_t input, AxWindow window)
{
  const int32_t node
      = net_add (self, kind, input, -1, self->nodes[input].n_channels);
  self->nodes[node].u.window = window;
  return node;
}

int32_t
net_add_norm (Net *self, int32_t input)
{
  const int64_t n_channels = self->nodes[input].n_channels;
  const int32_t node
      = net_add (self, AX_NODE_BATCH_NORM, input, -1, (int32_t)n_channels);
  self->nodes[node].u.batch_norm.epsilon = 1e-5;
  self->nodes[node].u.batch_norm.momentum = 0.1;
  self->nodes[node].params[0] = add_param (self, 1, &n_channels, 0.5, 1.5);
  self->nodes[node].params[1] = add_param (self, 1, &n_channels, -0.5, 0.5);
  self->nodes[node].params[2] = add_param (self, 1, &n_channels, -0.5, 0.5);
  self->nodes[node].params[3] = add_param (self, 1, &n_channels, 0.5, 1.5);
  return node;
}

int32_t
net_add_relu (Net *self, int32_t input)
{
  return net_add (self, AX_NODE_RELU, input, -1, self->nodes[input].n_channels);
}

int32_t
net_add_softmax (Net *self, int32_t input)
{
  const int32_t node = net_add (self, AX_NODE_SOFTMAX, input, -1,
                                self->nodes[input].n_channels);
  self->nodes[node].u.softmax.temperature = 1.5;
  return node;
}

void
net_add_output (Net *self, int32_t node)
{
  self->outputs[self->n_outputs++] = node;
}

static int32_t
add_conv_relu (Net *self, int32_t input, int32_t n_channels, AxWindow window)
{
  return net_add_relu (
      self, net_add_conv (self, AX_NODE_CONV, input, n_channels, window));
}

Net *
net_new_scannet (int32_t divisor, int32_t depth, uint64_t seed)
{
  static const int32_t n_convs[] = { 2, 2, 3, 3, 3 };
  static const int32_t widths[] = { 64, 128, 256, 512, 512 };
  Net *self = net_new (seed);
  int32_t node = 0;
  for (int32_t block = 0; block < 5; block++)
    {
      for (int32_t i = 0; i < n_convs[block]; i++)
        node = add_conv_relu (self, node, widths[block] / divisor, dense_3x3);
      node = block < 5 - depth
                 ? net_add_pool (self, AX_NODE_MAX_POOL, node, halving)
                 : net_add (self, AX_NODE_FRAGMENT, node, -1,
                            self->nodes[node].n_channels);
    }
  node = add_conv_relu (self, node, 1024 / divisor, dense_2x2);
  node = add_conv_relu (self, node, 1024 / divisor, dense_1x1);
  node = net_add_conv (self, AX_NODE_CONV, node, 2, dense_1x1);
  node = net_add_softmax (self, node);
  if (depth > 0)
    {
      node = net_add (self, AX_NODE_DEFRAGMENT, node, -1, 2);
      self->nodes[node].u.defragment.depth = depth;
    }
  net_add_output (self, node);
  return self;
}

/* 244 + 32 m + (alpha - 1) 32 / alpha: field 244, stride 32. */
int32_t
net_get_scannet_side (int32_t n_cells, int32_t depth)
{
  return 244 + 32 * (n_cells - 1) + 32 - (32 >> depth);
}

Net *
net_new_branches (uint64_t seed)
{
  const AxWindow wide = { 7, 7, 1, 1, 3 };
  Net *self = net_new (seed);
  const int32_t left = add_conv_relu (self, 0, 20, same_3x3);
  int32_t node = net_add_pool (self, AX_NODE_MAX_POOL, left, halving);
  node = net_add_conv (self, AX_NODE_CONV, node, 40, same_3x3);
  node = net_add_relu (self, net_add_norm (self, node));
  node = net_add (self, AX_NODE_DROPOUT, node, -1, 40);
  node = net_add_conv (self, AX_NODE_CONV_TRANSPOSE, node, 20, halving);
  node = net_add (self, AX_NODE_CONCAT, left, node, 40);
  node = net_add_conv (self, AX_NODE_CONV, node, 24, same_3x3);
  const int32_t mean = net_add (self, AX_NODE_CHANNEL_MEAN, node, -1, 1);
  const int32_t max = net_add (self, AX_NODE_CHANNEL_MAX, node, -1, 1);
  int32_t gate = net_add (self, AX_NODE_CONCAT, mean, max, 2);
  gate = net_add_conv (self, AX_NODE_CONV, gate, 1, wide);
  gate = net_add (self, AX_NODE_SIGMOID, gate, -1, 1);
  node = net_add (self, AX_NODE_MUL, node, gate, 24);
  node = net_add_conv (self, AX_NODE_CONV, node, 2, dense_1x1);
  net_add_output (self, net_add_softmax (self, node));
  net_add_output (self, gate);
  return self;
}

static int32_t
add_conv_norm_relu (Net *self, int32_t input, int32_t n_channels,
                    AxWindow window)
{
  const int32_t node
      = net_add_conv (self, AX_NODE_CONV, input, n_channels, window);
  return net_add_relu (self, net_add_norm (self, node));
}

/* The gate over channels and that over places, each of windows of 5 x 5. */
static int32_t
add_attention (Net *self, int32_t input, int32_t node)
{
  const AxWindow window = { 5, 5, 1, 1, 0 };
  const int32_t n_channels = self->nodes[node].n_channels;
  int32_t gate
      = net_add_conv (self, AX_NODE_CONV, input, n_channels / 16, dense_1x1);
  gate = net_add_pool (self, AX_NODE_AVG_POOL, gate, window);
  gate = net_add_relu (self, gate);
  gate = net_add_conv (self, AX_NODE_CONV, gate, n_channels, dense_1x1);
  gate = net_add (self, AX_NODE_SIGMOID, gate, -1, n_channels);
  node = net_add (self, AX_NODE_MUL, node, gate, n_channels);
  const int32_t mean = net_add (self, AX_NODE_CHANNEL_MEAN, input, -1, 1);
  const int32_t max = net_add (self, AX_NODE_CHANNEL_MAX, input, -1, 1);
  gate = net_add (self, AX_NODE_CONCAT, mean, max, 2);
  gate = net_add_conv (self, AX_NODE_CONV, gate, 1, window);
  gate = net_add (self, AX_NODE_SIGMOID, gate, -1, 1);
  return net_add (self, AX_NODE_MUL, node, gate, n_channels);
}

Net *
net_new_small_scannet (int has_attention, uint64_t seed)
{
  static const int32_t widths[] = { 32, 64, 128, 256 };
  Net *self = net_new (seed);
  int32_t node = 0;
  for (int32_t block = 0; block < 4; block++)
    {
      const int32_t input = node;
      for (int32_t i = 0; i < 2; i++)
        node = add_conv_norm_relu (self, node, widths[block], dense_3x3);
      if (has_attention && block >= 2)
        node = add_attention (self, input, node);
      node = net_add_pool (self, AX_NODE_MAX_POOL, node, halving);
    }
  node = add_conv_relu (self, node, 256, dense_2x2);
  node = net_add (self, AX_NODE_DROPOUT, node, -1, 256);
  self->nodes[node].u.dropout.rate = 0.5;
  node = net_add_conv (self, AX_NODE_CONV, node, 2, dense_1x1);
  net_add_output (self, net_add_softmax (self, node));
  return self;
}

Net *
net_new_unet (int32_t width, uint64_t seed)
{
  Net *self = net_new (seed);
  int32_t beside[4], node = 0;
  for (int32_t level = 0; level < 5; level++)
    {
      for (int32_t i = 0; i < 2; i++)
        node = add_conv_norm_relu (self, node, width << level, same_3x3);
      if (level == 4)
        break;
      beside[level] = node;
      node = net_add_pool (self, AX_NODE_MAX_POOL, node, halving);
    }
  for (int32_t level = 3; level >= 0; level--)
    {
      node = net_add_conv (self, AX_NODE_CONV_TRANSPOSE, node, width << level,
                           halving);
      node = net_add (self, AX_NODE_CONCAT, beside[level], node,
                      2 * width << level);
      for (int32_t i = 0; i < 2; i++)
        node = add_conv_norm_relu (self, node, width << level, same_3x3);
    }
  node = net_add_conv (self, AX_NODE_CONV, node, 2, dense_1x1);
  net_add_output (self, net_add_softmax (self, node));
  return self;
}
