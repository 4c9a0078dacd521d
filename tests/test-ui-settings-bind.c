#include "ui/session.h"
#include "ui/settings-bind.h"

typedef struct
{
  GSettings *settings;
  AxSession *session;
} Fixture;

static void
setup (Fixture *self, gconstpointer unused)
{
  self->settings = g_settings_new ("org.axilla.Axilla");
  self->session = ax_session_new (NULL);
}

static void
teardown (Fixture *self, gconstpointer unused)
{
  g_object_unref (self->session);
  g_settings_reset (self->settings, "fill");
  g_object_unref (self->settings);
}

static int
get_fill (Fixture *self)
{
  int fill;

  g_object_get (self->session, "fill", &fill, NULL);
  return fill;
}

static void
test_settings_come_first (Fixture *self, gconstpointer unused)
{
  g_settings_set_string (self->settings, "fill", "contour");
  ax_settings_bind_enum (self->settings, "fill", G_OBJECT (self->session),
                         "fill");
  g_assert_cmpint (get_fill (self), ==, AX_FILL_CONTOUR);
}

static void
test_both_ways (Fixture *self, gconstpointer unused)
{
  g_autofree char *nick = NULL;

  ax_settings_bind_enum (self->settings, "fill", G_OBJECT (self->session),
                         "fill");
  g_object_set (self->session, "fill", AX_FILL_FILLED, NULL);
  nick = g_settings_get_string (self->settings, "fill");
  g_assert_cmpstr (nick, ==, "filled");
  g_settings_set_string (self->settings, "fill", "automatic");
  g_assert_cmpint (get_fill (self), ==, AX_FILL_AUTO);
}

int
main (int argc, char **argv)
{
  g_autofree char *schemas = NULL;

  g_test_init (&argc, &argv, NULL);
  schemas = g_test_build_filename (G_TEST_BUILT, "..", "data", NULL);
  g_setenv ("GSETTINGS_SCHEMA_DIR", schemas, TRUE);
  g_setenv ("GSETTINGS_BACKEND", "memory", TRUE);
  g_test_add ("/ui/settings-bind/settings-come-first", Fixture, NULL, setup,
              test_settings_come_first, teardown);
  g_test_add ("/ui/settings-bind/both-ways", Fixture, NULL, setup,
              test_both_ways, teardown);
  return g_test_run ();
}
