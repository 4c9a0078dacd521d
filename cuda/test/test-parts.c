/*
 * Halves, parameters, the arena, what is said of a machine, and what is kept
 * between starts.
 */
#include "cuda/engine/arena.h"
#include "cuda/engine/half.h"
#include "cuda/engine/params.h"
#include "cuda/engine/plan-cache.h"
#include "cuda/engine/probe.h"
#include "cuda/test/net.h"
#include "cuda/test/tap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT(array) (sizeof (array) / sizeof *(array))

/* From the definition of binary16 (IEEE 754). */
static float
widen (uint16_t half)
{
  const int exponent = half >> 10 & 31;
  const int fraction = half & 1023;
  const float value = exponent == 0
                          ? ldexpf ((float)fraction, -24)
                          : ldexpf ((float)(1024 + fraction), exponent - 25);
  return half & 0x8000 ? -value : value;
}

/* Each half is itself, and each half way to the next goes to the even one. */
static void
test_half (void)
{
  int n_bad = 0;
  for (uint16_t i = 0; i < 0x7bff; i++)
    {
      const float value = widen (i), next = widen (i + 1);
      const float middle = 0.5f * (value + next);
      n_bad += ax_cuda_half_from_float (value) != i;
      n_bad += ax_cuda_half_to_float (i) != value;
      n_bad += ax_cuda_half_from_float (-value) != (i | 0x8000);
      n_bad += ax_cuda_half_from_float (middle) != (i + 1) / 2 * 2;
      n_bad += ax_cuda_half_from_float (nextafterf (middle, next)) != i + 1;
      n_bad += ax_cuda_half_from_float (nextafterf (middle, value)) != i;
    }
  tap_check (n_bad == 0, "every half, and every half way between two");
  tap_check (ax_cuda_half_from_float (65519.0f) == 0x7bff
                 && ax_cuda_half_from_float (65520.0f) == 0x7c00
                 && ax_cuda_half_from_float (-INFINITY) == 0xfc00
                 && (ax_cuda_half_from_float (NAN) & 0x7fff) > 0x7c00,
             "beyond the largest half");
  tap_check (ax_cuda_half_to_float (0x7c00) == INFINITY
                 && ax_cuda_half_to_float (0xfc00) == -INFINITY
                 && isnan (ax_cuda_half_to_float (0x7e00))
                 && ax_cuda_half_to_float (0xbc00) == -1.0f,
             "and back");
}

/* (2, 3, 1, 2): value a*100 + b*10 + tap at its place, zeros elsewhere. */
static void
test_filter (void)
{
  double values[12];
  float packed[8 * 2 * 8];
  uint16_t halves[8 * 2 * 8];
  int good = 1;
  const AxTensorView view = {
    .data = values, .dtype = AX_DTYPE_F64, .rank = 4, .shape = { 2, 3, 1, 2 }
  };
  for (int a = 0; a < 2; a++)
    for (int b = 0; b < 3; b++)
      for (int tap = 0; tap < 2; tap++)
        values[(a * 3 + b) * 2 + tap] = a * 100 + b * 10 + tap + 1;
  tap_check (ax_cuda_params_get_filter_count (&view) == COUNT (packed),
             "a filter's padded size");
  ax_cuda_params_pack_filter (&view, 0, packed);
  ax_cuda_params_pack_filter (&view, 1, halves);
  for (int a = 0; a < 8; a++)
    for (int tap = 0; tap < 2; tap++)
      for (int b = 0; b < 8; b++)
        {
          const int at = (a * 2 + tap) * 8 + b;
          const float truth
              = a < 2 && b < 3 ? (float)(a * 100 + b * 10 + tap + 1) : 0.0f;
          good = good && packed[at] == truth && widen (halves[at]) == truth;
        }
  tap_check (good, "a filter's order");
}

static void
test_vectors (void)
{
  float values[4][2] = { { 2, 3 }, { 10, 20 }, { 1, 2 }, { 3, 8 } };
  AxTensorView views[4];
  const AxTensorView *params[4];
  float scale[8], bias[8], packed[8];
  for (int i = 0; i < 4; i++)
    {
      views[i] = (AxTensorView){
        .data = values[i], .dtype = AX_DTYPE_F32, .rank = 1, .shape = { 2 }
      };
      params[i] = &views[i];
    }
  /* (v - 1) / sqrt (3 + 1) * 2 + 10, (v - 2) / sqrt (8 + 1) * 3 + 20 */
  ax_cuda_params_make_norm (params, 1.0, 2, scale, bias);
  tap_check (scale[0] == 1.0f && bias[0] == 9.0f && scale[1] == 1.0f
                 && bias[1] == 18.0f && scale[2] == 0.0f && bias[7] == 0.0f,
             "a batch norm as scale and bias");
  ax_cuda_params_make_bias (&views[1], 2, scale, bias);
  tap_check (scale[1] == 1.0f && bias[1] == 20.0f && bias[2] == 0.0f,
             "a bias as scale and bias");
  ax_cuda_params_pack_bias (NULL, 2, 0, packed);
  tap_check (packed[0] == 0.0f && packed[7] == 0.0f, "no bias is zeros");
}

static int
overlap (const AxCudaBlock *a, const AxCudaBlock *b)
{
  return a->first <= b->last && b->first <= a->last && a->bytes > 0
         && b->bytes > 0 && a->offset < b->offset + b->bytes
         && b->offset < a->offset + a->bytes;
}

static void
test_arena (void)
{
  AxCudaBlock blocks[40];
  int32_t order[40];
  uint64_t state = 5;
  int good = 1;
  for (int round = 0; round < 200; round++)
    {
      size_t largest = 0;
      for (int i = 0; i < 40; i++)
        {
          const int32_t first = (int32_t)(net_draw (&state) % 30);
          blocks[i] = (AxCudaBlock){
            .bytes = net_draw (&state) % 5000,
            .first = first,
            .last = first + (int32_t)(net_draw (&state) % 8),
          };
          largest = blocks[i].bytes > largest ? blocks[i].bytes : largest;
        }
      const size_t bytes = ax_cuda_arena_place (blocks, 40, order);
      good = good && bytes >= largest;
      for (int i = 0; i < 40; i++)
        {
          good = good && blocks[i].offset + blocks[i].bytes <= bytes
                 && blocks[i].offset % 256 == 0;
          for (int k = 0; k < i; k++)
            good = good && !overlap (&blocks[i], &blocks[k]);
        }
    }
  tap_check (good, "random blocks share no byte while alive");
  AxCudaBlock chain[4] = { { .bytes = 1000, .first = 0, .last = 1 },
                           { .bytes = 900, .first = 1, .last = 2 },
                           { .bytes = 800, .first = 2, .last = 3 },
                           { .bytes = 700, .first = 3, .last = 4 } };
  tap_check (ax_cuda_arena_place (chain, 4, order) == 2048
                 && chain[2].offset == chain[0].offset
                 && chain[3].offset == chain[1].offset,
             "a chain is ping and pong");
}

static void
test_probe (void)
{
  static const struct
  {
    AxCudaFacts facts;
    const char *words;
  } cases[] = {
    { { .devices = AX_CUDA_DEVICES_DRIVER, .runtime = 13000, .cudnn = 91900 },
      "no NVIDIA driver is installed" },
    { { .devices = AX_CUDA_DEVICES_DRIVER,
        .driver = 12040,
        .runtime = 13000,
        .cudnn = 91900 },
      "the NVIDIA driver is too old: it runs CUDA 12.4, CUDA 13.0 is needed" },
    { { .devices = AX_CUDA_DEVICES_NONE, .driver = 13000, .cudnn = 91900 },
      "the NVIDIA driver finds no GPU" },
    { { .devices = AX_CUDA_DEVICES_FAILED,
        .failure = "unknown error",
        .cudnn = 91900 },
      "the GPU does not answer: unknown error" },
    { { .devices = AX_CUDA_DEVICES_FOUND,
        .name = "A GPU",
        .major = 9,
        .cudnn = 90100 },
      "cuDNN 9.1 is too old: 9.8 is needed" },
    { { .devices = AX_CUDA_DEVICES_FOUND,
        .name = "A GPU",
        .major = 7,
        .minor = 5,
        .cudnn = 91900 },
      "A GPU has compute capability 7.5, at least 8.0 is needed" },
  };
  for (size_t i = 0; i < COUNT (cases); i++)
    {
      AxEngineReport report = { 0 };
      ax_cuda_probe_explain (&cases[i].facts, &report);
      tap_check (!report.usable && strcmp (report.why, cases[i].words) == 0,
                 "refused: %s", report.why);
    }
  const AxCudaFacts good = { .devices = AX_CUDA_DEVICES_FOUND,
                             .name = "A GPU",
                             .major = 9,
                             .driver = 13010,
                             .runtime = 13000,
                             .cudnn = 91900,
                             .memory_bytes = 1 << 30 };
  AxEngineReport report = { 0 };
  ax_cuda_probe_explain (&good, &report);
  tap_check (report.usable && strcmp (report.device, "A GPU") == 0
                 && strcmp (report.version, "CUDA 13.0, cuDNN 9.19.0") == 0
                 && strcmp (report.precision, "fp16") == 0
                 && report.memory_bytes == 1 << 30,
             "usable: %s", report.version);
}

static int
reads (const char *folder, const char *key, const char *text)
{
  size_t length = 0;
  char *found = ax_plan_cache_read (folder, key, &length);
  const int same = text == NULL ? found == NULL
                                : found != NULL && length == strlen (text)
                                      && strcmp (found, text) == 0;
  free (found);
  return same;
}

static void
test_cache (void)
{
  char top[] = "/tmp/ax-cuda-cache-XXXXXX";
  char command[64];
  if (mkdtemp (top) == NULL || setenv ("XDG_CACHE_HOME", top, 1) != 0)
    {
      tap_check (0, "a folder for the cache");
      return;
    }
  char *folder = ax_plan_cache_find_folder ();
  tap_check (folder != NULL && strncmp (folder, top, strlen (top)) == 0
                 && strcmp (folder + strlen (top), "/axilla/cuda") == 0,
             "the folder is made");
  tap_check (reads (folder, "a key", NULL), "nothing is kept yet");
  ax_plan_cache_write (folder, "a key", "one\ntext", 8);
  tap_check (reads (folder, "a key", "one\ntext"), "a text is kept");
  ax_plan_cache_write (folder, "a key", "", 0);
  tap_check (reads (folder, "a key", ""), "and replaced");
  tap_check (reads (folder, "a ke", NULL) && reads (folder, "a key2", NULL),
             "under its own key only");
  ax_plan_cache_write (NULL, "a key", "x", 1);
  tap_check (reads (NULL, "a key", NULL), "no folder keeps nothing");
  ax_plan_cache_write ("/nowhere", "a key", "x", 1);
  tap_check (reads ("/nowhere", "a key", NULL), "nor does one that is not");
  free (folder);
  unsetenv ("XDG_CACHE_HOME");
  unsetenv ("HOME");
  tap_check (ax_plan_cache_find_folder () == NULL, "no home, no folder");
  snprintf (command, sizeof command, "rm -r %s", top);
  tap_check (system (command) == 0, "clean up");
}

int
main (void)
{
  test_half ();
  test_filter ();
  test_vectors ();
  test_arena ();
  test_probe ();
  test_cache ();
  return tap_finish ();
}
