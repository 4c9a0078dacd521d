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
 * ax_patients_read:
 * @any_nodes: let patients have any number of nodes
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
 * twice, missing nodes, a file without nodes.
 */
GPtrArray *ax_patients_read (const char *path, gboolean any_nodes,
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
