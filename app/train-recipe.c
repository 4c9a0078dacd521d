#include "app/train-recipe.h"

#include "app/command.h"

static char *chosen;

const GOptionEntry ax_train_recipe_options[] = {
  { "recipe", 0, 0, G_OPTION_ARG_STRING, &chosen,
    "scannet, unet or attention: what holds where no option says otherwise "
    "(the network's own)",
    "NAME" },
  { NULL },
};

#define MOMENTUM_RECIPE                                                        \
  .n_epochs = 30, .batch = 64, .optim = AX_OPTIM_SGD, .rate = 0.05,            \
  .schedule = AX_SCHEDULE_COSINE, .class_shares = { 1, 1 }

static const AxTrainRecipe recipes[] = {
  { .name = "scannet", MOMENTUM_RECIPE },
  { .name = "unet",
    .n_epochs = 30,
    .batch = 16,
    .optim = AX_OPTIM_ADAM,
    .rate = 0.001,
    .schedule = AX_SCHEDULE_STEP,
    .period = 20,
    .class_shares = { 2, 1 } },
  { .name = "attention", MOMENTUM_RECIPE },
};

const AxTrainRecipe *
ax_train_recipe_choose (const AxModel *model, GError **error)
{
  const char *name = chosen != NULL ? chosen : ax_model_get_family (model);

  for (guint i = 0; i < G_N_ELEMENTS (recipes); i++)
    if (g_str_equal (recipes[i].name, name))
      return &recipes[i];
  g_set_error (error, AX_USAGE_ERROR, AX_USAGE_ERROR_WRONG,
               "--recipe: '%.64s' is not one of scannet, unet, attention",
               name);
  return NULL;
}

AxAugment
ax_train_recipe_get_augment (const AxTrainRecipe *self, double strength)
{
  const AxAugment usual = ax_augment_usual (strength);

  if (!g_str_equal (self->name, "unet"))
    return usual;
  return (AxAugment){ .flip = usual.flip,
                      .hue = usual.hue,
                      .saturation = usual.saturation,
                      .brightness = usual.brightness };
}
