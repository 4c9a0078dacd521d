#include "core/detect/dense.h"

#include "tests/support/expect-error.h"

/* ScanNet's own figures, algorithms.md 1.2 and 1.4. */
typedef struct
{
  int alpha, roi_px;
  int step, input_px, cells, tile_px, tile_cells;
} Sizes;

static const Sizes scannet[] = {
  { 1, 244, 32, 244, 1, 244, 1 },        { 1, 275, 32, 244, 1, 244, 1 },
  { 1, 276, 32, 276, 2, 276, 2 },        { 1, 1076, 32, 1076, 27, 1076, 27 },
  { 1, 1844, 32, 1844, 51, 1844, 51 },   { 1, 2868, 32, 2868, 83, 2868, 83 },
  { 2, 244, 16, 260, 2, 244, 1 },        { 2, 1076, 16, 1092, 54, 1076, 27 },
  { 2, 2868, 16, 2884, 166, 2868, 83 },  { 4, 2868, 8, 2892, 332, 2868, 83 },
  { 8, 2868, 4, 2896, 664, 2868, 83 },   { 16, 2868, 2, 2898, 1328, 2868, 83 },
  { 32, 2868, 1, 2899, 2656, 2868, 83 },
};

static void
test_sizes (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (scannet); i++)
    {
      const Sizes *want = &scannet[i];
      g_autoptr (GError) error = NULL;
      AxDense dense;

      g_assert_true (
          ax_dense_init (&dense, 244, 32, want->alpha, want->roi_px, &error));
      g_assert_no_error (error);
      g_assert_cmpint (dense.step, ==, want->step);
      g_assert_cmpint (dense.input_px, ==, want->input_px);
      g_assert_cmpint (dense.cells, ==, want->cells);
      g_assert_cmpint (dense.tile_px, ==, want->tile_px);
      g_assert_cmpint (dense.tile_cells, ==, want->tile_cells);
    }
}

/* The member for 10x, algorithms.md 1.5. */
static void
test_sizes_10x (void)
{
  AxDense dense;

  g_assert_true (ax_dense_init (&dense, 92, 16, 2, 92, NULL));
  g_assert_cmpint (dense.step, ==, 8);
  g_assert_cmpint (dense.input_px, ==, 100);
  g_assert_cmpint (dense.cells, ==, 2);
  g_assert_cmpint (dense.origin, ==, 4 - 46);

  g_assert_true (ax_dense_init (&dense, 92, 16, 4, 572, NULL));
  g_assert_cmpint (dense.step, ==, 4);
  g_assert_cmpint (dense.input_px, ==, 572 + 12);
  g_assert_cmpint (dense.cells, ==, 4 * 31);
}

static void
test_refused (void)
{
  static const int bad_alpha[] = { 0, -2, 3, 6, 64 };
  static const int bad_roi[] = { 0, -1, 243, 8193, G_MAXINT };
  g_autoptr (GError) error = NULL;
  AxDense dense = { .field = -1 };

  for (guint i = 0; i < G_N_ELEMENTS (bad_alpha); i++)
    {
      g_assert_false (
          ax_dense_init (&dense, 244, 32, bad_alpha[i], 1076, &error));
      expect_error (&error, AX_ERROR_LIMIT,
                    "^dense coefficient -?\\d+ is not a power of two .* 32$");
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad_roi); i++)
    {
      g_assert_false (ax_dense_init (&dense, 244, 32, 2, bad_roi[i], &error));
      expect_error (&error, AX_ERROR_LIMIT,
                    "^a ROI of -?\\d+ pixels is not within 244 .* 8192$");
    }
  g_assert_cmpint (dense.field, ==, -1);
}

/*
 * H_I = H_P * S_d + L_i / 2 within a ROI (Lin et al. 2018), which puts the
 * centre of each field at the centre of its cell on the slide.
 */
static void
test_positions (void)
{
  for (int alpha = 1; alpha <= 32; alpha *= 2)
    {
      AxDense dense;
      gint64 roi;

      g_assert_true (ax_dense_init (&dense, 244, 32, alpha, 2868, NULL));
      roi = ax_dense_cell_to_px (&dense, 0);
      g_assert_cmpint (roi, ==, 32 / alpha / 2 - 122);
      for (gint64 cell = 0; cell < dense.cells; cell++)
        {
          gint64 centre = roi + cell * dense.step + 122;

          g_assert_cmpint (ax_dense_cell_to_px (&dense, cell), ==,
                           centre - 122);
          g_assert_cmpint (centre, ==, cell * dense.step + dense.step / 2);
        }

      /* S_r = S_d * L_p, and the last cell's field ends where the ROI does */
      g_assert_cmpint (ax_dense_cell_to_px (&dense, dense.cells) - roi, ==,
                       2656);
      g_assert_cmpint (ax_dense_cell_to_px (&dense, dense.cells - 1) + 244, ==,
                       roi + dense.input_px);
    }
}

/* Shifted by whole steps, the naive tiles together hold the ROI's fields. */
static void
test_tiles_fill_the_roi (void)
{
  for (int alpha = 1; alpha <= 32; alpha *= 2)
    {
      AxDense dense;

      g_assert_true (ax_dense_init (&dense, 244, 32, alpha, 1076, NULL));
      g_assert_cmpint ((alpha - 1) * dense.step + dense.tile_px, ==,
                       dense.input_px);
      g_assert_cmpint (alpha * dense.tile_cells, ==, dense.cells);
    }
}

static void
test_touching (void)
{
  for (int alpha = 1; alpha <= 32; alpha *= 2)
    {
      AxDense dense;

      g_assert_true (ax_dense_init (&dense, 92, 32, alpha, 400, NULL));
      for (gint64 px = -150; px < 150; px++)
        for (gint64 n_px = 1; n_px < 80; n_px += 13)
          {
            gint64 first, end;

            ax_dense_cells_touching (&dense, px, n_px, &first, &end);
            g_assert_cmpint (first, <, end);
            for (gint64 cell = first - 2; cell < end + 2; cell++)
              {
                gint64 field = ax_dense_cell_to_px (&dense, cell);
                gboolean touches = field < px + n_px && field + 92 > px;

                g_assert_cmpint (touches, ==, cell >= first && cell < end);
              }
          }
    }
}

static void
test_interleave_by_hand (void)
{
  /* offsets (0,0) (0,1) (1,0) (1,1), each 2 x 2 */
  static const float opt[]
      = { 1, 2, 3, 4, 11, 12, 13, 14, 21, 22, 23, 24, 31, 32, 33, 34 };
  static const float want[]
      = { 1, 11, 2, 12, 21, 31, 22, 32, 3, 13, 4, 14, 23, 33, 24, 34 };
  float out[16];
  AxDense dense;

  g_assert_true (ax_dense_init (&dense, 244, 32, 2, 276, NULL));
  g_assert_cmpint (dense.cells, ==, 4);
  ax_dense_interleave (&dense, opt, out);
  for (int i = 0; i < 16; i++)
    g_assert_cmpfloat (out[i], ==, want[i]);
}

/* p(h', w') = p_ij(h, w), i = h' mod alpha, h = floor(h' / alpha). */
static void
test_interleave_is_equation_2 (void)
{
  for (int alpha = 1; alpha <= 32; alpha *= 2)
    {
      g_autofree float *opt = NULL;
      g_autofree float *out = NULL;
      AxDense dense;
      int n, tile;

      g_assert_true (ax_dense_init (&dense, 244, 32, alpha, 244 + 64, NULL));
      n = dense.cells;
      tile = dense.tile_cells;
      opt = g_new (float, n *n);
      out = g_new (float, n *n);
      for (int i = 0; i < n * n; i++)
        opt[i] = i;
      ax_dense_interleave (&dense, opt, out);
      for (int h = 0; h < n; h++)
        for (int w = 0; w < n; w++)
          {
            int offset = h % alpha * alpha + w % alpha;
            int cell = h / alpha * tile + w / alpha;

            g_assert_cmpfloat (out[h * n + w], ==,
                               opt[offset * tile * tile + cell]);
          }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dense/sizes", test_sizes);
  g_test_add_func ("/dense/sizes-10x", test_sizes_10x);
  g_test_add_func ("/dense/refused", test_refused);
  g_test_add_func ("/dense/positions", test_positions);
  g_test_add_func ("/dense/tiles-fill-the-roi", test_tiles_fill_the_roi);
  g_test_add_func ("/dense/touching", test_touching);
  g_test_add_func ("/dense/interleave-by-hand", test_interleave_by_hand);
  g_test_add_func ("/dense/interleave-is-equation-2",
                   test_interleave_is_equation_2);
  return g_test_run ();
}
