#include "core/train/slide-folder.h"

#include "core/train/slide-pool.h"
#include "tests/support/expect-error.h"
#include "tests/support/training-slides.h"

#include <glib/gstdio.h>
#include <string.h>

#define FIELD 32
#define WINDOW 8
#define SIDE 48

/* A large lesion with a cut-out, a small one, and an area of unknown make. */
static const TrainingArea areas[] = {
  { "large", "_0", 200, 200, 320, 320 },
  { "small", "Tumor", 500, 300, 540, 340 },
  { "cut", "_2", 230, 230, 290, 290 },
  { "what", "Artefact", 550, 310, 650, 410 },
};

static const AxSlideFolderSpec usual = {
  .mpp = TRAINING_SLIDE_MPP,
  .field = FIELD,
  .window = WINDOW,
  .side = SIDE,
  .masks = TRUE,
};

static gboolean
is_in (const TrainingArea *area, int x, int y)
{
  return x >= area->x && x < area->end_x && y >= area->y && y < area->end_y;
}

static gboolean
is_tumor (int x, int y)
{
  return (is_in (&areas[0], x, y) && !is_in (&areas[2], x, y))
         || is_in (&areas[1], x, y);
}

static gboolean
is_tissue (int x, int y)
{
  return x >= TRAINING_SLIDE_TISSUE && y >= TRAINING_SLIDE_TISSUE
         && x < TRAINING_SLIDE_WIDTH - TRAINING_SLIDE_TISSUE
         && y < TRAINING_SLIDE_HEIGHT - TRAINING_SLIDE_TISSUE;
}

/* One slide with those areas and one normal one. */
static void
add_pair (const TrainingSlides *files)
{
  training_slides_add (files, "tumor/t.tif", NULL, 0);
  training_slides_add (files, "normal/n.tif", NULL, 0);
  training_slides_annotate (files, "lesion_annotations/T.xml", areas,
                            G_N_ELEMENTS (areas));
}

static AxSlideFolder *
open_folder (const TrainingSlides *files, const AxSlideFolderSpec *spec)
{
  g_autoptr (GError) error = NULL;
  AxSlideFolder *folder = ax_slide_folder_new (files->folder, spec, &error);
  g_assert_no_error (error);
  g_assert_nonnull (folder);
  return folder;
}

static void
read_sample (AxSampleSource *source, int label, guint item, guint64 seed,
             AxSample *sample)
{
  g_autoptr (GError) error = NULL;
  AxRng rng = ax_rng_init (seed, 7);
  ax_sample_source_read (source, label, item, &rng, sample, &error);
  g_assert_no_error (error);
}

static const guint8 *
get_pixel (const AxSample *sample, int x, int y)
{
  return sample->rgb + 3 * (y * SIDE + x);
}

/* The picture's first pixel, told by the one in the middle and one beside it
 * that is tissue too. */
static void
find_origin (const AxSample *sample, int *x, int *y)
{
  const gboolean at_edge = *get_pixel (sample, SIDE / 2 + 1, SIDE / 2) == 255;
  const int column = SIDE / 2 - at_edge;
  training_slides_decode (get_pixel (sample, column, SIDE / 2), x, y);
  *x -= column;
  *y -= SIDE / 2;
}

static int
get_class (int x, int y)
{
  if (is_tumor (x, y))
    return 1;
  return is_in (&areas[3], x, y) ? AX_SAMPLE_UNKNOWN : 0;
}

/* Masks and fractions against the rectangles themselves: how many pixels are
 * of unknown make. */
static int
check_truth (const AxSample *sample)
{
  const int margin = (SIDE - FIELD) / 2;
  int x = 0, y = 0, n_tumor = 0, n_unknown = 0;
  find_origin (sample, &x, &y);
  g_assert_true (sample->has_mask);
  for (int i = 0; i < SIDE; i++)
    for (int j = 0; j < SIDE; j++)
      {
        const int truth = get_class (x + j, y + i);
        g_assert_cmpint (sample->mask[i * SIDE + j], ==, truth);
        n_unknown += truth == AX_SAMPLE_UNKNOWN;
        if (MIN (i, j) >= margin && MAX (i, j) < margin + FIELD)
          n_tumor += truth == 1;
      }
  g_assert_cmpfloat_with_epsilon (sample->fraction,
                                  (double)n_tumor / (FIELD * FIELD), 1e-9);
  return n_unknown;
}

/* Whether the window has some of what normal places must not have. */
static gboolean
window_is_unclear (int x, int y)
{
  for (int i = -WINDOW / 2; i < WINDOW / 2; i++)
    for (int j = -WINDOW / 2; j < WINDOW / 2; j++)
      if (is_tumor (x + j, y + i) || is_in (&areas[3], x + j, y + i))
        return TRUE;
  return FALSE;
}

static void
test_labels (void)
{
  TrainingSlides files;
  training_slides_init (&files);
  add_pair (&files);
  AxSlideFolder *folder = open_folder (&files, &usual);
  g_autoptr (AxSampleSource) source = ax_slide_folder_get_source (folder);
  g_auto (AxSample) sample = { 0 };
  int n_cut = 0, n_unknown = 0;
  for (guint64 seed = 0; seed < 400; seed++)
    {
      int x = 0, y = 0;
      read_sample (source, 1, 0, seed, &sample);
      g_assert_cmpint (sample.label, ==, 1);
      n_unknown += check_truth (&sample);
      find_origin (&sample, &x, &y);
      g_assert_true (is_tumor (x + SIDE / 2, y + SIDE / 2));

      read_sample (source, 0, 1, seed, &sample);
      g_assert_cmpint (sample.label, ==, 0);
      check_truth (&sample);
      find_origin (&sample, &x, &y);
      g_assert_true (is_tissue (x + SIDE / 2, y + SIDE / 2));
      g_assert_false (window_is_unclear (x + SIDE / 2, y + SIDE / 2));
      n_cut += is_in (&areas[2], x + SIDE / 2, y + SIDE / 2);
    }
  /* What was cut out of tumour is normal: it is drawn too, by its area. */
  g_assert_cmpint (n_cut, <, 10);
  g_assert_cmpint (n_unknown, >, 0);
  training_slides_clear (&files);
}

static void
test_cut_out_is_normal (void)
{
  TrainingSlides files;
  training_slides_init (&files);
  add_pair (&files);
  AxSlideFolder *folder = open_folder (&files, &usual);
  g_autoptr (AxSampleSource) source = ax_slide_folder_get_source (folder);
  const AxTrainingSlide *slide = ax_slide_folder_get_slide (folder, 1, 0);
  AxRng rng = ax_rng_init (1, 1);
  int n_cut = 0;
  for (int i = 0; i < 20000; i++)
    {
      const AxModelPixel place = ax_training_slide_draw_normal (slide, &rng);
      n_cut += is_in (&areas[2], (int)place.x, (int)place.y);
    }
  g_assert_cmpint (n_cut, >, 0);
  training_slides_clear (&files);
}

static void
test_items (void)
{
  TrainingSlides files;
  training_slides_init (&files);
  add_pair (&files);
  AxSlideFolder *folder = open_folder (&files, &usual);
  g_autoptr (AxSampleSource) source = ax_slide_folder_get_source (folder);
  g_assert_true (ax_slide_folder_from_source (source) == folder);
  g_assert_cmpuint (ax_sample_source_get_n_items (source, 0), ==, 2);
  g_assert_cmpuint (ax_sample_source_get_n_items (source, 1), ==, 1);
  g_assert_cmpuint (ax_sample_source_get_n_items (source, 2), ==, 0);
  g_assert_cmpstr (ax_sample_source_get_name (source), ==, files.folder);
  const AxTrainingSlide *slide = ax_slide_folder_get_slide (folder, 0, 0);
  g_assert_true (
      g_str_has_suffix (ax_training_slide_get_path (slide), "normal/n.tif"));
  g_assert_false (ax_training_slide_has_tumor (slide));
  training_slides_clear (&files);
}

/* Half of the draws choose a lesion, half one of their pixels: the small one,
 * of 1600 of 14400 pixels, has a share of 0.25 + 0.5 / 9. */
static void
test_lesion_balance (void)
{
  const TrainingArea two[] = { { "a", "_0", 100, 100, 228, 200 },
                               { "b", "_1", 400, 400, 440, 440 } };
  const int n_draws = 20000;
  TrainingSlides files;
  training_slides_init (&files);
  training_slides_add (&files, "t.tif", NULL, 0);
  training_slides_annotate (&files, "t.xml", two, 2);
  AxSlideFolder *folder = open_folder (&files, &usual);
  g_autoptr (AxSampleSource) source = ax_slide_folder_get_source (folder);
  const AxTrainingSlide *slide = ax_slide_folder_get_slide (folder, 1, 0);
  AxRng rng = ax_rng_init (3, 0);
  int n_small = 0;
  double sum = 0.0;
  for (int i = 0; i < n_draws; i++)
    {
      const AxModelPixel place = ax_training_slide_draw_tumor (slide, &rng);
      const gboolean small = is_in (&two[1], (int)place.x, (int)place.y);
      g_assert_true (small || is_in (&two[0], (int)place.x, (int)place.y));
      n_small += small;
      sum += small ? (double)place.x : 0.0;
    }
  g_assert_cmpfloat_with_epsilon ((double)n_small / n_draws, 0.25 + 0.5 / 9.0,
                                  0.015);
  g_assert_cmpfloat_with_epsilon (sum / n_small, 419.5, 1.0);
  training_slides_clear (&files);
}

/* At half the size the truth is that of the middles of the coarse pixels. */
static void
test_coarse_model (void)
{
  AxSlideFolderSpec spec = usual;
  TrainingSlides files;
  training_slides_init (&files);
  add_pair (&files);
  spec.mpp = 2.0 * TRAINING_SLIDE_MPP;
  AxSlideFolder *folder = open_folder (&files, &spec);
  g_autoptr (AxSampleSource) source = ax_slide_folder_get_source (folder);
  const AxTrainingSlide *slide = ax_slide_folder_get_slide (folder, 1, 0);
  g_auto (AxSample) sample = { 0 };
  g_autoptr (GError) error = NULL;
  AxRng rng = ax_rng_init (5, 0);
  for (int n = 0; n < 50; n++)
    {
      const AxModelPixel place = ax_training_slide_draw_tumor (slide, &rng);
      ax_slide_folder_read_at (folder, 1, 0, place, &sample, &error);
      g_assert_no_error (error);
      for (int i = 0; i < SIDE; i++)
        for (int j = 0; j < SIDE; j++)
          {
            const int x = 2 * ((int)place.x - SIDE / 2 + j) + 1;
            const int y = 2 * ((int)place.y - SIDE / 2 + i) + 1;
            g_assert_cmpint (sample.mask[i * SIDE + j], ==, get_class (x, y));
          }
    }
  training_slides_clear (&files);
}

/* Layouts. */

static void
count_items (const TrainingSlides *files, guint n_normal, guint n_tumor)
{
  g_assert_true (ax_slide_list_is_folder (files->folder));
  AxSlideFolder *folder = open_folder (files, &usual);
  g_autoptr (AxSampleSource) source = ax_slide_folder_get_source (folder);
  g_assert_cmpuint (ax_sample_source_get_n_items (source, 0), ==, n_normal);
  g_assert_cmpuint (ax_sample_source_get_n_items (source, 1), ==, n_tumor);
}

static void
test_camelyon_layout (void)
{
  TrainingSlides files;
  training_slides_init (&files);
  training_slides_add (&files, "training/tumor/tumor_001.tif", NULL, 0);
  training_slides_add (&files, "training/tumor/tumor_002.tif", NULL, 0);
  training_slides_add (&files, "training/normal/normal_001.tif", NULL, 0);
  training_slides_add (&files, "training/tumor/tumor_001_mask.tif", NULL, 0);
  training_slides_annotate (&files, "lesion_annotations/tumor_001.xml", areas,
                            2);
  training_slides_annotate (&files, "training/lesion_annotations/tumor_002.xml",
                            areas, 2);
  count_items (&files, 3, 2);
  training_slides_clear (&files);
}

static void
test_plain_layout (void)
{
  TrainingSlides files;
  training_slides_init (&files);
  training_slides_add (&files, "a.tif", NULL, 0);
  training_slides_add (&files, "b.tif", NULL, 0);
  training_slides_annotate (&files, "a.xml", areas, 4);
  training_slides_annotate (&files, "b.xml", areas + 2, 2);
  count_items (&files, 2, 1);
  training_slides_clear (&files);
}

static void
test_not_slides (void)
{
  TrainingSlides files;
  training_slides_init (&files);
  training_slides_annotate (&files, "train/a.xml", areas, 1);
  g_assert_false (ax_slide_list_is_folder (files.folder));
  training_slides_clear (&files);
}

/* Threads. */

typedef struct
{
  AxSampleSource *source;
  guint64 first, step;
  char *sums[48];
} Reader;

static char *
hash_sample (const AxSample *sample)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_checksum_update (sum, sample->rgb, 3 * SIDE * SIDE);
  g_checksum_update (sum, sample->mask, SIDE * SIDE);
  return g_strdup (g_checksum_get_string (sum));
}

static gpointer
reader_thread (gpointer data)
{
  Reader *self = data;
  g_auto (AxSample) sample = { 0 };
  for (guint64 i = self->first; i < G_N_ELEMENTS (self->sums); i += self->step)
    {
      const int label = (int)(i % 2);
      const guint n = ax_sample_source_get_n_items (self->source, label);
      read_sample (self->source, label, (guint)(i / 2) % n, i, &sample);
      self->sums[i] = hash_sample (&sample);
    }
  return NULL;
}

/* A pool of one slide, so that each thread closes what another reads. */
static void
test_threads (void)
{
  AxSlideFolderSpec spec = usual;
  TrainingSlides files;
  training_slides_init (&files);
  add_pair (&files);
  spec.n_open = 1;
  spec.cache_bytes = 1 << 20;
  AxSlideFolder *folder = open_folder (&files, &spec);
  g_autoptr (AxSampleSource) source = ax_slide_folder_get_source (folder);
  Reader alone = { .source = source, .step = 1 };
  Reader readers[4] = { 0 };
  GThread *threads[4] = { NULL };
  reader_thread (&alone);
  for (guint64 i = 0; i < 4; i++)
    {
      readers[i] = (Reader){ .source = source, .first = 3 - i, .step = 4 };
      threads[i] = g_thread_new ("reader", reader_thread, &readers[i]);
    }
  for (int i = 0; i < 4; i++)
    g_thread_join (threads[i]);
  for (int i = 0; i < 48; i++)
    {
      g_assert_cmpstr (readers[3 - i % 4].sums[i], ==, alone.sums[i]);
      g_free (readers[3 - i % 4].sums[i]);
      g_free (alone.sums[i]);
    }
  training_slides_clear (&files);
}

static AxPooledSlide *
get_pooled (AxSlidePool *pool, guint number, const char *path)
{
  const AxScale mpp = { TRAINING_SLIDE_MPP, TRAINING_SLIDE_MPP };
  g_autoptr (GError) error = NULL;
  AxPooledSlide *pooled
      = ax_slide_pool_get (pool, number, path, mpp, 1.0, &error);
  g_assert_no_error (error);
  return pooled;
}

static void
test_pool (void)
{
  TrainingSlides files;
  training_slides_init (&files);
  training_slides_add (&files, "a.tif", NULL, 0);
  g_autofree char *path = training_slides_get_path (&files, "a.tif");
  g_autoptr (AxSlidePool) pool = ax_slide_pool_new (2, 1 << 20);
  g_autoptr (AxPooledSlide) first = get_pooled (pool, 0, path);
  g_autoptr (AxPooledSlide) second = get_pooled (pool, 1, path);
  g_autoptr (AxPooledSlide) third = get_pooled (pool, 2, path);
  g_autoptr (AxPooledSlide) second_again = get_pooled (pool, 1, path);
  g_autoptr (AxPooledSlide) first_again = get_pooled (pool, 0, path);
  g_autoptr (AxPooledSlide) third_again = get_pooled (pool, 2, path);
  g_assert_true (second_again == second);
  g_assert_true (first_again != first);
  g_assert_true (third_again != third);
  training_slides_clear (&files);
}

/* Damage. */

static gboolean
has_white (const AxSample *sample)
{
  for (int i = 0; i < SIDE * SIDE; i++)
    if (sample->rgb[3 * i + 1] > 200)
      return TRUE;
  return FALSE;
}

/* Tile (4, 4) covers [256, 320) of both axes: a corner of the lesion, which
 * lies deep in tissue, so that white is damage. */
static void
test_damaged_tile (void)
{
  const AxSlideDamage damage = { AX_SLIDE_DAMAGE_GARBAGE, 0, 4, 4 };
  const TrainingArea lesion = { "a", "_0", 200, 200, 290, 290 };
  TrainingSlides files;
  training_slides_init (&files);
  training_slides_add (&files, "t.tif", &damage, 1);
  training_slides_annotate (&files, "t.xml", &lesion, 1);
  AxSlideFolder *folder = open_folder (&files, &usual);
  g_autoptr (AxSampleSource) source = ax_slide_folder_get_source (folder);
  g_auto (AxSample) sample = { 0 };
  g_autoptr (GError) error = NULL;
  const AxModelPixel place = { 280, 280 };
  for (guint64 seed = 0; seed < 100; seed++)
    {
      read_sample (source, 1, 0, seed, &sample);
      g_assert_false (has_white (&sample));
    }
  g_assert_false (
      ax_slide_folder_read_at (folder, 1, 0, place, &sample, &error));
  expect_error (&error, AX_ERROR_CORRUPT, "t.tif: damaged wherever a sample");
  training_slides_clear (&files);
}

static void
test_damaged_lesion (void)
{
  const AxSlideDamage damage = { AX_SLIDE_DAMAGE_CUT, 0, 4, 4 };
  const TrainingArea lesion = { "a", "_0", 270, 270, 310, 310 };
  TrainingSlides files;
  training_slides_init (&files);
  training_slides_add (&files, "t.tif", &damage, 1);
  training_slides_annotate (&files, "t.xml", &lesion, 1);
  AxSlideFolder *folder = open_folder (&files, &usual);
  g_autoptr (AxSampleSource) source = ax_slide_folder_get_source (folder);
  g_auto (AxSample) sample = { 0 };
  g_autoptr (GError) error = NULL;
  AxRng rng = ax_rng_init (1, 1);
  g_assert_false (ax_sample_source_read (source, 1, 0, &rng, &sample, &error));
  expect_error (&error, AX_ERROR_CORRUPT,
                "t.tif: damaged wherever a sample of class 1 was looked for");
  training_slides_clear (&files);
}

static void
test_slide_goes (void)
{
  TrainingSlides files;
  training_slides_init (&files);
  add_pair (&files);
  AxSlideFolder *folder = open_folder (&files, &usual);
  g_autoptr (AxSampleSource) source = ax_slide_folder_get_source (folder);
  g_autofree char *path = training_slides_get_path (&files, "tumor/t.tif");
  g_auto (AxSample) sample = { 0 };
  g_autoptr (GError) error = NULL;
  AxRng rng = ax_rng_init (1, 1);
  g_assert_cmpint (g_remove (path), ==, 0);
  g_assert_false (ax_sample_source_read (source, 1, 0, &rng, &sample, &error));
  expect_error (&error, AX_ERROR_IO, "tumor/t.tif: No such file");
  training_slides_clear (&files);
}

/* Bad input. */

static void
expect_refusal (const TrainingSlides *files, int code, const char *regex)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (ax_slide_folder_new (files->folder, &usual, &error));
  expect_error (&error, code, regex);
}

static void
test_no_annotations (void)
{
  TrainingSlides files;
  training_slides_init (&files);
  add_pair (&files);
  training_slides_add (&files, "tumor/u.tif", NULL, 0);
  expect_refusal (&files, AX_ERROR_NOT_FOUND,
                  "tumor/u.tif: has no annotations \\(.xml\\), neither beside "
                  "it nor in annotations or lesion_annotations$");
  training_slides_clear (&files);

  training_slides_init (&files);
  training_slides_add (&files, "u.tif", NULL, 0);
  expect_refusal (&files, AX_ERROR_NOT_FOUND,
                  "u.tif: has no annotations .*; a normal slide without any "
                  "belongs into a folder normal");
  training_slides_clear (&files);
}

static void
test_outside (void)
{
  const TrainingArea outside = { "far", "_0", 900, 700, 1100, 760 };
  const TrainingArea a_little = { "near", "_0", 500, 700, 600, 775 };
  TrainingSlides files;
  training_slides_init (&files);
  training_slides_add (&files, "t.tif", NULL, 0);
  training_slides_annotate (&files, "t.xml", &outside, 1);
  expect_refusal (&files, AX_ERROR_FORMAT,
                  "t.xml: 'far' reaches from \\(900, 700\\) to \\(1100, 760"
                  "\\), outside the slide of 1024 × 768 px");
  training_slides_annotate (&files, "t.xml", &a_little, 1);
  count_items (&files, 1, 1);
  training_slides_clear (&files);
}

static void
test_wrong_kind (void)
{
  TrainingSlides files;
  training_slides_init (&files);
  add_pair (&files);
  training_slides_annotate (&files, "normal/n.xml", areas, 1);
  expect_refusal (&files, AX_ERROR_FORMAT,
                  "normal/n.xml: outlines tumour in a slide of the normal");
  training_slides_annotate (&files, "normal/n.xml", areas + 2, 2);
  training_slides_annotate (&files, "tumor/t.xml", areas + 2, 2);
  expect_refusal (&files, AX_ERROR_FORMAT,
                  "tumor/t.xml: outlines no tumour \\(_0, _1, Tumor");
  training_slides_clear (&files);
}

static void
test_empty_class (void)
{
  const TrainingArea all = { "all", "_0", 0, 0, 1024, 768 };
  TrainingSlides files;
  training_slides_init (&files);
  training_slides_add (&files, "normal/n.tif", NULL, 0);
  expect_refusal (&files, AX_ERROR_NOT_FOUND,
                  "none of 1 slides has tumour outlined");
  training_slides_clear (&files);

  training_slides_init (&files);
  training_slides_add (&files, "tumor/t.tif", NULL, 0);
  training_slides_annotate (&files, "tumor/t.xml", &all, 1);
  expect_refusal (&files, AX_ERROR_NOT_FOUND,
                  "none of 1 slides has normal tissue");
  training_slides_clear (&files);

  training_slides_init (&files);
  expect_refusal (&files, AX_ERROR_NOT_FOUND, ": no slides \\(tif, svs");
  training_slides_clear (&files);
}

static void
draw_glass (int level, gint64 x, gint64 y, int width, int height, guint8 *rgb,
            gpointer user_data)
{
  memset (rgb, 245, 3 * (gsize)width * (gsize)height);
}

static void
test_bad_slides (void)
{
  const AxSlideSpec unmeasured = { .coding = AX_SLIDE_RAW };
  const AxSlideSpec glass = { .coding = AX_SLIDE_JPEG,
                              .mpp = TRAINING_SLIDE_MPP,
                              .pixels = draw_glass };
  TrainingSlides files;
  training_slides_init (&files);
  add_pair (&files);
  training_slides_add_spec (&files, "normal/n.tif", unmeasured);
  expect_refusal (&files, AX_ERROR_FORMAT, "n.tif: the file has no µm/px");
  training_slides_add_spec (&files, "normal/n.tif", glass);
  expect_refusal (&files, AX_ERROR_FORMAT, "n.tif: no tissue was found");
  g_autofree char *path = training_slides_get_path (&files, "normal/n.tif");
  g_assert_true (g_file_set_contents (path, "no slide", -1, NULL));
  expect_refusal (&files, AX_ERROR_FORMAT, "normal/n.tif: ");
  training_slides_clear (&files);
}

static void
test_bad_annotations (void)
{
  const TrainingArea sliver = { "thin", "_0", 300, 300, 500, 300 };
  TrainingSlides files;
  training_slides_init (&files);
  add_pair (&files);
  training_slides_annotate (&files, "tumor/t.xml", &sliver, 1);
  expect_refusal (&files, AX_ERROR_FORMAT,
                  "t.tif: none of its 1 tumour outlines holds a pixel");
  g_autofree char *path = training_slides_get_path (&files, "tumor/t.xml");
  g_assert_true (g_file_set_contents (path, "<ASAP_Annotations>", -1, NULL));
  expect_refusal (&files, AX_ERROR_FORMAT, "tumor/t.xml:1");
  training_slides_clear (&files);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/slide-folder/labels", test_labels);
  g_test_add_func ("/slide-folder/cut-out-is-normal", test_cut_out_is_normal);
  g_test_add_func ("/slide-folder/items", test_items);
  g_test_add_func ("/slide-folder/lesion-balance", test_lesion_balance);
  g_test_add_func ("/slide-folder/coarse-model", test_coarse_model);
  g_test_add_func ("/slide-folder/camelyon-layout", test_camelyon_layout);
  g_test_add_func ("/slide-folder/plain-layout", test_plain_layout);
  g_test_add_func ("/slide-folder/not-slides", test_not_slides);
  g_test_add_func ("/slide-folder/threads", test_threads);
  g_test_add_func ("/slide-folder/pool", test_pool);
  g_test_add_func ("/slide-folder/damaged-tile", test_damaged_tile);
  g_test_add_func ("/slide-folder/damaged-lesion", test_damaged_lesion);
  g_test_add_func ("/slide-folder/slide-goes", test_slide_goes);
  g_test_add_func ("/slide-folder/no-annotations", test_no_annotations);
  g_test_add_func ("/slide-folder/outside", test_outside);
  g_test_add_func ("/slide-folder/wrong-kind", test_wrong_kind);
  g_test_add_func ("/slide-folder/empty-class", test_empty_class);
  g_test_add_func ("/slide-folder/bad-slides", test_bad_slides);
  g_test_add_func ("/slide-folder/bad-annotations", test_bad_annotations);
  return g_test_run ();
}
