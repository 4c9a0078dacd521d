#pragma once

#include "core/slide/tile-cache.h"

G_BEGIN_DECLS

/**
 * AxTileLoader:
 *
 * The view's side of the cache: asks for tiles with a class and a distance,
 * gets them through a mailbox on its main context, drops what an earlier epoch
 * asked for and nobody needs any more.
 *
 * Thread: requests on the context's thread; workers inside, joined by free.
 */
typedef struct _AxTileLoader AxTileLoader;

/** @tile is NULL and @error set when the tile is damaged. */
typedef void (*AxTileLoadedFunc) (int level, int col, int row, AxTile *tile,
                                  const GError *error, gpointer user_data);

AxTileLoader *ax_tile_loader_new (AxTileCache *cache, int n_threads,
                                  GMainContext *context,
                                  AxTileLoadedFunc loaded, gpointer user_data);
void ax_tile_loader_free (AxTileLoader *self);

/** Starts a new epoch: waiting requests of earlier ones are dropped. */
void ax_tile_loader_begin_epoch (AxTileLoader *self);

/** Queues a tile unless it is already waiting or being decoded. */
void ax_tile_loader_request (AxTileLoader *self, int level, int col, int row,
                             int class_, double distance);
guint ax_tile_loader_get_n_waiting (AxTileLoader *self);

G_END_DECLS
