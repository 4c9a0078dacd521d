#pragma once

/** GPUs as cuDNN describes them, so that it plans for them where none is. */
#define DEVICE_JSON(name, version, n_processors, shared, reserved, memory,     \
                    clock, memory_clock, l2)                                   \
  "{\"deviceName\":\"" name "\",\"maxGridSize\":[2147483647,65535,65535],"     \
  "\"maxBlockSize\":[1024,1024,64],\"regsPerBlock\":65536,"                    \
  "\"multiProcessorCount\":" n_processors ",\"warpSize\":32,"                  \
  "\"maxSharedMemoryPerBlock\":49152,"                                         \
  "\"maxSharedMemoryPerBlockOptin\":" shared ","                               \
  "\"reservedSharedMemoryPerBlock\":" reserved ","                             \
  "\"maxRegistersPerSM\":65536,\"maxCtasPerSM\":32,"                           \
  "\"maxThreadsPerBlock\":1024,\"maxThreadsPerSM\":2048,"                      \
  "\"pciDeviceId\":0,\"isTccDriver\":0,\"supportCoopLaunch\":1,"               \
  "\"totalGlobalMem\":" memory ",\"smClockRateKHz\":" clock ","                \
  "\"memClockRateKHz\":" memory_clock ",\"l2CacheSize\":" l2 ","               \
  "\"cudaDeviceId\":0,\"deviceVer\":" version ",\"driverVer\":13000}"

static const struct
{
  const char *name, *json;
} described_devices[] = {
  { "H100",
    DEVICE_JSON ("NVIDIA H100 80GB HBM3", "900", "132", "232448", "1024",
                 "85000000000", "1980000", "2619000", "52428800") },
  { "A100",
    DEVICE_JSON ("NVIDIA A100-SXM4-80GB", "800", "108", "166912", "1024",
                 "85000000000", "1410000", "1593000", "41943040") },
};
