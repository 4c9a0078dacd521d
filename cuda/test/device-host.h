#pragma once

/** How many more times memory of the device can be had; negative: always. */
extern int ax_cuda_host_n_allocs;
