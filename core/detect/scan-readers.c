#include "core/detect/scan-readers.h"

#include "core/base/error.h"
#include "core/base/ring.h"

struct _AxScanReaders
{
  /* immutable */
  AxScanPlan *plan;
  AxRoiQueue *queue;      /* (unowned) */
  AxRegionReader *region; /* (unowned) */
  AxEngine *engine;       /* (unowned) */
  GPtrArray *slots;       /* (owned): AxScanSlot, lent to the ring */
  AxRing *ring;
  GPtrArray *threads;

  gint n_running; /* atomic */
  gint n_filled;  /* atomic */

  /* under lock */
  GMutex lock;
  GError *error; /* the first one */
};

static void
fail (AxScanReaders *self, GError *error)
{
  g_mutex_lock (&self->lock);
  if (self->error == NULL)
    self->error = g_steal_pointer (&error);
  g_mutex_unlock (&self->lock);
  g_clear_error (&error);
  ax_ring_close (self->ring, TRUE);
}

/* Fills a slot; FALSE when there is nothing to read, or reading failed. */
static gboolean
fill (AxScanReaders *self, AxScanSlot *slot)
{
  int side = ax_scan_plan_get_dense (self->plan)->input_px;
  GError *error = NULL;
  const AxRoi *roi;

  if (!ax_roi_queue_take (self->queue, &slot->index))
    return FALSE;
  roi = ax_scan_plan_get_roi (self->plan, slot->index);
  g_array_set_size (slot->damaged, 0);
  if (ax_region_reader_read (self->region, roi->x, roi->y, side, side,
                             slot->rgb, slot->damaged, &error))
    return TRUE;
  fail (self, error);
  return FALSE;
}

static gpointer
reader_thread (gpointer data)
{
  AxScanReaders *self = data;
  AxScanSlot *slot;

  while ((slot = ax_ring_take_free (self->ring)) != NULL)
    {
      if (!fill (self, slot))
        {
          ax_ring_put_free (self->ring, slot);
          break;
        }
      ax_ring_put_filled (self->ring, slot);
      g_atomic_int_inc (&self->n_filled);
    }
  if (g_atomic_int_dec_and_test (&self->n_running))
    ax_ring_close (self->ring, FALSE);
  return NULL;
}

static void
slot_free (AxScanReaders *self, AxScanSlot *slot)
{
  ax_engine_free_host (self->engine, slot->rgb);
  g_array_unref (slot->damaged);
  g_free (slot);
}

static gpointer
slot_new (gpointer data)
{
  AxScanReaders *self = data;
  gsize side = ax_scan_plan_get_dense (self->plan)->input_px;
  AxScanSlot *slot = g_new0 (AxScanSlot, 1);

  slot->damaged = g_array_new (FALSE, FALSE, sizeof (AxRect0));
  slot->rgb = ax_engine_alloc_host (self->engine, 3 * side * side);
  if (slot->rgb == NULL)
    {
      slot_free (self, slot);
      return NULL;
    }
  g_ptr_array_add (self->slots, slot);
  return slot;
}

AxScanReaders *
ax_scan_readers_new (AxScanPlan *plan, AxRoiQueue *queue,
                     AxRegionReader *region, int n_readers, AxEngine *engine,
                     GError **error)
{
  AxScanReaders *self;

  g_return_val_if_fail (plan != NULL, NULL);
  g_return_val_if_fail (queue != NULL, NULL);
  g_return_val_if_fail (region != NULL, NULL);
  g_return_val_if_fail (n_readers > 0, NULL);
  g_return_val_if_fail (engine != NULL, NULL);

  self = g_new0 (AxScanReaders, 1);
  g_mutex_init (&self->lock);
  self->plan = ax_scan_plan_ref (plan);
  self->queue = queue;
  self->region = region;
  self->engine = engine;
  self->slots = g_ptr_array_new ();
  self->threads = g_ptr_array_new ();
  self->n_running = n_readers;
  self->ring = ax_ring_new (n_readers + 2, slot_new, NULL, self);
  if (self->ring == NULL)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_MEMORY,
                   "no memory for %d ROIs of %d pixels", n_readers + 2,
                   ax_scan_plan_get_dense (plan)->input_px);
      ax_scan_readers_free (self);
      return NULL;
    }
  for (int i = 0; i < n_readers; i++)
    {
      g_autofree char *name = g_strdup_printf ("scan-read-%d", i);

      g_ptr_array_add (self->threads, g_thread_new (name, reader_thread, self));
    }
  return self;
}

void
ax_scan_readers_free (AxScanReaders *self)
{
  if (self == NULL)
    return;
  if (self->ring != NULL)
    ax_ring_close (self->ring, TRUE);
  for (guint i = 0; i < self->threads->len; i++)
    g_thread_join (self->threads->pdata[i]);
  g_ptr_array_unref (self->threads);
  ax_ring_free (self->ring);
  for (guint i = 0; i < self->slots->len; i++)
    slot_free (self, self->slots->pdata[i]);
  g_ptr_array_unref (self->slots);
  ax_scan_plan_unref (self->plan);
  g_clear_error (&self->error);
  g_mutex_clear (&self->lock);
  g_free (self);
}

gboolean
ax_scan_readers_take (AxScanReaders *self, AxScanSlot **slot, GError **error)
{
  gboolean failed;

  g_return_val_if_fail (self != NULL, FALSE);

  *slot = ax_ring_take_filled (self->ring);
  if (*slot != NULL)
    {
      g_atomic_int_add (&self->n_filled, -1);
      return TRUE;
    }
  g_mutex_lock (&self->lock);
  failed = self->error != NULL;
  if (failed)
    g_propagate_error (error, g_steal_pointer (&self->error));
  g_mutex_unlock (&self->lock);
  return !failed;
}

gboolean
ax_scan_readers_have_one (AxScanReaders *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return g_atomic_int_get (&self->n_filled) > 0;
}

void
ax_scan_readers_give_back (AxScanReaders *self, AxScanSlot *slot)
{
  g_return_if_fail (self != NULL);

  ax_ring_put_free (self->ring, slot);
}
