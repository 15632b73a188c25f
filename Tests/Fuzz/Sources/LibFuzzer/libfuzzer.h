#pragma once
#include <stddef.h>
#include <stdint.h>

// LLVM has no header for this entrance of its library: https://llvm.org/docs/LibFuzzer.html#using-libfuzzer-as-a-library
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*test)(const uint8_t *data, size_t size));
