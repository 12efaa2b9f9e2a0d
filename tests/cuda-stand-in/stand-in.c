// What ONNX Runtime's CUDA provider asks of CUDA's libraries while it opens sessions, allocates and copies. Memory is the host's and begins as bytes
// that are no numbers; copies copy; kernels do not run. build.sh adds the functions that only have to be there.
#include <stdlib.h>
#include <string.h>

typedef size_t size;

static int new_handle(void **handle) { *handle = malloc(8); return 0; }
static int end_handle(void *handle) { free(handle); return 0; }

// Memory
int cudaMalloc(void **memory, size bytes) {
    size rounded = (bytes + 511) / 256 * 256;
    *memory = aligned_alloc(256, rounded);
    memset(*memory, 0xff, rounded);
    return 0;
}
int cudaMallocHost(void **memory, size bytes) { return cudaMalloc(memory, bytes); }
int cudaHostAlloc(void **memory, size bytes, unsigned flags) { return cudaMalloc(memory, bytes); }
int cudaMallocFromPoolAsync(void **memory, size bytes, void *pool, void *stream) { return cudaMalloc(memory, bytes); }
int cudaFree(void *memory) { return end_handle(memory); }
int cudaFreeHost(void *memory) { return end_handle(memory); }
int cudaFreeAsync(void *memory, void *stream) { return end_handle(memory); }
int cudaMemGetInfo(size *left, size *total) { *left = *total = (size)8 << 30; return 0; }
int cudaPointerGetAttributes(char *attributes, void *memory) {
    memset(attributes, 0, 32);
    *(int *)attributes = 2; // a device's
    *(void **)(attributes + 8) = *(void **)(attributes + 16) = memory;
    return 0;
}

// Copies
int cudaMemcpy(void *to, const void *from, size bytes, int kind) { memmove(to, from, bytes); return 0; }
int cudaMemcpyAsync(void *to, const void *from, size bytes, int kind, void *stream) { return cudaMemcpy(to, from, bytes, kind); }
int cudaMemcpy2DAsync(char *to, size to_pitch, const char *from, size from_pitch, size width, size height, int kind, void *stream) {
    for (size row = 0; row < height; row++) memmove(to + row * to_pitch, from + row * from_pitch, width);
    return 0;
}
int cudaMemset(void *memory, int value, size bytes) { memset(memory, value, bytes); return 0; }
int cudaMemsetAsync(void *memory, int value, size bytes, void *stream) { return cudaMemset(memory, value, bytes); }

// One device
int cudaGetDeviceCount(int *count) { *count = 1; return 0; }
int cudaGetDevice(int *number) { *number = 0; return 0; }
int cudaDriverGetVersion(int *version) { *version = 13000; return 0; }
int cudaRuntimeGetVersion(int *version) { *version = 13000; return 0; }
int cudaDeviceGetAttribute(int *value, int attribute, int device) {
    *value = attribute == 75 ? 9 : attribute == 76 ? 0 : attribute == 10 ? 32 : 1024; // compute capability 9.0, threads of a warp
    return 0;
}
int cudaGetDeviceProperties(char *properties, int device) { // places in CUDA 13's cudaDeviceProp
    memset(properties, 0, 1008);
    strcpy(properties, "stand-in");
    *(size *)(properties + 288) = (size)8 << 30; // memory
    *(size *)(properties + 296) = 49152;         // shared by a block
    *(int *)(properties + 304) = 65536;          // registers of a block
    *(int *)(properties + 308) = 32;             // threads of a warp
    *(int *)(properties + 320) = 1024;           // threads of a block
    for (int i = 0; i < 3; i++) *(int *)(properties + 324 + 4 * i) = 1024, *(int *)(properties + 336 + 4 * i) = 65535;
    *(int *)(properties + 360) = 9;              // compute capability 9.0
    *(int *)(properties + 384) = *(int *)(properties + 388) = 132; // processors
    return 0;
}
int cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int *blocks, void *function, int threads, size bytes, unsigned flags) { *blocks = 1; return 0; }

// Streams, events and handles
int cudaStreamCreate(void **stream) { return new_handle(stream); }
int cudaStreamCreateWithFlags(void **stream, unsigned flags) { return new_handle(stream); }
int cudaStreamDestroy(void *stream) { return end_handle(stream); }
int cudaStreamIsCapturing(void *stream, int *capturing) { *capturing = 0; return 0; }
int cudaEventCreate(void **event) { return new_handle(event); }
int cudaEventCreateWithFlags(void **event, unsigned flags) { return new_handle(event); }
int cudaEventDestroy(void *event) { return end_handle(event); }
int cudaEventElapsedTime(float *milliseconds, void *from, void *to) { *milliseconds = 0; return 0; }
int cudaLaunchHostFunc(void *stream, void (*function)(void *), void *argument) { function(argument); return 0; }
void *__cudaRegisterFatBinary(void *code) { static int handle; return &handle; }
int cublasCreate_v2(void **handle) { return new_handle(handle); }
int cublasDestroy_v2(void *handle) { return end_handle(handle); }
int cublasGetMathMode(void *handle, int *mode) { *mode = 0; return 0; }
int cublasLtCreate(void **handle) { return new_handle(handle); }
int cublasLtDestroy(void *handle) { return end_handle(handle); }

// Words for a code
const char *cudaGetErrorString(int code) { return "no error"; }
const char *cudaGetErrorName(int code) { return "cudaSuccess"; }
const char *cublasGetStatusName(int code) { return "CUBLAS_STATUS_SUCCESS"; }
const char *cublasGetStatusString(int code) { return "success"; }
