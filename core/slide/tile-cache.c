#include "core/slide/tile-cache.h"

#include "core/base/lru.h"

#include <math.h>

/* The coarsest levels are the view's last resort and stay, if they are small
   against the budget. */
#define N_PINNED_LEVELS 2
#define PINNED_SHARE 8

/* One decode that several threads wait for. */
typedef struct
{
  gatomicrefcount n_refs;

  /* under the cache's lock */
  gboolean done;
  AxTile *tile;
  GError *error;
} Flight;

struct _AxTileCache
{
  /* immutable */
  gatomicrefcount n_refs;
  AxSlide *slide;
  AxLru *tiles;
  int first_pinned;

  /* under lock */
  GMutex lock;
  GCond landed;
  GHashTable *flights;  /* AxLruKey -> Flight */
  GHashTable *failures; /* AxLruKey -> GError */
  guint n_decoded;
};

static guint
key_hash (gconstpointer data)
{
  const AxLruKey *key = data;

  return g_int64_hash (&key->lo) ^ (guint)key->hi * 0x9E3779B9u;
}

static gboolean
key_equal (gconstpointer a, gconstpointer b)
{
  const AxLruKey *left = a, *right = b;

  return left->hi == right->hi && left->lo == right->lo;
}

static AxLruKey
make_key (int level, int col, int row)
{
  return (AxLruKey){ (guint64)level,
                     (guint64)(guint32)col << 32 | (guint32)row };
}

static Flight *
flight_ref (Flight *self)
{
  g_atomic_ref_count_inc (&self->n_refs);
  return self;
}

static void
flight_unref (gpointer data)
{
  Flight *self = data;

  if (!g_atomic_ref_count_dec (&self->n_refs))
    return;
  ax_tile_unref (self->tile);
  g_clear_error (&self->error);
  g_free (self);
}

/* Of all tiles of a level. */
static double
get_level_bytes (const AxSlideLevel *level)
{
  double n_cols = ceil ((double)level->width / level->tile_width);
  double n_rows = ceil ((double)level->height / level->tile_height);

  return n_cols * n_rows * level->tile_width * level->tile_height
         * sizeof (guint32);
}

static int
find_first_pinned (AxSlide *slide, gsize budget_bytes)
{
  int n_levels = ax_slide_get_n_levels (slide);
  int first = n_levels;

  while (first > MAX (n_levels - N_PINNED_LEVELS, 0)
         && get_level_bytes (ax_slide_get_level (slide, first - 1))
                <= (double)budget_bytes / PINNED_SHARE)
    first--;
  return first;
}

AxTileCache *
ax_tile_cache_new (AxSlide *slide, gsize budget_bytes)
{
  AxTileCache *self;

  g_return_val_if_fail (slide != NULL, NULL);

  self = g_new0 (AxTileCache, 1);
  g_atomic_ref_count_init (&self->n_refs);
  self->slide = ax_slide_ref (slide);
  self->tiles = ax_lru_new (budget_bytes, (GBoxedCopyFunc)ax_tile_ref,
                            (GDestroyNotify)ax_tile_unref);
  self->first_pinned = find_first_pinned (slide, budget_bytes);
  self->flights
      = g_hash_table_new_full (key_hash, key_equal, g_free, flight_unref);
  self->failures = g_hash_table_new_full (key_hash, key_equal, g_free,
                                          (GDestroyNotify)g_error_free);
  g_mutex_init (&self->lock);
  g_cond_init (&self->landed);
  return self;
}

AxTileCache *
ax_tile_cache_ref (AxTileCache *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->n_refs);
  return self;
}

void
ax_tile_cache_unref (AxTileCache *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->n_refs))
    return;
  g_hash_table_unref (self->flights);
  g_hash_table_unref (self->failures);
  ax_lru_free (self->tiles);
  ax_slide_unref (self->slide);
  g_cond_clear (&self->landed);
  g_mutex_clear (&self->lock);
  g_free (self);
}

AxSlide *
ax_tile_cache_get_slide (AxTileCache *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->slide;
}

/* (transfer full) (nullable): joins the flight of @key or starts it; NULL with
   @error when the tile is known to be damaged. */
static Flight *
board (AxTileCache *self, AxLruKey key, gboolean *is_pilot, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  const GError *failure = g_hash_table_lookup (self->failures, &key);
  Flight *flight;

  if (failure != NULL)
    {
      g_propagate_error (error, g_error_copy (failure));
      return NULL;
    }
  flight = g_hash_table_lookup (self->flights, &key);
  *is_pilot = flight == NULL;
  if (flight == NULL)
    {
      flight = g_new0 (Flight, 1);
      g_atomic_ref_count_init (&flight->n_refs);
      g_hash_table_insert (self->flights, g_memdup2 (&key, sizeof key), flight);
    }
  return flight_ref (flight);
}

static void
land (AxTileCache *self, AxLruKey key, Flight *flight, AxTile *tile,
      GError *error, gboolean decoded)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  flight->tile = tile;
  flight->error = error;
  flight->done = TRUE;
  if (error != NULL)
    g_hash_table_insert (self->failures, g_memdup2 (&key, sizeof key),
                         g_error_copy (error));
  if (decoded)
    self->n_decoded++;
  g_hash_table_remove (self->flights, &key);
  g_cond_broadcast (&self->landed);
}

static void
fly (AxTileCache *self, Flight *flight, int level, int col, int row)
{
  AxLruKey key = make_key (level, col, row);
  /* An earlier flight may have landed between the miss and this one. */
  AxTile *tile = ax_lru_get (self->tiles, key);
  gboolean is_absent = tile == NULL;
  GError *error = NULL;

  if (is_absent)
    tile = ax_slide_read_tile (self->slide, level, col, row, &error);
  if (is_absent && tile != NULL)
    ax_lru_put (self->tiles, key, tile, ax_tile_get_bytes (tile),
                level >= self->first_pinned);
  land (self, key, flight, tile, error, is_absent);
}

static void
wait_for (AxTileCache *self, Flight *flight)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  while (!flight->done)
    g_cond_wait (&self->landed, &self->lock);
}

AxTile *
ax_tile_cache_read (AxTileCache *self, int level, int col, int row,
                    GError **error)
{
  AxTile *tile;
  Flight *flight;
  gboolean is_pilot;

  g_return_val_if_fail (self != NULL, NULL);

  tile = ax_tile_cache_peek (self, level, col, row);
  if (tile != NULL)
    return tile;

  flight = board (self, make_key (level, col, row), &is_pilot, error);
  if (flight == NULL)
    return NULL;
  if (is_pilot)
    fly (self, flight, level, col, row);
  else
    wait_for (self, flight);
  if (flight->tile != NULL)
    tile = ax_tile_ref (flight->tile);
  else
    g_propagate_error (error, g_error_copy (flight->error));
  flight_unref (flight);
  return tile;
}

AxTile *
ax_tile_cache_peek (AxTileCache *self, int level, int col, int row)
{
  g_return_val_if_fail (self != NULL, NULL);

  return ax_lru_get (self->tiles, make_key (level, col, row));
}

void
ax_tile_cache_forget_failures (AxTileCache *self)
{
  g_autoptr (GMutexLocker) locker = NULL;

  g_return_if_fail (self != NULL);

  locker = g_mutex_locker_new (&self->lock);
  g_hash_table_remove_all (self->failures);
}

guint
ax_tile_cache_get_n_decoded (AxTileCache *self)
{
  g_autoptr (GMutexLocker) locker = NULL;

  g_return_val_if_fail (self != NULL, 0);

  locker = g_mutex_locker_new (&self->lock);
  return self->n_decoded;
}

gsize
ax_tile_cache_get_bytes (AxTileCache *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return ax_lru_get_bytes (self->tiles);
}
