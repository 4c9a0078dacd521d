#include "core/nn/optim.h"
#include "tests/support/expect-error.h"

typedef struct
{
  AxSchedule schedule;
  gint64 step;
  double factor;
} Point;

/* Worked out by hand. */
static const Point points[] = {
  { { .kind = AX_SCHEDULE_CONSTANT }, 1, 1.0 },
  { { .kind = AX_SCHEDULE_CONSTANT }, 1000, 1.0 },
  { { .kind = AX_SCHEDULE_CONSTANT, .n_warm_up = 4 }, 1, 0.25 },
  { { .kind = AX_SCHEDULE_CONSTANT, .n_warm_up = 4 }, 4, 1.0 },
  { { .kind = AX_SCHEDULE_CONSTANT, .n_warm_up = 4 }, 5, 1.0 },
  { { AX_SCHEDULE_STEP, 100, 0, 10, 0.5 }, 1, 1.0 },
  { { AX_SCHEDULE_STEP, 100, 0, 10, 0.5 }, 10, 1.0 },
  { { AX_SCHEDULE_STEP, 100, 0, 10, 0.5 }, 11, 0.5 },
  { { AX_SCHEDULE_STEP, 100, 0, 10, 0.5 }, 31, 0.125 },
  { { AX_SCHEDULE_POLYNOMIAL, 10, 0, .power = 2.0 }, 1, 1.0 },
  { { AX_SCHEDULE_POLYNOMIAL, 10, 0, .power = 2.0 }, 6, 0.25 },
  { { AX_SCHEDULE_POLYNOMIAL, 10, 0, .power = 2.0 }, 11, 0.0 },
  { { AX_SCHEDULE_POLYNOMIAL, 10, 0, .power = 1.0, .final = 0.5 }, 6, 0.75 },
  { { AX_SCHEDULE_COSINE, 14, 2 }, 1, 0.5 },
  { { AX_SCHEDULE_COSINE, 14, 2 }, 2, 1.0 },
  { { AX_SCHEDULE_COSINE, 14, 2 }, 3, 1.0 },
  { { AX_SCHEDULE_COSINE, 14, 2 }, 7, 0.75 },
  { { AX_SCHEDULE_COSINE, 14, 2 }, 9, 0.5 },
  { { AX_SCHEDULE_COSINE, 14, 2 }, 15, 0.0 },
  { { AX_SCHEDULE_COSINE, 14, 2 }, 1000, 0.0 },
  { { AX_SCHEDULE_COSINE, 14, 2, .final = 0.2 }, 9, 0.6 },
  { { AX_SCHEDULE_COSINE, 3, 3 }, 4, 0.0 },
};

static void
test_factors (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (points); i++)
    g_assert_cmpfloat_with_epsilon (
        ax_schedule_get_factor (&points[i].schedule, points[i].step),
        points[i].factor, 1e-15);
}

static void
test_step (void)
{
  AxOptim optim = ax_optim_init (AX_OPTIM_ADAM, 0.25);
  optim.schedule = (AxSchedule){
    .kind = AX_SCHEDULE_STEP, .n_steps = 10, .period = 2, .gamma = 0.5
  };
  g_assert_true (ax_optim_check (&optim, NULL));
  const AxOptimStep step = ax_optim_get_step (&optim, 3);
  g_assert_cmpint (step.kind, ==, AX_OPTIM_ADAM);
  g_assert_cmpint (step.step, ==, 3);
  g_assert_cmpfloat (step.rate, ==, 0.125);
  g_assert_cmpfloat (step.momentum, ==, 0.9);
  g_assert_cmpfloat (step.beta2, ==, 0.999);
  g_assert_cmpfloat (step.epsilon, ==, 1e-8);
  g_assert_cmpfloat (step.weight_decay, ==, 5e-4);
  g_assert_null (step.rate_scale);
}

static void
test_names (void)
{
  g_autoptr (GError) error = NULL;
  AxScheduleKind kind = AX_SCHEDULE_STEP;
  for (AxScheduleKind i = 0; i <= AX_SCHEDULE_COSINE; i++)
    {
      g_assert_true (ax_schedule_kind_from_name (ax_schedule_kind_get_name (i),
                                                 &kind, &error));
      g_assert_cmpint (kind, ==, i);
    }
  g_assert_false (ax_schedule_kind_from_name ("linear", &kind, &error));
  expect_error (&error, AX_ERROR_NOT_FOUND,
                "^no schedule 'linear': there are constant, .* cosine$");
}

static void
test_limits (void)
{
  g_autoptr (GError) error = NULL;
  AxOptim optim = ax_optim_init (AX_OPTIM_SGD, -0.1);
  g_assert_false (ax_optim_check (&optim, &error));
  expect_error (&error, AX_ERROR_LIMIT, "rate is -0.1, not 0 to 1000$");
  optim.rate = G_MAXDOUBLE * 2.0;
  g_assert_false (ax_optim_check (&optim, &error));
  expect_error (&error, AX_ERROR_LIMIT, "rate is inf");
  optim.rate = 0.1;
  optim.momentum = 1.0;
  g_assert_false (ax_optim_check (&optim, &error));
  expect_error (&error, AX_ERROR_LIMIT, "momentum is 1, not 0 to 0.");
  optim.momentum = 0.9;
  optim.schedule.kind = AX_SCHEDULE_COSINE;
  g_assert_false (ax_optim_check (&optim, &error));
  expect_error (&error, AX_ERROR_LIMIT, "number of steps is 0, not 1 to 1e");
  optim.schedule.kind = AX_SCHEDULE_STEP;
  optim.schedule.n_steps = 5;
  g_assert_false (ax_optim_check (&optim, &error));
  expect_error (&error, AX_ERROR_LIMIT, "period is 0, not 1 to 1e");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/optim/factors", test_factors);
  g_test_add_func ("/optim/step", test_step);
  g_test_add_func ("/optim/names", test_names);
  g_test_add_func ("/optim/limits", test_limits);
  return g_test_run ();
}
