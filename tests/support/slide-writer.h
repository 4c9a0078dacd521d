#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * AxSlideSpec:
 *
 * What ax_slide_spec_write() writes: a tiled pyramidal TIFF for tests, that
 * OpenSlide calls "generic-tiff".  Zero in a field means what its comment
 * says, so that `{ .width = w, .height = h, .pixels = f }` is a whole spec.
 *
 * Each level has half the sides of the one before, rounded down, at least 1.
 */

/** How tiles are stored. */
typedef enum
{
  AX_SLIDE_JPEG,     /* YCbCr, 4:2:0 */
  AX_SLIDE_JPEG_444, /* YCbCr, 4:4:4 */
  AX_SLIDE_JPEG_RGB, /* RGB planes, as Aperio stores them */
  AX_SLIDE_RAW,      /* uncompressed: pixels come back exactly */
} AxSlideCoding;

/** What a JPEG tile itself says about its colour space. */
typedef enum
{
  AX_SLIDE_MARKER_JFIF, /* YCbCr, by JFIF */
  AX_SLIDE_MARKER_NONE,
  AX_SLIDE_MARKER_ADOBE_RGB,
  AX_SLIDE_MARKER_ADOBE_YCBCR,
} AxSlideMarker;

/** What is wrong with one tile. */
typedef enum
{
  AX_SLIDE_DAMAGE_GARBAGE,    /* no JPEG at all */
  AX_SLIDE_DAMAGE_CUT,        /* ends in the middle */
  AX_SLIDE_DAMAGE_BEYOND_END, /* its bytes lie behind the end of the file */
  AX_SLIDE_DAMAGE_ABSENT,     /* not stored: a sparse tile, legal in TIFF */
} AxSlideDamageKind;

typedef struct
{
  AxSlideDamageKind kind;
  int level, col, row;
} AxSlideDamage;

/**
 * Fills @rgb, (height, width, 3), with pixels (@x, @y)... of level @level.
 * Without @tile_id it is called once, for the whole of level 0, and the other
 * levels are 2 x 2 means; with @tile_id it is called for one whole tile at a
 * time, which may reach beyond the level.
 */
typedef void (*AxSlidePixelsFunc) (int level, gint64 x, gint64 y, int width,
                                   int height, guint8 *rgb, gpointer user_data);

/** Tiles of one level with the same id are drawn and stored once. */
typedef guint64 (*AxSlideTileIdFunc) (int level, gint64 col, gint64 row,
                                      gpointer user_data);

typedef struct
{
  gint64 width, height;
  int tile;     /* side, a multiple of 16; 0: 256 */
  int n_levels; /* 0: halve until one tile holds the level */
  double mpp;   /* µm per level-0 pixel; 0: no resolution tags */

  AxSlideCoding coding;
  int quality;             /* of JPEG; 0: 90 */
  AxSlideMarker marker;    /* of JPEG */
  gboolean tagged_rgb;     /* the TIFF tag says RGB whatever the tiles hold */
  gboolean shared_tables;  /* quantiser and Huffman tables in JPEGTables only */
  gboolean big;            /* BigTIFF; needed beyond 4 GiB */
  const char *description; /* (nullable): ImageDescription of level 0 */
  const char *software;    /* (nullable): Software, likewise */

  AxSlidePixelsFunc pixels;
  AxSlideTileIdFunc tile_id; /* (nullable): for giant slides */
  gpointer user_data;        /* of both */

  const AxSlideDamage *damages; /* (nullable) */
  guint n_damages;
} AxSlideSpec;

/**
 * ax_slide_spec_write:
 *
 * Writes the slide, replacing what stands under @path.
 *
 * Errors: AX_ERROR_IO; AX_ERROR_LIMIT when level 0 does not fit into memory or
 * the file not into a classic TIFF.  Thread: any.
 */
gboolean ax_slide_spec_write (const AxSlideSpec *spec, const char *path,
                              GError **error);

/**
 * AxSlidePicture: a packed RGB picture as a source of pixels, white around it:
 * ax_slide_picture_pixels() with the picture as user data.
 */
typedef struct
{
  const guint8 *rgb; /* (height, width, 3) */
  int width, height;
} AxSlidePicture;

void ax_slide_picture_pixels (int level, gint64 x, gint64 y, int width,
                              int height, guint8 *rgb, gpointer picture);

G_END_DECLS
