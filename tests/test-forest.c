#include "core/base/rng.h"
#include "core/grade/forest.h"
#include "tests/support/data.h"
#include "tests/support/expect-error.h"

#include <math.h>
#include <string.h>

static AxFeatureTable *
read_text (const char *text, const char *const *features, const char *label,
           GError **error)
{
  g_autofree char *path = scratch_path ("features.csv");
  const char *paths[] = { path };
  const AxFeatureQuery query = { .features = features, .label = label };

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  return ax_feature_table_read (paths, 1, &query, error);
}

/* Three classes: by the sign of a, then of b; c says nothing. */
static AxFeatureTable *
make_table (guint n_rows)
{
  g_autoptr (GString) text = g_string_new ("name,a,b,c,class\n");
  g_autoptr (GError) error = NULL;
  AxFeatureTable *table = NULL;
  AxRng rng = ax_rng_init (5, 0);

  for (guint i = 0; i < n_rows; i++)
    {
      int a = (int)ax_rng_below (&rng, 2001) - 1000;
      int b = (int)ax_rng_below (&rng, 2001) - 1000;

      g_string_append_printf (text, "s%u,%d,%d,%d,%s\n", i, a, b,
                              (int)ax_rng_below (&rng, 2001) - 1000,
                              a < 0 ? "macro" : (b < 0 ? "negative" : "micro"));
    }
  table = read_text (text->str, NULL, "class", &error);
  g_assert_no_error (error);
  return table;
}

static AxForest *
grow (const AxFeatureTable *table, AxForestParams params, double **oob)
{
  g_autoptr (GError) error = NULL;
  AxForest *forest = ax_forest_grow (table, &params, oob, &error);

  g_assert_no_error (error);
  g_assert_true (ax_forest_check (forest, &error));
  g_assert_no_error (error);
  return forest;
}

static void
test_table (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AxFeatureTable) table
      = read_text ("\xef\xbb\xbf,name,tumor,x,note,y\r\n"
                   "0,\"a, b.tif\",1,0.5,text,-1e-3\r\n"
                   "1,c.tif,0,2,,7\r\n",
                   NULL, "tumor", &error);

  g_assert_no_error (error);
  g_assert_cmpuint (table->n_rows, ==, 2);
  g_assert_cmpuint (table->n_features, ==, 2);
  g_assert_cmpstr (table->features[0], ==, "x");
  g_assert_cmpstr (table->features[1], ==, "y");
  g_assert_cmpstr (table->names->pdata[0], ==, "a, b.tif");
  g_assert_cmpfloat (table->values[1], ==, -1e-3);
  g_assert_cmpuint (table->n_labels, ==, 2);
  g_assert_cmpstr (table->labels[0], ==, "0");
  g_assert_cmpuint (table->truth[0], ==, 1);
}

static void
test_label_order (void)
{
  g_autoptr (AxFeatureTable) table = make_table (50);

  g_assert_cmpstr (table->labels[0], ==, "negative");
  g_assert_cmpstr (table->labels[1], ==, "micro");
  g_assert_cmpstr (table->labels[2], ==, "macro");
}

static void
test_table_hostile (void)
{
  static const char *const wanted[] = { "x", "z", NULL };
  static const struct
  {
    const char *text;
    gboolean has_wanted;
    const char *regex;
  } cases[] = {
    { "name,x,y\n", FALSE, "features.csv: has no slides$" },
    { "name,x,y\na,1,2\nb,nan,1\n", FALSE,
      "features.csv:3: column 'x': 'nan' is not a number$" },
    { "name,x,y\na,NaN,2\nb,1,1\n", FALSE,
      "features.csv:2: column 'x': 'NaN' is not a number$" },
    { "name,x,y\na,,2\nb,1,1\n", FALSE,
      "features.csv:2: column 'x': '' is not a number$" },
    { "name,x,y\na,1,2\na,1,1\n", FALSE,
      "features.csv:3: 'a' comes a second time$" },
    { "name,x,y\na,1,2\nb,1,2\n", FALSE,
      "all 2 slides are '2': nothing to tell apart$" },
    { "name,x,y\na,1,\nb,1,2\n", FALSE,
      "features.csv:2: column 'y': no label$" },
    { "name,x\na,1\n", FALSE,
      "features.csv: has no column 'y' \\(it has: name, x\\)$" },
    { "name,y\na,1\nb,2\n", FALSE, "features.csv: has no columns of numbers$" },
    { "name,x,y\na,1,2\n", TRUE, "features.csv: has no column 'z'" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (read_text (
          cases[i].text, cases[i].has_wanted ? wanted : NULL, "y", &error));
      expect_error (&error, AX_ERROR_FORMAT, cases[i].regex);
    }
}

static void
test_learns (void)
{
  AxForestParams params = AX_FOREST_PARAMS_DEFAULT;
  g_autoptr (AxFeatureTable) table = make_table (400);
  g_autofree double *oob = NULL;
  g_autoptr (AxForest) forest = grow (table, params, &oob);
  static const double corners[][3]
      = { { 500, -500, 0 }, { 500, 500, 0 }, { -500, 0, 0 } };

  g_assert_cmpfloat (forest->oob_error, <, 0.05);
  g_assert_cmpfloat (forest->importance[2], <, 0.15);
  g_assert_cmpfloat (forest->importance[0], >, 0.3);
  g_assert_cmpfloat_with_epsilon (forest->importance[0] + forest->importance[1]
                                      + forest->importance[2],
                                  1, 1e-12);
  for (guint i = 0; i < 3; i++)
    {
      double probabilities[3];

      g_assert_cmpuint (ax_forest_predict (forest, corners[i], probabilities),
                        ==, i);
      g_assert_cmpfloat (probabilities[i], >, 0.9);
      g_assert_cmpfloat_with_epsilon (
          probabilities[0] + probabilities[1] + probabilities[2], 1, 1e-12);
    }
  for (guint row = 0; row < table->n_rows; row++)
    g_assert_cmpfloat_with_epsilon (
        oob[3 * row] + oob[3 * row + 1] + oob[3 * row + 2], 1, 1e-12);
}

static void
test_seeded (void)
{
  AxForestParams params = AX_FOREST_PARAMS_DEFAULT;
  g_autoptr (AxFeatureTable) table = make_table (60);
  g_autoptr (AxForest) first = NULL;
  g_autoptr (AxForest) same = NULL;
  g_autoptr (AxForest) other = NULL;

  params.n_trees = 5;
  first = grow (table, params, NULL);
  same = grow (table, params, NULL);
  params.seed = 2;
  other = grow (table, params, NULL);
  for (guint t = 0; t < 5; t++)
    {
      g_assert_cmpmem (first->trees[t].nodes,
                       first->trees[t].n_nodes * sizeof (AxForestNode),
                       same->trees[t].nodes,
                       same->trees[t].n_nodes * sizeof (AxForestNode));
      g_assert_cmpmem (first->trees[t].counts,
                       first->trees[t].n_nodes * 3 * sizeof (guint32),
                       same->trees[t].counts,
                       same->trees[t].n_nodes * 3 * sizeof (guint32));
    }
  g_assert_true (first->trees[0].n_nodes != other->trees[0].n_nodes
                 || memcmp (first->trees[0].nodes, other->trees[0].nodes,
                            first->trees[0].n_nodes * sizeof (AxForestNode))
                        != 0);
}

/* Grown out, a tree knows its bag by heart; leaves are pure. */
static void
test_shape (void)
{
  AxForestParams params = AX_FOREST_PARAMS_DEFAULT;
  g_autoptr (AxFeatureTable) table = make_table (100);

  for (guint min_leaf = 1; min_leaf <= 9; min_leaf += 8)
    {
      g_autoptr (AxForest) forest = NULL;

      params.n_trees = 20;
      params.min_leaf = min_leaf;
      forest = grow (table, params, NULL);
      for (guint t = 0; t < 20; t++)
        for (guint i = 0; i < forest->trees[t].n_nodes; i++)
          {
            const guint32 *counts = forest->trees[t].counts + 3 * i;
            guint32 size = counts[0] + counts[1] + counts[2];

            g_assert_cmpuint (size, >=, min_leaf);
            if (i == 0)
              g_assert_cmpuint (size, ==, 100);
            if (forest->trees[t].nodes[i].feature < 0 && min_leaf == 1)
              g_assert_cmpuint (MAX (MAX (counts[0], counts[1]), counts[2]), ==,
                                size);
          }
    }
}

/* Rows that no feature tells apart, and a feature that is constant. */
static void
test_nothing_to_learn (void)
{
  AxForestParams params = AX_FOREST_PARAMS_DEFAULT;
  g_autoptr (GError) error = NULL;
  g_autoptr (AxFeatureTable) same = read_text (
      "name,x,y,c\na,1,1,p\nb,1,1,q\nc,1,1,p\n", NULL, "c", &error);
  g_autoptr (AxFeatureTable) one
      = read_text ("name,u,v,w,x,c\na,1,1,1,0,p\nb,1,1,1,0,p\nd,1,1,1,9,q\n"
                   "e,1,1,1,9,q\n",
                   NULL, "c", &error);
  g_autoptr (AxForest) forest = NULL;
  const double values[] = { 1, 1, 1, 8 };
  double probabilities[2];

  g_assert_no_error (error);
  forest = grow (same, params, NULL);
  g_assert_cmpuint (forest->trees[0].n_nodes, ==, 1);
  g_assert_cmpfloat (forest->importance[0], ==, 0);
  g_clear_pointer (&forest, ax_forest_free);

  forest = grow (one, params, NULL);
  g_assert_cmpfloat (forest->importance[3], ==, 1);
  g_assert_cmpuint (ax_forest_predict (forest, values, probabilities), ==, 1);
}

static void
test_limits (void)
{
  static const AxForestParams wrong[] = { { 0, 1, 0, 1 },
                                          { AX_FOREST_MAX_TREES + 1, 1, 0, 1 },
                                          { 10, 0, 0, 1 },
                                          { 10, 1, 4, 1 } };
  g_autoptr (AxFeatureTable) table = make_table (10);

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (ax_forest_grow (table, &wrong[i], NULL, &error));
      expect_error (&error, AX_ERROR_LIMIT, "^forest of .* at most all");
    }
}

/* Files may hold trees that lead nowhere. */
static void
test_check (void)
{
  AxForestParams params = AX_FOREST_PARAMS_DEFAULT;
  g_autoptr (AxFeatureTable) table = make_table (40);
  g_autoptr (AxForest) forest = NULL;
  g_autoptr (GError) error = NULL;
  AxForestNode root, *node = NULL;

  params.n_trees = 2;
  forest = grow (table, params, NULL);
  node = &forest->trees[1].nodes[0];
  root = *node;
  for (int i = 0; i < 5; i++)
    {
      *node = root;
      if (i == 0)
        node->left = 0;
      else if (i == 1)
        node->right = forest->trees[1].n_nodes;
      else if (i == 2)
        node->feature = 3;
      else if (i == 3)
        node->threshold = NAN;
      else
        {
          node->feature = -1;
          memset (forest->trees[1].counts, 0, 3 * sizeof (guint32));
        }
      g_assert_false (ax_forest_check (forest, &error));
      expect_error (&error, AX_ERROR_FORMAT, "^node 0 of tree 1 is not one$");
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/forest/table", test_table);
  g_test_add_func ("/forest/label-order", test_label_order);
  g_test_add_func ("/forest/table-hostile", test_table_hostile);
  g_test_add_func ("/forest/learns", test_learns);
  g_test_add_func ("/forest/seeded", test_seeded);
  g_test_add_func ("/forest/shape", test_shape);
  g_test_add_func ("/forest/nothing-to-learn", test_nothing_to_learn);
  g_test_add_func ("/forest/limits", test_limits);
  g_test_add_func ("/forest/check", test_check);
  return g_test_run ();
}
