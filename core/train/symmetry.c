#include "core/train/symmetry.h"

#include "core/base/error.h"

#define MAX_ORDER 8
#define N_TURNS 4

/* Element g of a group = turn + 4 mirrored: mirrored left to right, then
 * turned. */
static const struct
{
  const char *name;
  int order;
} groups[] = {
  [AX_SYMMETRY_NONE] = { "none", 1 },
  [AX_SYMMETRY_P4] = { "p4", 4 },
  [AX_SYMMETRY_P4M] = { "p4m", 8 },
};

gboolean
ax_symmetry_from_name (const char *name, AxSymmetry *symmetry, GError **error)
{
  g_return_val_if_fail (name != NULL && symmetry != NULL, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (groups); i++)
    if (g_str_equal (name, groups[i].name))
      {
        *symmetry = (AxSymmetry)i;
        return TRUE;
      }
  g_set_error (error, AX_ERROR, AX_ERROR_NOT_FOUND,
               "no symmetry '%.64s': none, p4 or p4m", name);
  return FALSE;
}

gboolean
ax_symmetry_check (AxSymmetry self, const AxGraph *graph, GError **error)
{
  g_return_val_if_fail (graph != NULL, FALSE);
  for (guint i = 0; i < ax_graph_get_n_params (graph); i++)
    {
      const AxGraphParam *param = ax_graph_get_param (graph, i);
      if (self == AX_SYMMETRY_NONE || param->rank != 4
          || param->shape[2] == param->shape[3])
        continue;
      g_set_error (error, AX_ERROR, AX_ERROR_UNSUPPORTED,
                   "symmetry: the windows of '%s' are not square", param->name);
      return FALSE;
    }
  return TRUE;
}

/* u h: turning turns a mirrored thing the other way. */
static int
multiply (int u, int h)
{
  const int turn = u / N_TURNS == 0 ? u + h : u - h + N_TURNS;
  return turn % N_TURNS + N_TURNS * ((u / N_TURNS) ^ (h / N_TURNS));
}

/* Where @u takes tap (y, x) of a window. */
static int
move_tap (int u, int tap, int side)
{
  int y = tap / side;
  int x = u / N_TURNS == 0 ? tap % side : side - 1 - tap % side;
  for (int i = 0; i < u % N_TURNS; i++)
    {
      const int old = y;
      y = side - 1 - x;
      x = old;
    }
  return y * side + x;
}

/* Where @u takes a channel of @n. */
static gint64
move_channel (int order, int u, gint64 channel, gint64 n)
{
  if (n % order != 0)
    return channel;
  return channel - channel % order + multiply (u, (int)(channel % order));
}

/* A parameter as (n[0], n[1], side, side). */
typedef struct
{
  int order, side;
  gint64 n[2];
} Layout;

static Layout
get_layout (AxSymmetry self, const AxTensorView *values)
{
  return (Layout){
    .order = groups[self].order,
    .side = values->rank == 4 ? (int)values->shape[3] : 1,
    .n = { values->shape[0], values->rank == 4 ? values->shape[1] : 1 },
  };
}

/* The places of the weights that equal that of (a, b, tap). */
static void
get_orbit (const Layout *layout, gint64 a, gint64 b, int tap,
           gint64 orbit[MAX_ORDER])
{
  for (int u = 0; u < layout->order; u++)
    {
      const gint64 row = move_channel (layout->order, u, a, layout->n[0]);
      const gint64 column = move_channel (layout->order, u, b, layout->n[1]);
      orbit[u] = (row * layout->n[1] + column) * layout->side * layout->side
                 + move_tap (u, tap, layout->side);
    }
}

static void
make_equal (const AxTensorView *values, const gint64 *orbit, int order,
            gboolean average)
{
  const gboolean is_double = values->dtype == AX_DTYPE_F64;
  double *d = values->data;
  float *f = values->data;
  double sum = 0.0;
  for (int u = 0; u < (average ? order : 1); u++)
    sum += is_double ? d[orbit[u]] : (double)f[orbit[u]];
  if (average)
    sum /= order;
  for (int u = 0; u < order; u++)
    if (is_double)
      d[orbit[u]] = sum;
    else
      f[orbit[u]] = (float)sum;
}

/* Each orbit begins where the first channel that turns is not turned; where
 * none turns, an orbit is met once per place, which changes nothing more. */
static void
make_symmetric (AxSymmetry self, const AxTensorView *values, gboolean average)
{
  const Layout layout = get_layout (self, values);
  const gboolean turns[2]
      = { layout.n[0] % layout.order == 0, layout.n[1] % layout.order == 0 };
  const gint64 step_a = turns[0] ? layout.order : 1;
  const gint64 step_b = !turns[0] && turns[1] ? layout.order : 1;
  gint64 orbit[MAX_ORDER];
  for (gint64 a = 0; a < layout.n[0]; a += step_a)
    for (gint64 b = 0; b < layout.n[1]; b += step_b)
      for (int tap = 0; tap < layout.side * layout.side; tap++)
        {
          get_orbit (&layout, a, b, tap, orbit);
          make_equal (values, orbit, layout.order, average);
        }
}

void
ax_symmetry_copy (AxSymmetry self, const AxTensorView *values)
{
  g_return_if_fail (values != NULL && (values->rank == 1 || values->rank == 4));
  if (self != AX_SYMMETRY_NONE)
    make_symmetric (self, values, FALSE);
}

void
ax_symmetry_average (AxSymmetry self, const AxTensorView *values)
{
  g_return_if_fail (values != NULL && (values->rank == 1 || values->rank == 4));
  if (self != AX_SYMMETRY_NONE)
    make_symmetric (self, values, TRUE);
}
