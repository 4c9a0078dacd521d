#pragma once

#include "app/command.h"

G_BEGIN_DECLS

/** One a file, app/cmd-<name>.c; the table is in app/command.c. */
extern const AxCommand ax_command_bench;
extern const AxCommand ax_command_convert;
extern const AxCommand ax_command_detect;
extern const AxCommand ax_command_engines;
extern const AxCommand ax_command_evaluate;
extern const AxCommand ax_command_features;
extern const AxCommand ax_command_forest;
extern const AxCommand ax_command_info;
extern const AxCommand ax_command_lesions;
extern const AxCommand ax_command_model;
extern const AxCommand ax_command_predict;
extern const AxCommand ax_command_stage;
extern const AxCommand ax_command_synth;
extern const AxCommand ax_command_tissue;
extern const AxCommand ax_command_train;

G_END_DECLS
