#include "core/nn/cpu-winograd.h"

#include "core/nn/cpu-memory.h"

#include <math.h>
#include <omp.h>
#include <string.h>

enum
{
  KERNEL = 3,
  IN_SIDE = 6,
  OUT_SIDE = 4,
  N_PRODUCTS = IN_SIDE * IN_SIDE,
  MAX_LANES = 16,
  MAX_WIDTH = 2 * MAX_LANES, /* output channels of one kernel's product */
};

/* Input channels of one pass of the products: the U of a pass, for as many
   output channels as a kernel does at once, stays in the innermost cache. */
#define CHANNELS_PER_PASS 256

/* Tiles of a group.  Few keep V and M in the cache; but each group reads all
   of U, which counts where U is large. */
#define TILES_SMALL 56
#define TILES_LARGE 140
#define LARGE_BYTES (256 * 1024) /* of U, for one of the 36 */

/* Below these, the transforms or reading U cost more than is saved. */
#define LEAST_CHANNELS 8
#define LEAST_TILES 16

typedef struct
{
  gint64 n;
  gint64 in_y, in_x, out_y, out_x; /* first pixels */
} Tile;

struct _AxWinograd
{
  const AxCpuKernels *kernels;
  AxWinogradSpec spec;
  int n_threads;

  int n_in_blocks, n_out_blocks; /* of channels; the latter padded */
  int out_step; /* outputs from one tile to the next: OUT_SIDE, pooled half */
  gint64 n_tiles_y, n_tiles_x; /* of each of the dilation^2 parts */
  gint64 n_tiles, n_groups;
  int tiles_per_group;

  gsize v_step, m_step; /* floats from one of the 36 to the next */
  float *u; /* for each of the 36 and each pass: [blocks of outputs of one
               kernel][input channels of the pass][output channels] */
  float *bias;
};

static gint64
divide_up (gint64 a, gint64 b)
{
  return (a + b - 1) / b;
}

/* Tiles along a side of the unpooled output, for each remainder. */
static gint64
count_tiles (gint64 side, int dilation, int pad)
{
  const gint64 outputs = side + 2 * pad - (KERNEL - 1) * dilation;
  return divide_up (divide_up (outputs, dilation), OUT_SIDE);
}

gboolean
ax_winograd_suits (const AxCpuKernels *kernels, const AxWindow *window,
                   const AxShape *in, const AxShape *out)
{
  if (kernels->winograd_input == NULL || window->kernel_h != KERNEL
      || window->kernel_w != KERNEL || window->stride != 1)
    return FALSE;
  const gint64 n_tiles = in->n * window->dilation * window->dilation
                         * count_tiles (in->h, window->dilation, window->pad)
                         * count_tiles (in->w, window->dilation, window->pad);
  return in->c >= LEAST_CHANNELS && out->c >= LEAST_CHANNELS
         && n_tiles >= LEAST_TILES;
}

/*
 * The size of group for which the busiest thread has least to do, counted in
 * pieces of the product; reading U is as good as one piece more.
 */
static int
choose_tiles_per_group (const AxWinograd *self)
{
  const int tiles_per_piece = self->kernels->product_tiles;
  const gint64 u_bytes
      = self->spec.in.c * self->spec.out.c * (gint64)sizeof (float);
  const int max_tiles = u_bytes > LARGE_BYTES ? TILES_LARGE : TILES_SMALL;
  const gint64 n_pieces = divide_up (self->n_tiles, tiles_per_piece);
  gint64 least_work = G_MAXINT64;
  int best = 1;
  for (int pieces = 1; pieces * tiles_per_piece <= max_tiles; pieces++)
    {
      const gint64 n_groups = divide_up (n_pieces, pieces);
      const gint64 n_rounds = divide_up (n_groups, self->n_threads);
      const gint64 last = n_pieces - (n_groups - 1) * pieces;
      const gboolean last_is_alone = (n_groups - 1) % self->n_threads == 0;
      const gint64 work
          = n_rounds * (pieces + 1) - (last_is_alone ? pieces - last : 0);
      if (work <= least_work)
        {
          least_work = work;
          best = pieces;
        }
    }
  return best * tiles_per_piece;
}

static void
lay_out (AxWinograd *self)
{
  const AxWinogradSpec *spec = &self->spec;
  const AxCpuKernels *kernels = self->kernels;
  const int lanes = kernels->lanes;
  self->n_in_blocks = (int)divide_up (spec->in.c, lanes);
  self->n_out_blocks
      = (int)divide_up (spec->out.c, lanes * kernels->product_blocks)
        * kernels->product_blocks;
  self->out_step = spec->pool ? OUT_SIDE / 2 : OUT_SIDE;
  self->n_tiles_y = count_tiles (spec->in.h, spec->dilation, spec->pad);
  self->n_tiles_x = count_tiles (spec->in.w, spec->dilation, spec->pad);
  self->n_tiles = spec->in.n * spec->dilation * spec->dilation * self->n_tiles_y
                  * self->n_tiles_x;
  self->tiles_per_group = choose_tiles_per_group (self);
  self->n_groups = divide_up (self->n_tiles, self->tiles_per_group);
  /* One cache line more, so that the 36 do not fall into the same set. */
  const gsize block = (gsize)self->tiles_per_group * (gsize)lanes;
  self->v_step = (gsize)self->n_in_blocks * block + AX_CACHE_LINE_FLOATS;
  self->m_step = (gsize)self->n_out_blocks * block + AX_CACHE_LINE_FLOATS;
}

/* G g G', with the G of Lavin & Gray. */
static void
transform_weights (const float *g, double u[IN_SIDE][IN_SIDE])
{
  static const double matrix[IN_SIDE][KERNEL]
      = { { 1.0 / 4, 0.0, 0.0 },
          { -1.0 / 6, -1.0 / 6, -1.0 / 6 },
          { -1.0 / 6, 1.0 / 6, -1.0 / 6 },
          { 1.0 / 24, 1.0 / 12, 1.0 / 6 },
          { 1.0 / 24, -1.0 / 12, 1.0 / 6 },
          { 0.0, 0.0, 1.0 } };
  double rows[IN_SIDE][KERNEL];
  for (int i = 0; i < IN_SIDE; i++)
    for (int j = 0; j < KERNEL; j++)
      rows[i][j] = matrix[i][0] * (double)g[j]
                   + matrix[i][1] * (double)g[KERNEL + j]
                   + matrix[i][2] * (double)g[2 * KERNEL + j];
  for (int i = 0; i < IN_SIDE; i++)
    for (int j = 0; j < IN_SIDE; j++)
      u[i][j] = rows[i][0] * matrix[j][0] + rows[i][1] * matrix[j][1]
                + rows[i][2] * matrix[j][2];
}

static int
get_pass_channels (const AxWinograd *self, int first)
{
  return MIN (CHANNELS_PER_PASS,
              self->n_in_blocks * self->kernels->lanes - first);
}

static gsize
get_u_step (const AxWinograd *self)
{
  const gsize lanes = (gsize)self->kernels->lanes;
  return (gsize)self->n_in_blocks * lanes * (gsize)self->n_out_blocks * lanes;
}

/* Where the U of one pair of channels lies within each of the 36. */
static gsize
get_u_place (const AxWinograd *self, int in, int out)
{
  const int lanes = self->kernels->lanes;
  const int width = lanes * self->kernels->product_blocks;
  const int first = in / CHANNELS_PER_PASS * CHANNELS_PER_PASS;
  const int n_channels = get_pass_channels (self, first);
  return (gsize)first * (gsize)(self->n_out_blocks * lanes)
         + ((gsize)(out / width * n_channels) + (gsize)(in - first))
               * (gsize)width
         + (gsize)(out % width);
}

/* For one input channel and @n_out output channels, of which the U lie
 * together: gathered first, because the 36 places of a pair are so far apart
 * that each is another page. */
static void
fill_u_row (AxWinograd *self, const float *weights, int in, int first_out,
            int n_out)
{
  float rows[N_PRODUCTS][MAX_WIDTH];
  const gsize step = (gsize)self->spec.in.c * KERNEL * KERNEL;
  float *to = self->u + get_u_place (self, in, first_out);
  for (int i = 0; i < n_out; i++)
    {
      double u[IN_SIDE][IN_SIDE];
      transform_weights (weights + (gsize)(first_out + i) * step
                             + (gsize)in * KERNEL * KERNEL,
                         u);
      for (int k = 0; k < N_PRODUCTS; k++)
        rows[k][i] = (float)u[k / IN_SIDE][k % IN_SIDE];
    }
  for (gsize k = 0; k < N_PRODUCTS; k++)
    memcpy (to + k * get_u_step (self), rows[k], (gsize)n_out * sizeof (float));
}

static void
fill_u (AxWinograd *self, const float *weights)
{
  const int n_out = (int)self->spec.out.c;
  const int width = self->kernels->lanes * self->kernels->product_blocks;
#pragma omp parallel for num_threads(self->n_threads)
  for (int in = 0; in < (int)self->spec.in.c; in++)
    for (int out = 0; out < n_out; out += width)
      fill_u_row (self, weights, in, out, MIN (width, n_out - out));
}

AxWinograd *
ax_winograd_new (const AxCpuKernels *kernels, const AxWinogradSpec *spec,
                 const float *weights, const float *bias, int n_threads)
{
  AxWinograd *self = g_new0 (AxWinograd, 1);
  self->kernels = kernels;
  self->spec = *spec;
  self->n_threads = n_threads;
  lay_out (self);
  const gsize bias_bytes
      = (gsize)(self->n_out_blocks * kernels->lanes) * sizeof (float);
  self->u = ax_cpu_alloc (ax_winograd_get_weights_bytes (self));
  self->bias = ax_cpu_alloc (bias_bytes);
  if (self->u == NULL || self->bias == NULL)
    {
      ax_winograd_free (self);
      return NULL;
    }
  memset (self->u, 0, ax_winograd_get_weights_bytes (self));
  memset (self->bias, 0, bias_bytes);
  ax_winograd_set_weights (self, weights, bias);
  return self;
}

void
ax_winograd_set_weights (AxWinograd *self, const float *weights,
                         const float *bias)
{
  fill_u (self, weights);
  if (bias != NULL)
    memcpy (self->bias, bias, (gsize)self->spec.out.c * sizeof (float));
}

void
ax_winograd_free (AxWinograd *self)
{
  if (self == NULL)
    return;
  ax_cpu_free (self->u);
  ax_cpu_free (self->bias);
  g_free (self);
}

gsize
ax_winograd_get_weights_bytes (const AxWinograd *self)
{
  return N_PRODUCTS * get_u_step (self) * sizeof (float);
}

static gsize
get_thread_floats (const AxWinograd *self)
{
  return N_PRODUCTS * (self->v_step + self->m_step);
}

gsize
ax_winograd_get_scratch_bytes (const AxWinograd *self)
{
  return (gsize)self->n_threads * get_thread_floats (self) * sizeof (float);
}

static void
locate_tiles (const AxWinograd *self, gint64 first, int n_tiles, Tile *tiles)
{
  const int dilation = self->spec.dilation, pad = self->spec.pad;
  for (int t = 0; t < n_tiles; t++)
    {
      gint64 rest = first + t;
      const gint64 x = rest % self->n_tiles_x;
      rest /= self->n_tiles_x;
      const gint64 y = rest % self->n_tiles_y;
      rest /= self->n_tiles_y;
      const gint64 part_x = rest % dilation;
      rest /= dilation;
      const gint64 part_y = rest % dilation;
      tiles[t].n = rest / dilation;
      tiles[t].in_y = part_y + y * OUT_SIDE * dilation - pad;
      tiles[t].in_x = part_x + x * OUT_SIDE * dilation - pad;
      tiles[t].out_y = part_y + y * self->out_step * dilation;
      tiles[t].out_x = part_x + x * self->out_step * dilation;
    }
}

/* Whether @n pixels from @first on, @step apart, lie in a side. */
static gboolean
fits (gint64 first, int n, int step, gint64 side)
{
  return first >= 0 && first + (gint64)(n - 1) * step < side;
}

/* The 6x6 inputs of a tile that sticks out, with zeros there. */
static void
gather_inputs (const AxWinograd *self, const float *plane, const Tile *tile,
               float *to)
{
  const AxShape *in = &self->spec.in;
  const int lanes = self->kernels->lanes;
  for (int i = 0; i < IN_SIDE; i++)
    for (int j = 0; j < IN_SIDE; j++, to += lanes)
      {
        const gint64 y = tile->in_y + (gint64)i * self->spec.dilation;
        const gint64 x = tile->in_x + (gint64)j * self->spec.dilation;
        if (y >= 0 && y < in->h && x >= 0 && x < in->w)
          memcpy (to, plane + (y * in->w + x) * lanes,
                  (gsize)lanes * sizeof *to);
        else
          memset (to, 0, (gsize)lanes * sizeof *to);
      }
}

static void
scatter_outputs (const AxWinograd *self, const float *from, const Tile *tile,
                 float *plane)
{
  const AxShape *out = &self->spec.out;
  const int lanes = self->kernels->lanes;
  for (int i = 0; i < self->out_step; i++)
    for (int j = 0; j < self->out_step; j++, from += lanes)
      {
        const gint64 y = tile->out_y + (gint64)i * self->spec.dilation;
        const gint64 x = tile->out_x + (gint64)j * self->spec.dilation;
        if (y < out->h && x < out->w)
          memcpy (plane + (y * out->w + x) * lanes, from,
                  (gsize)lanes * sizeof *from);
      }
}

static void
transform_inputs (const AxWinograd *self, const float *input, const Tile *tiles,
                  int n_tiles, float *v)
{
  const AxShape *in = &self->spec.in;
  const int dilation = self->spec.dilation, lanes = self->kernels->lanes;
  const ptrdiff_t v_step = (ptrdiff_t)self->v_step;
  for (int block = 0; block < self->n_in_blocks; block++)
    for (int t = 0; t < n_tiles; t++)
      {
        const Tile *tile = &tiles[t];
        const float *plane
            = input
              + (tile->n * self->n_in_blocks + block) * in->h * in->w * lanes;
        float *to = v + (block * self->tiles_per_group + t) * lanes;
        if (fits (tile->in_y, IN_SIDE, dilation, in->h)
            && fits (tile->in_x, IN_SIDE, dilation, in->w))
          self->kernels->winograd_input (
              plane + (tile->in_y * in->w + tile->in_x) * lanes,
              dilation * lanes, dilation * in->w * lanes, to, v_step);
        else
          {
            _Alignas(64) float inputs[N_PRODUCTS * MAX_LANES];
            gather_inputs (self, plane, tile, inputs);
            self->kernels->winograd_input (inputs, lanes, IN_SIDE * lanes, to,
                                           v_step);
          }
      }
}

/* The product of one of the 36, for the input channels of one pass.  Tiles
 * that fill up the last piece hold anything, and nobody reads their M. */
static void
multiply_pass (const AxWinograd *self, const float *v, const float *u, float *m,
               int n_tiles, int n_channels, gboolean add)
{
  const AxCpuKernels *kernels = self->kernels;
  const int lanes = kernels->lanes;
  const ptrdiff_t block_step = self->tiles_per_group * lanes;
  const int width = kernels->product_blocks * lanes;
  const gsize u_floats = (gsize)n_channels * (gsize)width;
  /* A call fetches a line for each channel: so many make up the next U. */
  const int n_parts = width / AX_CACHE_LINE_FLOATS;
  for (int block = 0; block < self->n_out_blocks;
       block += kernels->product_blocks, u += u_floats)
    for (int t = 0; t < n_tiles; t += kernels->product_tiles)
      {
        const int part = t / kernels->product_tiles % n_parts;
        kernels->winograd_multiply (
            v + t * lanes, block_step, u, m + block * block_step + t * lanes,
            block_step, n_channels / lanes, add,
            u + u_floats + part * n_channels * AX_CACHE_LINE_FLOATS);
      }
}

static void
multiply (const AxWinograd *self, const float *v, float *m, int n_tiles)
{
  const int lanes = self->kernels->lanes;
  const int n_channels = self->n_in_blocks * lanes;
  const gsize u_step = get_u_step (self);
  for (gsize i = 0; i < N_PRODUCTS; i++)
    for (int first = 0; first < n_channels; first += CHANNELS_PER_PASS)
      multiply_pass (self, v + i * self->v_step + first * self->tiles_per_group,
                     self->u + i * u_step + first * self->n_out_blocks * lanes,
                     m + i * self->m_step, n_tiles,
                     get_pass_channels (self, first), first > 0);
}

static void
transform_outputs (const AxWinograd *self, const float *m, const Tile *tiles,
                   int n_tiles, float *output)
{
  const AxShape *out = &self->spec.out;
  const AxCpuKernels *kernels = self->kernels;
  const int dilation = self->spec.dilation, lanes = kernels->lanes;
  const float least = self->spec.relu ? 0.0f : -INFINITY;
  const gint64 n_blocks = divide_up (out->c, lanes);
  const ptrdiff_t m_step = (ptrdiff_t)self->m_step;
  for (gint64 block = 0; block < n_blocks; block++)
    for (int t = 0; t < n_tiles; t++)
      {
        const Tile *tile = &tiles[t];
        float *plane
            = output + (tile->n * n_blocks + block) * out->h * out->w * lanes;
        const float *from = m + (block * self->tiles_per_group + t) * lanes;
        const gboolean inside
            = fits (tile->out_y, self->out_step, dilation, out->h)
              && fits (tile->out_x, self->out_step, dilation, out->w);
        _Alignas(64) float outputs[OUT_SIDE * OUT_SIDE * MAX_LANES];
        (self->spec.pool ? kernels->winograd_output_pool
                         : kernels->winograd_output) (
            from, m_step, self->bias + block * lanes, least,
            inside ? plane + (tile->out_y * out->w + tile->out_x) * lanes
                   : outputs,
            inside ? dilation * lanes : lanes,
            (inside ? dilation * out->w : self->out_step) * lanes);
        if (!inside)
          scatter_outputs (self, outputs, tile, plane);
      }
}

void
ax_winograd_run (const AxWinograd *self, const float *input, float *output,
                 float *scratch)
{
#pragma omp parallel for num_threads(self->n_threads) schedule(dynamic)
  for (gint64 group = 0; group < self->n_groups; group++)
    {
      const gint64 first = group * self->tiles_per_group;
      const int n_tiles
          = (int)MIN (self->tiles_per_group, self->n_tiles - first);
      Tile tiles[TILES_LARGE];
      float *v
          = scratch + (gsize)omp_get_thread_num () * get_thread_floats (self);
      float *m = v + N_PRODUCTS * self->v_step;
      locate_tiles (self, first, n_tiles, tiles);
      transform_inputs (self, input, tiles, n_tiles, v);
      multiply (self, v, m, n_tiles);
      transform_outputs (self, m, tiles, n_tiles, output);
    }
}
