/* Several runs, processes and threads at one store. */
#include "core/store/store.h"

#include "tests/support/expect-error.h"
#include "tests/support/store-fixture.h"

#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#define N_BEFORE_KILL 20

static void
set_up (StoreFixture *self, gconstpointer unused)
{
  store_fixture_init (self);
}

static void
tear_down (StoreFixture *self, gconstpointer unused)
{
  store_fixture_clear (self);
}

/* A process of this program, see `children`, with pipes to talk through. */
typedef struct
{
  GPid pid;
  int in, out;
} Child;

static Child
spawn_child (StoreFixture *self, const char *what)
{
  char *argv[] = { (char *)"/proc/self/exe", (char *)"--child", (char *)what,
                   self->base.files.path,    self->path,        NULL };
  g_autoptr (GError) error = NULL;
  Child child = { 0 };

  g_spawn_async_with_pipes (NULL, argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL,
                            NULL, &child.pid, &child.in, &child.out, NULL,
                            &error);
  g_assert_no_error (error);
  return child;
}

/* Waits for its end; gives the status of waitpid(). */
static int
join_child (Child *child)
{
  int status;

  close (child->in);
  close (child->out);
  g_assert_cmpint (waitpid (child->pid, &status, 0), ==, child->pid);
  return status;
}

static void
test_killed_half_way (StoreFixture *self, gconstpointer unused)
{
  g_autoptr (AxProbMap) plain = scan_fixture_run (&self->base);
  g_autoptr (AxProbMap) map = NULL;
  Child child = spawn_child (self, "scan-and-die");
  int status = join_child (&child);

  g_assert_true (WIFSIGNALED (status));
  g_assert_cmpint (WTERMSIG (status), ==, SIGKILL);

  g_assert_cmpuint (scan_with_store (&self->base, self->path, &map), ==,
                    N_BEFORE_KILL);
  g_assert_true (ax_prob_map_equal (map, plain));
  g_assert_cmpuint (scan_with_store (&self->base, self->path, NULL), ==,
                    SCAN_FIXTURE_N_ROIS);
}

static void
test_busy (StoreFixture *self, gconstpointer unused)
{
  g_autoptr (AxStore) store = open_store (self->path);
  g_autoptr (AxScanPlan) plan = scan_fixture_make_plan (&self->base);
  g_autoptr (AxScanPlan) other = NULL;
  g_autoptr (AxStoreRun) run = NULL;
  g_autoptr (GError) error = NULL;
  Child child = spawn_child (self, "claim");
  g_autofree char *regex = g_strdup_printf (
      "^%s: another run \\(pid %d\\) is working on this slide with these "
      "settings in %s$",
      self->base.files.path, child.pid, self->path);
  char ready = 0;
  siginfo_t info;

  /* the child says when it has its claim */
  g_assert_cmpint (read (child.out, &ready, 1), ==, 1);
  g_assert_null (ax_store_run_begin (store, plan, &error));
  expect_error (&error, AX_ERROR_BUSY, regex);

  /* other settings are nobody's */
  self->base.options.alpha = 1;
  other = scan_fixture_make_plan (&self->base);
  run = begin_run (store, other);
  g_clear_pointer (&run, ax_store_run_end);

  /* dead, though nobody has waited for it */
  kill (child.pid, SIGKILL);
  g_assert_cmpint (waitid (P_PID, child.pid, &info, WEXITED | WNOWAIT), ==, 0);
  run = begin_run (store, plan);
  join_child (&child);
}

static void
test_busy_with_itself (StoreFixture *self, gconstpointer unused)
{
  g_autoptr (AxStore) store = open_store (self->path);
  g_autoptr (AxStore) again = open_store (self->path);
  g_autoptr (AxScanPlan) plan = scan_fixture_make_plan (&self->base);
  g_autoptr (AxStoreRun) run = begin_run (store, plan);
  g_autofree char *regex
      = g_strdup_printf ("another run \\(pid %d\\)", getpid ());
  g_autoptr (GError) error = NULL;

  g_assert_null (ax_store_run_begin (again, plan, &error));
  expect_error (&error, AX_ERROR_BUSY, regex);
  g_clear_pointer (&run, ax_store_run_end);
  run = begin_run (again, plan);
}

/* A process of the same number that started at another time is another. */
static void
test_number_used_again (StoreFixture *self, gconstpointer unused)
{
  g_autoptr (AxScanPlan) plan = scan_fixture_make_plan (&self->base);
  g_autoptr (AxStore) store = open_store (self->path);
  AxStoreRun *forgotten = begin_run (store, plan);
  g_autoptr (AxStoreRun) run = NULL;
  g_autoptr (GError) error = NULL;

  exec_sql (self->path, "UPDATE run SET owner_start = owner_start - 1");
  run = begin_run (store, plan);
  exec_sql (self->path, "UPDATE run SET owner_boot = 'an earlier day'");
  ax_store_run_end (forgotten);
}

static gpointer
keep_many (gpointer data)
{
  guint16 cells[100];

  for (guint i = 0; i < STORE_FIXTURE_N_BLOCKS; i++)
    {
      AxScanBlock block = make_block (i, cells);

      g_assert_true (ax_store_keep (&block, data, NULL));
    }
  return NULL;
}

static void
test_many_threads (StoreFixture *self, gconstpointer unused)
{
  GThread *threads[3];
  AxStoreRun *runs[3];
  g_autoptr (AxStore) store = open_store (self->path);

  for (int i = 0; i < 3; i++)
    {
      g_autoptr (AxScanPlan) plan = NULL;

      self->base.options.alpha = 1 << i;
      plan = scan_fixture_make_plan (&self->base);
      runs[i] = begin_run (store, plan);
      threads[i] = g_thread_new ("keeper", keep_many, runs[i]);
    }
  for (int i = 0; i < 3; i++)
    {
      g_thread_join (threads[i]);
      ax_store_run_end (runs[i]);
    }
  self->base.options.alpha = 2;
  expect_blocks (&self->base, self->path, STORE_FIXTURE_N_BLOCKS);
}

/* Runs on a file system of its own, which is too small. */
static void
test_full_disk (StoreFixture *self, gconstpointer unused)
{
  Child child = spawn_child (self, "fill");
  char output[8] = "";

  g_assert_cmpint (read (child.out, output, 4), ==, 4);
  if (g_str_equal (output, "skip"))
    g_test_skip ("no right to mount a file system");
  else
    g_assert_cmpstr (output, ==, "full");
  g_assert_cmpint (join_child (&child), ==, 0);
}

/* What child processes do. */

static gboolean
keep_and_die (const AxScanBlock *block, gpointer run, GError **error)
{
  static int n_kept;

  g_assert_true (ax_store_keep (block, run, error));
  if (++n_kept == N_BEFORE_KILL)
    kill (getpid (), SIGKILL);
  return TRUE;
}

static void
child_scan_and_die (const char *slide_path, const char *store_path)
{
  ScanFixture base;
  g_autoptr (AxStore) store = open_store (store_path);
  g_autoptr (AxScanPlan) plan = NULL;
  g_autoptr (AxStoreRun) run = NULL;
  g_autoptr (AxScan) scan = NULL;

  scan_fixture_attach (&base, slide_path);
  plan = scan_fixture_make_plan (&base);
  run = begin_run (store, plan);
  base.setup.keep = keep_and_die;
  base.setup.keep_data = run;
  scan = scan_fixture_make_scan (&base, NULL);
  ax_scan_run_blocking (scan, NULL, NULL, NULL, NULL);
  g_assert_not_reached ();
}

static void
child_claim (const char *slide_path, const char *store_path)
{
  ScanFixture base;
  g_autoptr (AxStore) store = open_store (store_path);
  g_autoptr (AxScanPlan) plan = NULL;
  g_autoptr (AxStoreRun) run = NULL;
  char byte;

  scan_fixture_attach (&base, slide_path);
  plan = scan_fixture_make_plan (&base);
  run = begin_run (store, plan);
  g_print ("!");
  while (read (STDIN_FILENO, &byte, 1) > 0)
    ;
  scan_fixture_clear (&base);
}

/* A file system of 1 MiB over the slide's folder, seen by this process only. */
static gboolean
mount_small (const char *folder)
{
  return unshare (CLONE_NEWNS) == 0
         && mount ("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0
         && mount ("none", folder, "tmpfs", 0, "size=1m") == 0;
}

static void
child_fill (const char *slide_path, const char *store_path)
{
  g_autofree char *folder = g_path_get_dirname (store_path);
  g_autoptr (AxStore) store = NULL;
  g_autoptr (AxScanPlan) plan = NULL;
  g_autoptr (AxStoreRun) run = NULL;
  g_autoptr (GError) error = NULL;
  ScanFixture base;
  guint n_kept;

  scan_fixture_attach (&base, slide_path);
  if (!mount_small (folder))
    {
      g_print ("skip");
      scan_fixture_clear (&base);
      return;
    }
  plan = scan_fixture_make_plan (&base);
  store = open_store (store_path);
  run = begin_run (store, plan);
  n_kept = keep_until_it_fails (run, &error);
  expect_error (&error, AX_ERROR_IO, "store.sqlite: the disk is full$");
  g_clear_pointer (&run, ax_store_run_end);
  g_clear_pointer (&store, ax_store_close);
  g_assert_cmpint (mount ("none", folder, "tmpfs", MS_REMOUNT, "size=8m"), ==,
                   0);
  expect_blocks (&base, store_path, MIN (n_kept, STORE_FIXTURE_N_BLOCKS));
  scan_fixture_clear (&base);
  g_print ("full");
}

static const struct
{
  const char *name;
  void (*run) (const char *slide_path, const char *store_path);
} children[] = {
  { "scan-and-die", child_scan_and_die },
  { "claim", child_claim },
  { "fill", child_fill },
};

#define ADD(name, func)                                                        \
  g_test_add ("/store-runs/" name, StoreFixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  if (argc == 5 && g_str_equal (argv[1], "--child"))
    for (guint i = 0; i < G_N_ELEMENTS (children); i++)
      if (g_str_equal (argv[2], children[i].name))
        {
          children[i].run (argv[3], argv[4]);
          return 0;
        }

  g_test_init (&argc, &argv, NULL);
  ADD ("killed-half-way", test_killed_half_way);
  ADD ("full-disk", test_full_disk);
  ADD ("busy", test_busy);
  ADD ("busy-with-itself", test_busy_with_itself);
  ADD ("number-used-again", test_number_used_again);
  ADD ("many-threads", test_many_threads);
  return g_test_run ();
}
