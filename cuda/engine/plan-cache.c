#include "cuda/engine/plan-cache.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_PATH 1024
#define MAX_BYTES ((size_t)16 << 20)

/* FNV-1a (Fowler, Noll, Vo 1991); the key itself stands in the file. */
static uint64_t
hash (const char *text)
{
  uint64_t value = UINT64_C (0xcbf29ce484222325);
  for (; *text != '\0'; text++)
    value = (value ^ (unsigned char)*text) * UINT64_C (0x100000001b3);
  return value;
}

/* "" when there is no room. */
static void
get_path (const char *folder, const char *key, char path[MAX_PATH])
{
  const int length = snprintf (path, MAX_PATH, "%s/%016llx", folder,
                               (unsigned long long)hash (key));
  if (length < 0 || length >= MAX_PATH)
    path[0] = '\0';
}

char *
ax_plan_cache_find_folder (void)
{
  static const char *const parts[] = { "", "/axilla", "/cuda" };
  const char *cache = getenv ("XDG_CACHE_HOME");
  const char *home = getenv ("HOME");
  const int has_cache = cache != NULL && cache[0] == '/';
  char path[MAX_PATH];
  struct stat status;
  if (!has_cache && (home == NULL || home[0] != '/'))
    return NULL;
  int length = snprintf (path, sizeof path, "%s%s", has_cache ? cache : home,
                         has_cache ? "" : "/.cache");
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
    {
      if (length < 0 || length + strlen (parts[i]) >= sizeof path)
        return NULL;
      strcpy (path + length, parts[i]);
      length += (int)strlen (parts[i]);
      mkdir (path, 0700);
    }
  return stat (path, &status) == 0 && S_ISDIR (status.st_mode) ? strdup (path)
                                                               : NULL;
}

/* (transfer full): all of an open file, NULL when that fails. */
static char *
read_all (FILE *file, size_t *length)
{
  struct stat status;
  if (fstat (fileno (file), &status) != 0 || status.st_size < 0
      || (size_t)status.st_size > MAX_BYTES)
    return NULL;
  *length = (size_t)status.st_size;
  char *text = malloc (*length + 1);
  if (text != NULL && fread (text, 1, *length, file) != *length)
    {
      free (text);
      return NULL;
    }
  if (text != NULL)
    text[*length] = '\0';
  return text;
}

char *
ax_plan_cache_read (const char *folder, const char *key, size_t *length)
{
  char path[MAX_PATH];
  if (folder == NULL)
    return NULL;
  get_path (folder, key, path);
  FILE *file = fopen (path, "rb");
  if (file == NULL)
    return NULL;
  size_t n_bytes = 0;
  const size_t n_key = strlen (key);
  char *text = read_all (file, &n_bytes);
  fclose (file);
  if (text == NULL || n_bytes <= n_key || memcmp (text, key, n_key) != 0
      || text[n_key] != '\n')
    {
      free (text);
      return NULL;
    }
  *length = n_bytes - n_key - 1;
  memmove (text, text + n_key + 1, *length + 1);
  return text;
}

/* Under another name first, so that nobody reads half a file. */
void
ax_plan_cache_write (const char *folder, const char *key, const char *text,
                     size_t length)
{
  char path[MAX_PATH], part[MAX_PATH + 32];
  if (folder == NULL)
    return;
  get_path (folder, key, path);
  if (path[0] == '\0')
    return;
  snprintf (part, sizeof part, "%s.%ld", path, (long)getpid ());
  FILE *file = fopen (part, "wb");
  if (file == NULL)
    return;
  int good = fprintf (file, "%s\n", key) > 0
             && fwrite (text, 1, length, file) == length;
  good = fclose (file) == 0 && good;
  if (!good || rename (part, path) != 0)
    unlink (part);
}
