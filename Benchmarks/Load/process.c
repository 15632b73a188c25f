#include "process.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void read_times(int pid, double *user_seconds, double *system_seconds) {
    *user_seconds = *system_seconds = 0;
    char name[64]; snprintf(name, sizeof name, "/proc/%d/stat", pid);
    FILE *f = fopen(name, "r"); if (!f) return;
    char text[4096]; size_t n = fread(text, 1, sizeof text - 1, f); fclose(f); text[n] = 0;
    char *p = strrchr(text, ')'); unsigned long user = 0, sys = 0;
    if (p) sscanf(p + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &sys);
    *user_seconds = (double)user / sysconf(_SC_CLK_TCK);
    *system_seconds = (double)sys / sysconf(_SC_CLK_TCK);
}

double cpu_seconds(int pid) { double user, sys; read_times(pid, &user, &sys); return user + sys; }

double system_seconds(int pid) { double user, sys; read_times(pid, &user, &sys); return sys; }

long resident_kib(int pid) {
    char name[64], line[256]; long kib = 0; snprintf(name, sizeof name, "/proc/%d/status", pid);
    FILE *f = fopen(name, "r"); if (!f) return 0;
    while (fgets(line, sizeof line, f)) if (sscanf(line, "VmRSS: %ld", &kib) == 1) break;
    fclose(f); return kib;
}
