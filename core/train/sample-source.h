#pragma once

#include "core/base/rng.h"
#include "core/train/sample.h"

G_BEGIN_DECLS

/**
 * AxSampleSource:
 *
 * Where samples come from: for each class a number of items, of which each
 * gives a sample.  An item may be a picture, which is always the same, or a
 * slide, from which a place is drawn.
 *
 * One class is normal tissue, number 0, the other tumour, number 1, unless the
 * network knows more.
 *
 * Thread: immutable; concurrent reads.  Owner: whoever made it.
 */
typedef struct _AxSampleSource AxSampleSource;

/**
 * For implementations: the first member of a source's own struct.
 *
 * @name: (owned): for reports: the folder
 * @has_fractions, @has_masks: every sample's fraction, or mask, is known
 */
struct _AxSampleSource
{
  char *name;
  gboolean has_fractions, has_masks;
  guint (*get_n_items) (const AxSampleSource *self, int label);
  gboolean (*read) (AxSampleSource *self, int label, guint item, AxRng *rng,
                    AxSample *sample, GError **error);
  void (*free) (AxSampleSource *self);
};

const char *ax_sample_source_get_name (const AxSampleSource *self);
guint ax_sample_source_get_n_items (const AxSampleSource *self, int label);

/**
 * ax_sample_source_read:
 * @label: class, of which @item is one of the items
 * @rng: all chance there is in it
 *
 * Errors: AX_ERROR_IO, AX_ERROR_FORMAT, AX_ERROR_LIMIT, AX_ERROR_MEMORY, with
 * the file; the sample is undefined then.
 */
gboolean ax_sample_source_read (AxSampleSource *self, int label, guint item,
                                AxRng *rng, AxSample *sample, GError **error);
/** Accepts NULL. */
void ax_sample_source_free (AxSampleSource *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxSampleSource, ax_sample_source_free)

G_END_DECLS
