#pragma once

#include "core/grade/stage.h"

G_BEGIN_DECLS

/** AxNode: a lymph node; @name as the file has it, patient_000_node_0.tif. */
typedef struct
{
  char *name; /* (owned) */
  guint number;
  AxNodeClass node_class;
} AxNode;

/**
 * AxPatient: a patient's nodes, and the stage that follows from them.
 *
 * Thread: any; immutable.
 */
typedef struct
{
  char *id;         /* (owned) patient_000 */
  GPtrArray *nodes; /* of AxNode, by number */
  guint counts[AX_N_NODE_CLASSES];
  AxStage stage;
} AxPatient;

/**
 * AxRosterCheck: the slides that there should be, and who lacks some.
 *
 * @path: (nullable): CSV file that names every slide of the cohort in a column
 *   of ax_slide_name_find_column(), or in its first without such a header
 * @incomplete: (element-type utf8): gets a line about each patient of whom a
 *   slide of the roster is not there and who is therefore left out
 */
typedef struct
{
  const char *path;
  GPtrArray *incomplete;
} AxRosterCheck;

/**
 * ax_patients_read:
 * @paths: (n_paths): taken together
 * @any_nodes: let patients have any number of nodes
 * @roster: (nullable): leave out patients of whom a slide is missing
 *
 * Reads nodes in the CAMELYON17 layout: columns "patient" and "stage" (other
 * columns are not looked at), or no header and those two first; rows
 * patient_000_node_0.tif,negative.  Rows of patients, which end in ".zip", are
 * passed over.
 *
 * A node that is missing makes a stage look better than it is.  So numbers
 * must be without gaps, and unless @any_nodes all patients must have as many
 * nodes as the one with the most.
 *
 * Returns: (transfer full) (element-type AxPatient): by id.
 * Errors: those of ax_csv_read(); AX_ERROR_FORMAT with file and line for an
 * unknown class, a name that is not PATIENT_node_NUMBER, a node that comes
 * twice, missing nodes, files without nodes or without complete patients.
 */
GPtrArray *ax_patients_read (const char *const *paths, guint n_paths,
                             gboolean any_nodes, const AxRosterCheck *roster,
                             GError **error);

/** AxPatientStage: a patient's row of such a file. */
typedef struct
{
  char *id; /* (owned) patient_000 */
  AxStage stage;
  guint line;
} AxPatientStage;

/**
 * ax_patient_stages_read:
 *
 * The rows that the other function passes over: patient_000.zip,pN1.
 *
 * Returns: (transfer full) (element-type AxPatientStage): in the file's order.
 * Errors: those of ax_csv_read(); AX_ERROR_FORMAT for an unknown stage, a
 * patient that comes twice, a file without patients.
 */
GPtrArray *ax_patient_stages_read (const char *path, GError **error);

/**
 * ax_patients_to_csv:
 * @patients: (element-type AxPatient)
 *
 * (transfer full): the CAMELYON17 layout: each patient's row before its nodes.
 */
char *ax_patients_to_csv (const GPtrArray *patients);

G_END_DECLS
