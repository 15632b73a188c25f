#include "process.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

double cpu_seconds(int pid) {
    char name[64]; snprintf(name, sizeof name, "/proc/%d/stat", pid);
    FILE *f = fopen(name, "r"); if (!f) return 0;
    char text[4096]; size_t n = fread(text, 1, sizeof text - 1, f); fclose(f); text[n] = 0;
    char *p = strrchr(text, ')'); unsigned long user = 0, sys = 0;
    if (p) sscanf(p + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &sys);
    return (double)(user + sys) / sysconf(_SC_CLK_TCK);
}

long resident_kib(int pid) {
    char name[64], line[256]; long kib = 0; snprintf(name, sizeof name, "/proc/%d/status", pid);
    FILE *f = fopen(name, "r"); if (!f) return 0;
    while (fgets(line, sizeof line, f)) if (sscanf(line, "VmRSS: %ld", &kib) == 1) break;
    fclose(f); return kib;
}
