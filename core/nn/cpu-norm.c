#include "core/nn/cpu-norm.h"

#include "core/nn/cpu-memory.h"
#include "core/nn/cpu-norm-kernels.h"

#include <math.h>
#include <omp.h>
#include <string.h>

struct _AxCpuNorm
{
  const AxCpuNormKernels *kernels;
  AxCpuNormSpec spec;
  AxCpuTensor in, out; /* for their layouts; without data */
  int n_threads;
  float least;       /* of the output */
  float *tables;     /* per block: mean, scale, bias of the lanes */
  float *factors;    /* per block: as spread() takes them */
  double *sums;      /* per entry and block: two of each lane */
  float *gates;      /* per thread: d_y of two rows */
  double *sharpness; /* per channel: 1 / sqrt (variance + epsilon) */
};

static const AxCpuNormKernels *
choose_kernels (const AxCpuKernels *kernels)
{
#ifdef __x86_64__
  if (kernels->winograd_input != NULL)
    return kernels->lanes == 16 ? &ax_cpu_norm_kernels_avx512
                                : &ax_cpu_norm_kernels_avx2;
#endif
  return &ax_cpu_norm_kernels_generic;
}

AxCpuNorm *
ax_cpu_norm_new (const AxCpuKernels *kernels, const AxCpuNormSpec *spec,
                 int n_threads)
{
  AxCpuNorm *self = g_new0 (AxCpuNorm, 1);
  self->kernels = choose_kernels (kernels);
  self->spec = *spec;
  self->in = (AxCpuTensor){ spec->in, kernels->lanes, NULL };
  self->out = (AxCpuTensor){ spec->out, kernels->lanes, NULL };
  self->n_threads = n_threads;
  self->least = spec->relu ? 0.0f : -INFINITY;
  const gsize lanes = (gsize)kernels->lanes;
  const gsize n_blocks = (gsize)ax_cpu_tensor_get_n_blocks (&self->in);
  const gsize table_bytes = n_blocks * 3 * lanes * sizeof (float);
  self->tables = ax_cpu_alloc (table_bytes);
  self->factors = ax_cpu_alloc (table_bytes);
  self->sums = ax_cpu_alloc ((gsize)spec->in.n * n_blocks * 2 * lanes
                             * sizeof (double));
  self->gates = ax_cpu_alloc ((gsize)n_threads * 2 * (gsize)spec->in.w * lanes
                              * sizeof (float));
  self->sharpness = ax_cpu_alloc ((gsize)spec->in.c * sizeof (double));
  if (self->sharpness != NULL && self->tables != NULL && self->factors != NULL
      && self->sums != NULL && self->gates != NULL)
    return self;
  ax_cpu_norm_free (self);
  return NULL;
}

void
ax_cpu_norm_free (AxCpuNorm *self)
{
  if (self == NULL)
    return;
  ax_cpu_free (self->tables);
  ax_cpu_free (self->factors);
  ax_cpu_free (self->sums);
  ax_cpu_free (self->gates);
  ax_cpu_free (self->sharpness);
  g_free (self);
}

static gint64
count_blocks (const AxCpuNorm *self)
{
  return ax_cpu_tensor_get_n_blocks (&self->in);
}

static float *
get_table (const AxCpuNorm *self, float *tables, gint64 block)
{
  return tables + block * 3 * self->kernels->lanes;
}

/* Two sums of each lane: the first ones, the second ones behind them. */
static double *
get_sums (const AxCpuNorm *self, gint64 n, gint64 block)
{
  return self->sums
         + (n * count_blocks (self) + block) * 2 * self->kernels->lanes;
}

static const float *
get_in_row (const AxCpuNorm *self, const float *input, gint64 n, gint64 block,
            gint64 y)
{
  const AxShape *in = &self->spec.in;
  return input
         + ((n * count_blocks (self) + block) * in->h + y) * in->w
               * self->kernels->lanes;
}

static gint64
get_out_place (const AxCpuNorm *self, gint64 n, gint64 block, gint64 y)
{
  const AxShape *out = &self->spec.out;
  return ((n * count_blocks (self) + block) * out->h + y) * out->w
         * self->kernels->lanes;
}

/* The sums over all entries of the batch, in order. */
static double
add_sums (const AxCpuNorm *self, gint64 channel, int which)
{
  const int lanes = self->kernels->lanes;
  double total = 0.0;
  for (gint64 n = 0; n < self->spec.in.n; n++)
    total
        += get_sums (self, n, channel / lanes)[which * lanes + channel % lanes];
  return total;
}

static double
count_values (const AxCpuNorm *self)
{
  const AxShape *in = &self->spec.in;
  return (double)(in->n * in->h * in->w);
}

/* What is subtracted before squares are taken, near the mean so that no digits
 * are lost: the first entry's first row's mean, kept as the table's mean. */
static void
fill_shifts (AxCpuNorm *self, const float *input)
{
  const int lanes = self->kernels->lanes;
  for (gint64 block = 0; block < count_blocks (self); block++)
    {
      double sums[16] = { 0 }, squares[16] = { 0 };
      float *table = get_table (self, self->tables, block);
      memset (table, 0, (gsize)lanes * sizeof *table);
      self->kernels->sum (get_in_row (self, input, 0, block, 0),
                          self->spec.in.w, table, sums, squares);
      for (int lane = 0; lane < lanes; lane++)
        table[lane] = (float)(sums[lane] / (double)self->spec.in.w);
    }
}

static void
sum_inputs (AxCpuNorm *self, const float *input)
{
  const int lanes = self->kernels->lanes;
  const gint64 n_blocks = count_blocks (self);
#pragma omp parallel for num_threads(self->n_threads)
  for (gint64 i = 0; i < self->spec.in.n * n_blocks; i++)
    {
      const gint64 n = i / n_blocks, block = i % n_blocks;
      double *sums = get_sums (self, n, block);
      memset (sums, 0, 2 * (gsize)lanes * sizeof *sums);
      for (gint64 y = 0; y < self->spec.in.h; y++)
        self->kernels->sum (
            get_in_row (self, input, n, block, y), self->spec.in.w,
            get_table (self, self->tables, block), sums, sums + lanes);
    }
}

static void
set_channel (AxCpuNorm *self, gint64 channel, double mean, double scale,
             double bias)
{
  const int lanes = self->kernels->lanes;
  float *table
      = get_table (self, self->tables, channel / lanes) + channel % lanes;
  table[0] = (float)mean;
  table[lanes] = (float)scale;
  table[2 * lanes] = (float)bias;
}

/* Lanes past the last channel are zeros times whatever. */
static void
clear_tables (AxCpuNorm *self)
{
  const gint64 n_channels = count_blocks (self) * self->kernels->lanes;
  for (gint64 c = 0; c < n_channels; c++)
    set_channel (self, c, 0.0, self->spec.norm ? 0.0 : 1.0, 0.0);
}

static void
take_statistics (AxCpuNorm *self, const AxCpuNormParams *params,
                 const float *input)
{
  const int lanes = self->kernels->lanes;
  const double count = count_values (self);
  fill_shifts (self, input);
  sum_inputs (self, input);
  for (gint64 c = 0; c < self->spec.in.c; c++)
    {
      const double offset = add_sums (self, c, 0) / count;
      const double variance
          = fmax (add_sums (self, c, 1) / count - offset * offset, 0.0);
      const double mean
          = (double)get_table (self, self->tables, c / lanes)[c % lanes]
            + offset;
      const double unbiased = variance * count / (count - 1.0);
      const double old_mean = (double)params->running_mean[c];
      const double old_variance = (double)params->running_variance[c];
      self->sharpness[c] = 1.0 / sqrt (variance + self->spec.epsilon);
      set_channel (self, c, mean,
                   (double)params->weight[c] * self->sharpness[c],
                   (double)params->bias[c]);
      params->running_mean[c]
          = (float)(old_mean + self->spec.momentum * (mean - old_mean));
      params->running_variance[c]
          = (float)(old_variance
                    + self->spec.momentum * (unbiased - old_variance));
    }
}

static void
apply (const AxCpuNorm *self, const float *input, float *output)
{
  const AxShape *out = &self->spec.out;
  const gint64 n_blocks = count_blocks (self);
  const gint64 row = self->spec.in.w * self->kernels->lanes;
#pragma omp parallel for num_threads(self->n_threads)
  for (gint64 i = 0; i < out->n * n_blocks; i++)
    for (gint64 y = 0; y < out->h; y++)
      {
        const gint64 n = i / n_blocks, block = i % n_blocks;
        const float *table = get_table (self, self->tables, block);
        float *to = output + get_out_place (self, n, block, y);
        if (self->spec.pool)
          self->kernels->apply_pool (get_in_row (self, input, n, block, 2 * y),
                                     row, out->w, table, self->least, to);
        else
          self->kernels->apply (get_in_row (self, input, n, block, y), out->w,
                                table, self->least, to);
      }
}

void
ax_cpu_norm_infer (AxCpuNorm *self, const AxCpuNormParams *params,
                   const float *input, float *output)
{
  clear_tables (self);
  for (gint64 c = 0; self->spec.norm && c < self->spec.in.c; c++)
    set_channel (
        self, c, (double)params->running_mean[c],
        (double)params->weight[c]
            / sqrt ((double)params->running_variance[c] + self->spec.epsilon),
        (double)params->bias[c]);
  apply (self, input, output);
}

void
ax_cpu_norm_learn (AxCpuNorm *self, const AxCpuNormParams *params,
                   const float *input, float *output)
{
  clear_tables (self);
  if (self->spec.norm)
    take_statistics (self, params, input);
  apply (self, input, output);
}

/* d_y of the @height rows from input row @y on, of which a pool covers two;
 * 0 where no window reaches. */
static void
gate_rows (const AxCpuNorm *self, const float *input, const float *d_output,
           gint64 n, gint64 block, gint64 y, gint64 height, float *d_y)
{
  const AxShape *in = &self->spec.in, *out = &self->spec.out;
  const gint64 row = in->w * self->kernels->lanes;
  const float *x = get_in_row (self, input, n, block, y);
  const float *table = get_table (self, self->tables, block);
  if (!self->spec.pool)
    {
      self->kernels->gate (x, in->w, table, self->least,
                           d_output + get_out_place (self, n, block, y), d_y);
      return;
    }
  if (y / 2 >= out->h || in->w % 2 != 0)
    memset (d_y, 0, (gsize)(height * row) * sizeof *d_y);
  if (y / 2 < out->h)
    self->kernels->gate_pool (x, row, out->w, table, self->least,
                              d_output + get_out_place (self, n, block, y / 2),
                              d_y);
}

/* Goes through the rows of one plane: sums when @d_input is NULL, else writes
 * there. */
static void
run_plane (AxCpuNorm *self, const float *input, const float *d_output,
           float *d_input, gint64 n, gint64 block)
{
  const AxShape *in = &self->spec.in;
  const int lanes = self->kernels->lanes;
  const gint64 step = self->spec.pool ? 2 : 1;
  const float *mean = get_table (self, self->tables, block);
  double *sums = get_sums (self, n, block);
  float *d_y = self->gates + (gint64)omp_get_thread_num () * 2 * in->w * lanes;
  for (gint64 y = 0; y < in->h; y += step)
    {
      const gint64 height = MIN (step, in->h - y);
      const gint64 width = height * in->w;
      const float *x = get_in_row (self, input, n, block, y);
      gate_rows (self, input, d_output, n, block, y, height, d_y);
      if (d_input == NULL)
        self->kernels->sum_gradients (d_y, x, width, mean, sums, sums + lanes);
      else
        self->kernels->spread (d_y, x, width, mean,
                               get_table (self, self->factors, block),
                               d_input + (x - input));
    }
}

static void
run_planes (AxCpuNorm *self, const float *input, const float *d_output,
            float *d_input)
{
  const gint64 n_blocks = count_blocks (self);
#pragma omp parallel for num_threads(self->n_threads)
  for (gint64 i = 0; i < self->spec.in.n * n_blocks; i++)
    run_plane (self, input, d_output, d_input, i / n_blocks, i % n_blocks);
}

/* y = z * weight + bias with z = (x - mean) * sharpness, so
 * d_x = (d_y - mean (d_y) - z * mean (d_y * z)) * weight * sharpness
 * (Ioffe & Szegedy 2015); scale is weight * sharpness. */
static void
set_factors (AxCpuNorm *self, float *d_weight, float *d_bias)
{
  const int lanes = self->kernels->lanes;
  const double count = count_values (self);
  for (gint64 c = 0; c < self->spec.in.c; c++)
    {
      const gint64 place = c % lanes;
      float *f = get_table (self, self->factors, c / lanes) + place;
      const double scale
          = (double)get_table (self, self->tables, c / lanes)[lanes + place];
      const double sharpness = self->sharpness[c];
      const double sum = add_sums (self, c, 0);
      const double product = add_sums (self, c, 1);
      f[0] = (float)scale;
      f[lanes] = (float)(-scale * sum / count);
      f[2 * lanes] = (float)(-scale * product * sharpness * sharpness / count);
      d_weight[c] += (float)(product * sharpness);
      d_bias[c] += (float)sum;
    }
}

void
ax_cpu_norm_backward (AxCpuNorm *self, const float *input,
                      const float *d_output, float *d_input, float *d_weight,
                      float *d_bias)
{
  const int lanes = self->kernels->lanes;
  const gint64 n_blocks = count_blocks (self);
  memset (self->factors, 0, (gsize)(n_blocks * 3 * lanes) * sizeof (float));
  if (self->spec.norm)
    {
      memset (self->sums, 0,
              (gsize)(self->spec.in.n * n_blocks * 2 * lanes)
                  * sizeof (double));
      run_planes (self, input, d_output, NULL);
      set_factors (self, d_weight, d_bias);
    }
  else
    for (gint64 block = 0; block < n_blocks; block++)
      for (int lane = 0; lane < lanes; lane++)
        get_table (self, self->factors, block)[lane] = 1.0f;
  if (d_input != NULL)
    run_planes (self, input, d_output, d_input);
}
