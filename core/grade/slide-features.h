#pragma once

#include "core/detect/prob-map.h"

G_BEGIN_DECLS

/**
 * Features of a slide, measured on its probability map, from which a forest
 * grades it.  A region is an 8-connected component of cells with p >= t as they
 * are: nothing is opened or bridged.  Where there is none, its features are 0.
 *
 * At each t of 0.3, 0.5, 0.7, 0.9, in the names as 30, 50, 70, 90 (the U-Net
 * paper's 16, algorithms.md 4, and its update's negative density):
 *
 * longest_axis_mm_T: mm: maximum Feret diameter of the largest region, by
 *   area, over the corners of its cells
 * largest_area_mm2_T: mm²: area of that region
 * total_area_mm2_T: mm²: of all regions
 * regions_T: their number
 * negative_density_T: share, of the cells in the convex hull of the largest
 *   region, of those with p < t or not analysed; the hull is AxHull's
 *
 * camelyon16_axis_mm: mm: the evaluation's measure at t = 0.5: 37.5 µm are
 *   added around each cell, holes filled; major axis (AxEllipse) of the then
 *   largest component, less 75 µm, at least 0 (algorithms.md 6.4)
 *
 * The 30 of the CAMELYON16 winners, under the names of
 * ../shared/data/slide-features and measured as these: lengths and areas in
 * reference cells of AX_FEATURE_CELL_UM a side, so that values do not depend
 * on the map's pitch; largest and second largest region at t = 0.7, by area,
 * the first in raster order of equal ones.  Other than in those tables, regions
 * at the map's edge count.
 *
 * ratio_cancer_tissue50 .. 90: area with p >= 0.5 .. 0.9 over the tissue's
 * ratio_sum_tissue50 .. 90: sum of p - 0.5 .. 0.9 over the same cells, times a
 *   cell's area, over the tissue's
 * [second_]largest_area, area_bbox_: reference cells²: of the region, of its
 *   bounding box
 * eccentricity_: AxEllipse's; major_axis_length_: reference cells: AxEllipse's
 * extend_: area over the bounding box's; solidity_: over the convex hull's
 * maxprob_, minprob_, aveprob_: largest, smallest, mean p of the region
 * aspect_ratio_bbox_: height over width of the bounding box
 */
#define AX_N_FEATURES 51

/** 14 level-0 pixels of 0.243 µm, the step of the tables' maps. */
#define AX_FEATURE_CELL_UM (14 * 0.243)

/** (transfer none): AX_N_FEATURES names, in the order of the values. */
const char *const *ax_features_get_names (void);

/**
 * ax_features_measure:
 * @map: with µm/px
 * @tissue_mm2: area of the slide's tissue; 0 for the area analysed
 * @values: out, (AX_N_FEATURES)
 *
 * Errors: AX_ERROR_FORMAT for a map without µm/px; AX_ERROR_MEMORY.
 * Thread: any; works on a snapshot of the map.
 */
gboolean ax_features_measure (AxProbMap *map, double tissue_mm2,
                              double values[AX_N_FEATURES], GError **error);

G_END_DECLS
