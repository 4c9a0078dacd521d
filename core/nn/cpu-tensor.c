#include "core/nn/cpu-tensor.h"

#include <string.h>

#define N_COLOURS 3

typedef float Table[N_COLOURS][256];

static void
fill_table (Table table, const float mean[3], const float std[3])
{
  for (int c = 0; c < N_COLOURS; c++)
    for (int v = 0; v < 256; v++)
      table[c][v] = ((float)v / 255.0f - mean[c]) / std[c];
}

/* Where channel @c of row (n, y) starts in the tensor. */
static float *
get_channel (const AxCpuTensor *self, gint64 n, gint64 c, gint64 y)
{
  return ax_cpu_tensor_get_row (self, n, c / self->lanes, y) + c % self->lanes;
}

static void
read_bytes_row (const AxCpuTensor *self, const guint8 *rgb, Table table,
                gint64 n, gint64 y)
{
  const gint64 width = self->shape.w;
  const guint8 *from = rgb + (n * self->shape.h + y) * width * N_COLOURS;
  for (int c = 0; c < N_COLOURS; c++)
    {
      float *to = get_channel (self, n, c, y);
      for (gint64 x = 0; x < width; x++)
        to[x * self->lanes] = table[c][from[x * N_COLOURS + c]];
    }
}

static void
read_values_row (const AxCpuTensor *self, const AxTensorView *input, gint64 n,
                 gint64 y)
{
  const AxShape *s = &self->shape;
  for (gint64 c = 0; c < s->c; c++)
    {
      const gint64 start = ((n * s->c + c) * s->h + y) * s->w;
      float *to = get_channel (self, n, c, y);
      if (input->dtype == AX_DTYPE_F64)
        for (gint64 x = 0; x < s->w; x++)
          to[x * self->lanes] = (float)((const double *)input->data)[start + x];
      else
        for (gint64 x = 0; x < s->w; x++)
          to[x * self->lanes] = ((const float *)input->data)[start + x];
    }
}

void
ax_cpu_tensor_read (const AxCpuTensor *self, const AxTensorView *input,
                    const float mean[3], const float std[3], int n_threads)
{
  const AxShape *s = &self->shape;
  const gsize row_bytes = (gsize)(s->w * self->lanes) * sizeof (float);
  Table table;
  fill_table (table, mean, std);
#pragma omp parallel for num_threads(n_threads)
  for (gint64 i = 0; i < s->n * s->h; i++)
    {
      const gint64 n = i / s->h, y = i % s->h;
      if (self->lanes > 1)
        memset (ax_cpu_tensor_get_row (self, n, 0, y), 0, row_bytes);
      if (input->dtype == AX_DTYPE_U8)
        read_bytes_row (self, input->data, table, n, y);
      else
        read_values_row (self, input, n, y);
    }
}

void
ax_cpu_tensor_write (const AxCpuTensor *self, const AxTensorView *output)
{
  const AxShape *s = &self->shape;
  gint64 to = 0;
  for (gint64 n = 0; n < s->n; n++)
    for (gint64 c = 0; c < s->c; c++)
      for (gint64 y = 0; y < s->h; y++)
        {
          const float *from = get_channel (self, n, c, y);
          for (gint64 x = 0; x < s->w; x++, to++)
            if (output->dtype == AX_DTYPE_F64)
              ((double *)output->data)[to] = from[x * self->lanes];
            else
              ((float *)output->data)[to] = from[x * self->lanes];
        }
}
