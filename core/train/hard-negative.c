#include "core/train/hard-negative.h"

#include "core/base/error.h"
#include "core/base/output.h"
#include "core/base/parse.h"
#include "core/nn/json-scan.h"

#include <math.h>
#include <string.h>

#define P_DIGITS 6

struct _AxHardNegatives
{
  AxSampleSource source;
  AxSampleSource *parent; /* (unowned) */
  AxSlideFolder *slides;  /* (nullable): what the parent is */
  GArray *found;          /* of AxHardNegative */
  GArray *ends;           /* of guint: of each round's in @found */
};

static guint
get_n_items (const AxSampleSource *source, int label)
{
  const AxHardNegatives *self = (const AxHardNegatives *)source;
  return label == 0 ? self->found->len : 0;
}

static gboolean
read_item (AxSampleSource *source, int label, guint item, AxRng *rng,
           AxSample *sample, GError **error)
{
  AxHardNegatives *self = (AxHardNegatives *)source;
  const AxHardNegative *negative = ax_hard_negatives_get (self, item);
  if (self->slides != NULL)
    return ax_slide_folder_read_at (self->slides, 0, negative->item,
                                    negative->place, sample, error);
  return ax_sample_source_read (self->parent, 0, negative->item, rng, sample,
                                error);
}

static void
hard_negatives_free (AxSampleSource *source)
{
  AxHardNegatives *self = (AxHardNegatives *)source;
  g_array_unref (self->found);
  g_array_unref (self->ends);
  g_free (self);
}

AxHardNegatives *
ax_hard_negatives_new (AxSampleSource *parent)
{
  g_return_val_if_fail (parent != NULL, NULL);
  AxHardNegatives *self = g_new0 (AxHardNegatives, 1);
  self->source = (AxSampleSource){
    .name = g_strdup_printf ("hard negatives of %s",
                             ax_sample_source_get_name (parent)),
    .has_fractions = parent->has_fractions,
    .has_masks = parent->has_masks,
    .get_n_items = get_n_items,
    .read = read_item,
    .free = hard_negatives_free,
  };
  self->parent = parent;
  self->slides = ax_slide_folder_from_source (parent);
  self->found = g_array_new (FALSE, FALSE, sizeof (AxHardNegative));
  self->ends = g_array_new (FALSE, FALSE, sizeof (guint));
  return self;
}

void
ax_hard_negatives_free (AxHardNegatives *self)
{
  if (self != NULL)
    ax_sample_source_free (&self->source);
}

AxSampleSource *
ax_hard_negatives_get_source (AxHardNegatives *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return &self->source;
}

AxSampleSource *
ax_hard_negatives_get_parent (const AxHardNegatives *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->parent;
}

void
ax_hard_negatives_add_round (AxHardNegatives *self, const GArray *found)
{
  g_return_if_fail (self != NULL && found != NULL);
  g_array_append_vals (self->found, found->data, found->len);
  g_array_append_val (self->ends, self->found->len);
}

guint
ax_hard_negatives_get_n_rounds (const AxHardNegatives *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->ends->len;
}

static guint
get_end (const AxHardNegatives *self, guint round)
{
  return g_array_index (self->ends, guint, round);
}

/* Where a round starts. */
static guint
get_start (const AxHardNegatives *self, guint round)
{
  return round > 0 ? get_end (self, round - 1) : 0;
}

guint
ax_hard_negatives_get_n_found (const AxHardNegatives *self, guint round)
{
  g_return_val_if_fail (self != NULL && round < self->ends->len, 0);
  return get_end (self, round) - get_start (self, round);
}

guint
ax_hard_negatives_get_n (const AxHardNegatives *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->found->len;
}

const AxHardNegative *
ax_hard_negatives_get (const AxHardNegatives *self, guint index)
{
  g_return_val_if_fail (self != NULL && index < self->found->len, NULL);
  return &g_array_index (self->found, AxHardNegative, index);
}

/* The file. */

static void
append_negative (GString *text, const AxHardNegative *negative)
{
  char p[AX_FORMAT_BUFFER];
  g_string_append_printf (text,
                          "[%u,%" G_GINT64_FORMAT ",%" G_GINT64_FORMAT ",%s]",
                          negative->item, negative->place.x, negative->place.y,
                          ax_format_decimal (p, negative->p, P_DIGITS));
}

gboolean
ax_hard_negatives_write (const AxHardNegatives *self, const char *path,
                         GError **error)
{
  g_return_val_if_fail (self != NULL && path != NULL, FALSE);
  g_autoptr (GString) text = g_string_new (NULL);
  g_string_append_printf (text,
                          "{\"items\": %u, \"places\": %s,\n\"rounds\": [",
                          ax_sample_source_get_n_items (self->parent, 0),
                          self->slides != NULL ? "true" : "false");
  for (guint round = 0; round < self->ends->len; round++)
    {
      const guint start = get_start (self, round);
      g_string_append (text, round > 0 ? ",\n[" : "\n[");
      for (guint i = start; i < get_end (self, round); i++)
        {
          if (i > start)
            g_string_append (text, ",\n");
          append_negative (text, ax_hard_negatives_get (self, i));
        }
      g_string_append_c (text, ']');
    }
  g_string_append (text, "\n]}\n");
  return ax_output_write_file (path, text->str, text->len, error);
}

static void
next_item (AxJsonScan *scan)
{
  if (!ax_json_scan_next_item (scan))
    ax_json_scan_fail (scan, "a hard negative is [item, x, y, p]");
}

static void
scan_negative (AxJsonScan *scan, guint n_items, GArray *found)
{
  AxHardNegative negative = { 0 };
  gint64 item = 0;
  ax_json_scan_begin (scan, '[');
  next_item (scan);
  ax_json_scan_count (scan, (gint64)n_items - 1, &item);
  next_item (scan);
  ax_json_scan_count (scan, G_MAXINT32, &negative.place.x);
  next_item (scan);
  ax_json_scan_count (scan, G_MAXINT32, &negative.place.y);
  next_item (scan);
  ax_json_scan_number (scan, 0.0, 1.0, &negative.p);
  if (ax_json_scan_next_item (scan))
    ax_json_scan_fail (scan, "a hard negative is [item, x, y, p]");
  negative.item = (guint)item;
  g_array_append_val (found, negative);
}

static void
expect_key (AxJsonScan *scan, const char *expected)
{
  g_autofree char *key = NULL;
  if (!ax_json_scan_next_key (scan, &key) || !g_str_equal (key, expected))
    ax_json_scan_fail (scan, "'%s' is missing", expected);
}

static void
scan_head (AxJsonScan *scan, const AxHardNegatives *self, guint n_items)
{
  gint64 n_then = 0;
  gboolean had_places = FALSE;
  ax_json_scan_begin (scan, '{');
  expect_key (scan, "items");
  if (ax_json_scan_count (scan, G_MAXUINT32, &n_then) && n_then != n_items)
    ax_json_scan_fail (
        scan, "made of %" G_GINT64_FORMAT " normal items, but there are %u now",
        n_then, n_items);
  expect_key (scan, "places");
  if (ax_json_scan_boolean (scan, &had_places)
      && had_places != (self->slides != NULL))
    ax_json_scan_fail (scan, had_places ? "made of slides, not of pictures"
                                        : "made of pictures, not of slides");
}

static void
scan_rounds (AxJsonScan *scan, AxHardNegatives *self, guint n_items)
{
  expect_key (scan, "rounds");
  ax_json_scan_begin (scan, '[');
  while (ax_json_scan_next_item (scan))
    {
      g_autoptr (GArray) found
          = g_array_new (FALSE, FALSE, sizeof (AxHardNegative));
      ax_json_scan_begin (scan, '[');
      while (ax_json_scan_next_item (scan))
        scan_negative (scan, n_items, found);
      ax_hard_negatives_add_round (self, found);
    }
}

AxHardNegatives *
ax_hard_negatives_read (const char *path, AxSampleSource *parent,
                        GError **error)
{
  g_return_val_if_fail (path != NULL && parent != NULL, NULL);
  g_autofree char *name = g_filename_display_name (path);
  g_autofree char *text = NULL;
  g_autoptr (GError) local = NULL;
  gsize length = 0;
  if (!g_file_get_contents (path, &text, &length, &local))
    {
      g_set_error_literal (error, AX_ERROR, AX_ERROR_IO, local->message);
      return NULL;
    }
  g_autoptr (AxHardNegatives) self = ax_hard_negatives_new (parent);
  const guint n_items = ax_sample_source_get_n_items (parent, 0);
  AxJsonScan scan = ax_json_scan_init (text, length, name);
  g_autofree char *more = NULL;
  scan_head (&scan, self, n_items);
  scan_rounds (&scan, self, n_items);
  if (ax_json_scan_next_key (&scan, &more))
    ax_json_scan_fail (&scan, "'%s' is not known", more);
  if (!ax_json_scan_end (&scan, error))
    return NULL;
  return g_steal_pointer (&self);
}
