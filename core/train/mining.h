#pragma once

#include "core/models/model.h"
#include "core/nn/engine.h"
#include "core/train/hard-negative.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * AxMiningSpec: how hard negatives are looked for.
 *
 * @threshold: probability of tumour from which on a normal place is one
 * @alpha: of the scan of a slide, see AxScanOptions
 * @max_per_slide: of a round, those of highest probability; 0: no limit
 * @side: of the pictures that the network gets, for sources without slides
 * @n_threads: of the engine that scans; 0: all
 * @n_producers: threads that read pictures
 * @on_progress: (nullable): now and then, with the share done
 */
typedef struct
{
  double threshold;
  int alpha;
  guint max_per_slide;
  int side;
  int n_threads;
  guint n_producers;
  GCancellable *cancellable; /* (nullable) */
  void (*on_progress) (double share, gpointer user_data);
  gpointer user_data;
} AxMiningSpec;

/** 0.5, alpha 1, 200 a slide, the model's field, all threads, 2 producers. */
void ax_mining_spec_init (AxMiningSpec *spec, const AxModel *model);

/**
 * ax_mine:
 * @negatives: gets another round
 * @engine: whose kind scans slides, and which itself judges pictures
 *
 * Looks through the normal samples of the parent of @negatives (Lin et al.
 * 2018).  A slide with normal tissue is scanned whole; of the cells above the
 * threshold that are at least as far from tumour as the normal places drawn by
 * training-slide.h the most probable are taken, no two within half a field of
 * each other or of one found before.  Of a picture its middle is judged,
 * unchanged by chance; one that cannot be read is left out, and so is one that
 * was found before.
 *
 * What is found depends on model, source and settings alone.
 *
 * Errors: those of a scan and of the engine; AX_ERROR_CANCELLED; nothing is
 * added then.  Thread: the engine's.
 */
gboolean ax_mine (AxHardNegatives *negatives, AxModel *model, AxEngine *engine,
                  const AxMiningSpec *spec, GError **error);

G_END_DECLS
