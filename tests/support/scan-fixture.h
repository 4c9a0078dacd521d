#pragma once

#include "core/detect/scan.h"
#include "tests/support/slide-fixture.h"
#include "tests/support/tiny-model.h"

G_BEGIN_DECLS

/**
 * ScanFixture: a slide of 201 x 133 pixels, the tiny model at the slide's own
 * µm/px, so that model pixels are level-0 pixels, and the reference engine.
 * By default all is tissue and 10 x 10 cells of 2 x 2 pixels are a ROI: 77.
 */
typedef struct
{
  SlideFixture files;
  AxSlide *slide;
  AxModel *model;
  AxTissue *tissue;
  AxScanOptions options;
  AxScanSetup setup;
} ScanFixture;

#define SCAN_FIXTURE_MPP 0.5
#define SCAN_FIXTURE_N_ROIS 77
#define SCAN_FIXTURE_MM2                                                       \
  (201 * 133 * SCAN_FIXTURE_MPP * SCAN_FIXTURE_MPP * 1e-6)

/** @damages: (nullable): then the slide is JPEG. */
void scan_fixture_init (ScanFixture *self, const AxSlideDamage *damages,
                        guint n_damages);
void scan_fixture_clear (ScanFixture *self);

/** The same over a slide that another process has made, and will remove. */
void scan_fixture_attach (ScanFixture *self, const char *slide_path);

/** (transfer full). */
AxScanPlan *scan_fixture_make_plan (ScanFixture *self);
AxScan *scan_fixture_make_scan (ScanFixture *self, GMainContext *context);

/** (transfer full): the map of a whole scan. */
AxProbMap *scan_fixture_run (ScanFixture *self);

G_END_DECLS
