#include "core/eval/froc.h"

#include "core/base/error.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BAND_POINTS 10000
#define BAND_FIRST 0.001
#define BAND_LAST 8.0

const double ax_froc_rates[AX_FROC_N_RATES] = { 0.25, 0.5, 1, 2, 4, 8 };

/* One slide's probabilities as places in the table of distinct ones. */
typedef struct
{
  guint *false_positives; /* (owned) */
  guint *hits;            /* (owned) */
  guint *reached; /* (owned): the last threshold that each hit reaches */
  guint n_false_positives, n_hits;
  guint n_lesions;
} Row;

/* Sorted once, so that a resample is counted without sorting. */
typedef struct _AxFrocTable
{
  double *thresholds; /* (owned) distinct, rising */
  guint n_thresholds;
  Row *rows; /* (owned) one a slide */
  guint n_rows;
} Table;

/* Counts over a sample of slides. */
typedef struct
{
  guint8 *present;        /* (owned) */
  guint *false_positives; /* (owned) */
  guint *hits;            /* (owned) */
} Counts;

static int
compare_doubles (const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;

  return (x > y) - (x < y);
}

static void
table_free (Table *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < self->n_rows; i++)
    {
      g_free (self->rows[i].false_positives);
      g_free (self->rows[i].hits);
      g_free (self->rows[i].reached);
    }
  g_free (self->rows);
  g_free (self->thresholds);
  g_free (self);
}

static void
collect_thresholds (Table *self, const AxFrocSlide *const *slides,
                    guint n_slides)
{
  g_autoptr (GArray) values = g_array_new (FALSE, FALSE, sizeof (double));
  double *sorted;

  for (guint i = 0; i < n_slides; i++)
    {
      if (slides[i]->n_false_positives > 0)
        g_array_append_vals (values, slides[i]->false_positives,
                             slides[i]->n_false_positives);
      if (slides[i]->n_hits > 0)
        g_array_append_vals (values, slides[i]->hits, slides[i]->n_hits);
    }
  sorted = (double *)values->data;
  if (values->len > 0)
    qsort (sorted, values->len, sizeof *sorted, compare_doubles);

  self->thresholds = g_new (double, values->len);
  for (guint i = 0; i < values->len; i++)
    if (i == 0 || sorted[i] != sorted[i - 1])
      self->thresholds[self->n_thresholds++] = sorted[i];
}

/* The place of a value that is in the table. */
static guint
table_find (const Table *self, double value)
{
  guint first = 0, end = self->n_thresholds;

  while (end - first > 1)
    {
      guint middle = first + (end - first) / 2;

      if (self->thresholds[middle] <= value)
        first = middle;
      else
        end = middle;
    }
  return first;
}

static void
fill_row (const Table *self, const AxFrocSlide *slide, Row *row)
{
  row->n_false_positives = slide->n_false_positives;
  row->n_hits = slide->n_hits;
  row->n_lesions = slide->n_lesions;
  row->false_positives = g_new (guint, row->n_false_positives);
  row->hits = g_new (guint, row->n_hits);
  row->reached = g_new (guint, row->n_hits);

  for (guint i = 0; i < row->n_false_positives; i++)
    row->false_positives[i] = table_find (self, slide->false_positives[i]);
  for (guint i = 0; i < row->n_hits; i++)
    {
      guint place = row->hits[i] = table_find (self, slide->hits[i]);

      /* A hit is compared with a threshold in single precision. */
      while (place + 1 < self->n_thresholds
             && (float)self->thresholds[place + 1] <= slide->hits[i])
        place++;
      row->reached[i] = place;
    }
}

static Table *
table_new (const AxFrocSlide *const *slides, guint n_slides)
{
  Table *self = g_new0 (Table, 1);

  collect_thresholds (self, slides, n_slides);
  self->n_rows = n_slides;
  self->rows = g_new0 (Row, n_slides);
  for (guint i = 0; i < n_slides; i++)
    fill_row (self, slides[i], &self->rows[i]);
  return self;
}

static void
counts_init (Counts *self, const Table *table)
{
  self->present = g_new (guint8, table->n_thresholds);
  self->false_positives = g_new (guint, table->n_thresholds);
  self->hits = g_new (guint, table->n_thresholds);
}

static void
counts_clear (Counts *self)
{
  g_free (self->present);
  g_free (self->false_positives);
  g_free (self->hits);
}

static void
curve_init (AxFrocCurve *self, const Table *table)
{
  self->thresholds = g_new (double, table->n_thresholds + 1);
  self->false_positives = g_new (double, table->n_thresholds + 1);
  self->sensitivity = g_new (double, table->n_thresholds + 1);
}

static void
curve_clear (AxFrocCurve *self)
{
  g_free (self->thresholds);
  g_free (self->false_positives);
  g_free (self->sensitivity);
}

/* Returns how many lesions the sample holds. */
static guint
count_sample (const Table *table, const guint *sample, guint n_sample,
              Counts *counts)
{
  guint n_thresholds = table->n_thresholds, n_lesions = 0;

  for (guint i = 0; i < n_thresholds; i++)
    {
      counts->present[i] = 0;
      counts->false_positives[i] = 0;
      counts->hits[i] = 0;
    }
  for (guint s = 0; s < n_sample; s++)
    {
      const Row *row = &table->rows[sample[s]];

      n_lesions += row->n_lesions;
      for (guint i = 0; i < row->n_false_positives; i++)
        {
          counts->present[row->false_positives[i]] = TRUE;
          counts->false_positives[row->false_positives[i]]++;
        }
      for (guint i = 0; i < row->n_hits; i++)
        {
          counts->present[row->hits[i]] = TRUE;
          counts->hits[row->reached[i]]++;
        }
    }
  return n_lesions;
}

static void
reverse (double *values, guint n_values)
{
  for (guint i = 0; i < n_values / 2; i++)
    {
      double value = values[i];

      values[i] = values[n_values - 1 - i];
      values[n_values - 1 - i] = value;
    }
}

/* Returns how many lesions the sample holds. */
static guint
trace_curve (const Table *table, const guint *sample, guint n_sample,
             guint n_counted, Counts *counts, AxFrocCurve *curve)
{
  guint n_lesions = count_sample (table, sample, n_sample, counts);
  guint n_false_positives = 0, n_hits = 0, n_points = 0;

  curve->thresholds[n_points] = INFINITY;
  curve->false_positives[n_points] = 0;
  curve->sensitivity[n_points++] = 0.0 / n_lesions;
  for (guint i = table->n_thresholds; i-- > 0;)
    {
      n_false_positives += counts->false_positives[i];
      n_hits += counts->hits[i];
      if (!counts->present[i])
        continue;
      curve->thresholds[n_points] = table->thresholds[i];
      curve->false_positives[n_points] = (double)n_false_positives / n_counted;
      curve->sensitivity[n_points++] = (double)n_hits / n_lesions;
    }
  curve->n_points = MAX (n_points - 1, 1);

  reverse (curve->thresholds, curve->n_points);
  reverse (curve->false_positives, curve->n_points);
  reverse (curve->sensitivity, curve->n_points);
  return n_lesions;
}

/* numpy.interp on the reversed curve: @at is the place, from the end, of the
 * last point with at most @rate, and may be one before it. */
static double
interpolate_from (const AxFrocCurve *curve, double rate, guint *at)
{
  guint last = curve->n_points - 1;
  const double *x = curve->false_positives + last;
  const double *y = curve->sensitivity + last;
  double slope;

  while (*at < last && x[-(gssize)(*at + 1)] <= rate)
    ++*at;
  x -= *at;
  y -= *at;
  if (*at == last || *x == rate)
    return *y;
  slope = (y[-1] - y[0]) / (x[-1] - x[0]);
  return slope * (rate - x[0]) + y[0];
}

static double
take_nearest (const AxFrocCurve *curve, double rate)
{
  guint nearest = 0;

  for (guint i = 1; i < curve->n_points; i++)
    if (fabs (curve->false_positives[i] - rate)
        < fabs (curve->false_positives[nearest] - rate))
      nearest = i;
  return curve->sensitivity[nearest];
}

static double
score_curve (AxFrocScorer scorer, const AxFrocCurve *curve,
             double sensitivity[AX_FROC_N_RATES])
{
  double sum = 0;
  guint at = 0;

  for (int i = 0; i < AX_FROC_N_RATES; i++)
    {
      sensitivity[i] = scorer == AX_FROC_GITHUB
                           ? interpolate_from (curve, ax_froc_rates[i], &at)
                           : take_nearest (curve, ax_froc_rates[i]);
      sum += sensitivity[i];
    }
  return sum / AX_FROC_N_RATES;
}

static guint
count_slides (AxFrocScorer scorer, const AxFrocSlide *const *slides,
              guint n_slides)
{
  guint n_counted = 0;

  for (guint i = 0; i < n_slides; i++)
    n_counted += scorer == AX_FROC_GITHUB || !slides[i]->has_mask;
  return n_counted;
}

AxFroc *
ax_froc_new (AxFrocScorer scorer, const AxFrocSlide *const *slides,
             guint n_slides, GError **error)
{
  g_autoptr (AxFroc) self = NULL;
  g_autofree guint *sample = NULL;
  Counts counts;

  g_return_val_if_fail (slides != NULL || n_slides == 0, NULL);

  self = g_new0 (AxFroc, 1);
  self->scorer = scorer;
  self->n_slides = n_slides;
  self->n_counted = count_slides (scorer, slides, n_slides);
  if (self->n_counted == 0)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
                   n_slides == 0 ? "no slides to score"
                                 : "all %u slides have tumour: the challenge's "
                                   "scorer counts false positives on slides "
                                   "without",
                   n_slides);
      return NULL;
    }

  sample = g_new (guint, n_slides);
  for (guint i = 0; i < n_slides; i++)
    {
      sample[i] = i;
      self->n_itc += slides[i]->n_hits - slides[i]->n_lesions;
    }
  self->table = table_new (slides, n_slides);
  counts_init (&counts, self->table);
  curve_init (&self->curve, self->table);
  self->n_lesions = trace_curve (self->table, sample, n_slides, self->n_counted,
                                 &counts, &self->curve);
  self->score = score_curve (scorer, &self->curve, self->sensitivity);
  counts_clear (&counts);
  return g_steal_pointer (&self);
}

void
ax_froc_free (AxFroc *self)
{
  if (self == NULL)
    return;
  curve_clear (&self->curve);
  table_free (self->table);
  g_free (self);
}

void
ax_froc_band_free (AxFrocBand *self)
{
  if (self == NULL)
    return;
  g_free (self->false_positives);
  g_free (self->mean);
  g_free (self->low);
  g_free (self->high);
  g_free (self);
}

typedef struct
{
  const AxFroc *froc;
  Counts counts;
  AxFrocCurve curve;
  guint n_resamples;
  float *sensitivity; /* (nullable) (BAND_POINTS, n_resamples) */
} Resampling;

static double
band_rate (guint point)
{
  return BAND_FIRST + point * ((BAND_LAST - BAND_FIRST) / (BAND_POINTS - 1));
}

static gboolean
score_resample (const guint *sample, guint n_items, guint resample,
                double *value, gpointer user_data)
{
  Resampling *self = user_data;
  const AxFroc *froc = self->froc;
  double sensitivity[AX_FROC_N_RATES];
  guint at = 0;

  if (trace_curve (froc->table, sample, n_items, froc->n_counted, &self->counts,
                   &self->curve)
      == 0)
    return FALSE;
  *value = score_curve (froc->scorer, &self->curve, sensitivity);
  if (self->sensitivity != NULL)
    for (guint i = 0; i < BAND_POINTS; i++)
      self->sensitivity[(gsize)i * self->n_resamples + resample]
          = (float)interpolate_from (&self->curve, band_rate (i), &at);
  return TRUE;
}

/* (transfer full) */
static AxFrocBand *
summarise (const Resampling *self, double confidence)
{
  AxFrocBand *band = g_new0 (AxFrocBand, 1);
  g_autofree double *values = g_new (double, self->n_resamples);

  band->n_points = BAND_POINTS;
  band->false_positives = g_new (double, BAND_POINTS);
  band->mean = g_new (double, BAND_POINTS);
  band->low = g_new (double, BAND_POINTS);
  band->high = g_new (double, BAND_POINTS);
  for (guint i = 0; i < BAND_POINTS; i++)
    {
      double sum = 0, interval[2];

      for (guint r = 0; r < self->n_resamples; r++)
        {
          values[r] = self->sensitivity[(gsize)i * self->n_resamples + r];
          sum += values[r];
        }
      ax_bootstrap_percentiles (confidence, values, self->n_resamples,
                                interval);
      band->false_positives[i] = band_rate (i);
      band->mean[i] = sum / self->n_resamples;
      band->low[i] = interval[0];
      band->high[i] = interval[1];
    }
  return band;
}

gboolean
ax_froc_bootstrap (const AxFroc *self, const AxBootstrap *bootstrap,
                   double score[2], AxFrocBand **band)
{
  Resampling resampling = { .froc = self };
  gboolean done;

  g_return_val_if_fail (self != NULL && bootstrap != NULL, FALSE);
  g_return_val_if_fail (score != NULL, FALSE);

  score[0] = score[1] = NAN;
  if (self->n_lesions == 0)
    return FALSE;
  counts_init (&resampling.counts, self->table);
  curve_init (&resampling.curve, self->table);
  resampling.n_resamples = bootstrap->n_resamples;
  if (band != NULL)
    resampling.sensitivity
        = g_try_new (float, (gsize)BAND_POINTS * bootstrap->n_resamples);

  done = ax_bootstrap_interval (bootstrap, self->n_slides, score_resample,
                                &resampling, score);
  if (done && resampling.sensitivity != NULL)
    *band = summarise (&resampling, bootstrap->confidence);
  counts_clear (&resampling.counts);
  curve_clear (&resampling.curve);
  g_free (resampling.sensitivity);
  return done;
}
