#include "core/store/owner.h"

#include "core/base/parse.h"

#include <string.h>
#include <unistd.h>

/* Fields of /proc/PID/stat, counted from the one behind the name (proc(5)). */
enum
{
  FIELD_STATE = 0,
  FIELD_START = 19,
};

static GMutex lock;
static gint64 last_serial;  /* under lock */
static GHashTable *serials; /* under lock: gint64, of those not retired */

/* Start of a running process; FALSE when there is none of that number. */
static gboolean
read_start (gint64 pid, gint64 *start)
{
  g_autofree char *path
      = g_strdup_printf ("/proc/%" G_GINT64_FORMAT "/stat", pid);
  g_autofree char *text = NULL;
  g_auto (GStrv) fields = NULL;
  const char *name_end;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return FALSE;
  /* the name, in brackets, may hold brackets and spaces */
  name_end = strrchr (text, ')');
  if (name_end == NULL || name_end[1] != ' ')
    return FALSE;
  fields = g_strsplit (name_end + 2, " ", -1);
  if (g_strv_length (fields) <= FIELD_START
      || strchr ("ZX", fields[FIELD_STATE][0]) != NULL)
    return FALSE;
  return ax_parse_int (fields[FIELD_START], "start of a process", 0, G_MAXINT64,
                       start, NULL);
}

static void
read_boot (char boot[37])
{
  g_autofree char *text = NULL;

  boot[0] = '\0';
  if (g_file_get_contents ("/proc/sys/kernel/random/boot_id", &text, NULL,
                           NULL))
    g_strlcpy (boot, g_strstrip (text), 37);
}

static void
identify_process (AxOwner *self)
{
  *self = (AxOwner){ .pid = getpid () };
  read_start (self->pid, &self->start);
  read_boot (self->boot);
}

static gboolean
is_same_process (const AxOwner *a, const AxOwner *b)
{
  return a->pid == b->pid && a->start == b->start
         && g_str_equal (a->boot, b->boot);
}

void
ax_owner_init (AxOwner *self)
{
  g_return_if_fail (self != NULL);

  identify_process (self);
  g_mutex_lock (&lock);
  if (serials == NULL)
    serials = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  self->serial = ++last_serial;
  g_hash_table_add (serials, g_memdup2 (&self->serial, sizeof self->serial));
  g_mutex_unlock (&lock);
}

void
ax_owner_retire (const AxOwner *self)
{
  g_autoptr (GMutexLocker) locker = NULL;

  g_return_if_fail (self != NULL);

  locker = g_mutex_locker_new (&lock);
  g_hash_table_remove (serials, &self->serial);
}

gboolean
ax_owner_is_alive (const AxOwner *self)
{
  g_autoptr (GMutexLocker) locker = NULL;
  AxOwner here;
  gint64 start;

  g_return_val_if_fail (self != NULL, FALSE);

  identify_process (&here);
  if (!is_same_process (self, &here))
    return g_str_equal (self->boot, here.boot) && read_start (self->pid, &start)
           && start == self->start;
  locker = g_mutex_locker_new (&lock);
  return serials != NULL && g_hash_table_contains (serials, &self->serial);
}
