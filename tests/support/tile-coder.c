#include "tests/support/tile-coder.h"

#include <turbojpeg.h>

struct _AxTileCoder
{
  const AxSlideSpec *spec;
  int tile;
  tjhandle jpeg;
  GByteArray *tables; /* empty until the first tile */
};

static gboolean
belongs_to_tables (guint8 marker)
{
  return marker == 0xDB || marker == 0xC4;
}

static void
append_adobe (GByteArray *out, guint8 transform)
{
  const guint8 segment[] = { 0xFF, 0xEE, 0,   14, 'A', 'd', 'o', 'b',
                             'e',  0,    100, 0,  0,   0,   0,   transform };

  g_byte_array_append (out, segment, sizeof segment);
}

/* Copies @jpeg with the spec's colour marker instead of its own, and with its
   tables moved to self->tables if they are shared. */
static GByteArray *
rewrite_jpeg (AxTileCoder *self, const guint8 *jpeg, gsize bytes)
{
  GByteArray *out = g_byte_array_new ();
  gboolean first = self->tables->len == 0;
  gsize at = 2;

  g_byte_array_append (out, jpeg, 2);
  if (first)
    g_byte_array_append (self->tables, jpeg, 2);
  if (self->spec->marker == AX_SLIDE_MARKER_ADOBE_RGB)
    append_adobe (out, 0);
  if (self->spec->marker == AX_SLIDE_MARKER_ADOBE_YCBCR)
    append_adobe (out, 1);

  while (jpeg[at + 1] != 0xDA)
    {
      guint8 marker = jpeg[at + 1];
      gsize length = 2 + (jpeg[at + 2] << 8 | jpeg[at + 3]);
      gboolean is_jfif = marker == 0xE0;

      if (self->spec->shared_tables && belongs_to_tables (marker))
        {
          if (first)
            g_byte_array_append (self->tables, jpeg + at, length);
        }
      else if (!is_jfif || self->spec->marker == AX_SLIDE_MARKER_JFIF)
        g_byte_array_append (out, jpeg + at, length);
      at += length;
    }
  g_byte_array_append (out, jpeg + at, bytes - at);
  if (first)
    g_byte_array_append (self->tables, (const guint8[]){ 0xFF, 0xD9 }, 2);
  return out;
}

/* The three channels go where Y, Cb and Cr would, so nothing converts them. */
static int
compress_planes (AxTileCoder *self, const guint8 *rgb, guint8 **jpeg,
                 unsigned long *bytes, int quality)
{
  gsize n = (gsize)self->tile * self->tile;
  g_autofree guint8 *store = g_malloc (3 * n);
  const guint8 *planes[3] = { store, store + n, store + 2 * n };

  for (gsize i = 0; i < n; i++)
    for (int c = 0; c < 3; c++)
      store[c * n + i] = rgb[3 * i + c];
  return tjCompressFromYUVPlanes (self->jpeg, planes, self->tile, NULL,
                                  self->tile, TJSAMP_444, jpeg, bytes, quality,
                                  0);
}

AxTileCoder *
ax_tile_coder_new (const AxSlideSpec *spec, int tile)
{
  AxTileCoder *self = g_new0 (AxTileCoder, 1);

  self->spec = spec;
  self->tile = tile;
  self->jpeg = tjInitCompress ();
  self->tables = g_byte_array_new ();
  return self;
}

void
ax_tile_coder_free (AxTileCoder *self)
{
  g_byte_array_unref (self->tables);
  tjDestroy (self->jpeg);
  g_free (self);
}

const GByteArray *
ax_tile_coder_get_tables (const AxTileCoder *self)
{
  return self->tables;
}

GByteArray *
ax_tile_coder_encode (AxTileCoder *self, const guint8 *rgb)
{
  const AxSlideSpec *spec = self->spec;
  int quality = spec->quality > 0 ? spec->quality : 90;
  int subsampling = spec->coding == AX_SLIDE_JPEG ? TJSAMP_420 : TJSAMP_444;
  guint8 *jpeg = NULL;
  unsigned long bytes = 0;
  GByteArray *out;
  int status;

  if (spec->coding == AX_SLIDE_RAW)
    return g_byte_array_append (g_byte_array_new (), rgb,
                                3 * (guint)self->tile * self->tile);
  if (spec->coding == AX_SLIDE_JPEG_RGB)
    status = compress_planes (self, rgb, &jpeg, &bytes, quality);
  else
    status = tjCompress2 (self->jpeg, rgb, self->tile, 0, self->tile, TJPF_RGB,
                          &jpeg, &bytes, subsampling, quality, 0);
  if (status != 0)
    g_error ("libjpeg-turbo: %s", tjGetErrorStr2 (self->jpeg));
  out = rewrite_jpeg (self, jpeg, bytes);
  tjFree (jpeg);
  return out;
}
