// What another process uses (proc(5)).
#pragma once

// User and system time of all its threads.
double cpu_seconds(int pid);

// Of that, what the system spent for it.
double system_seconds(int pid);

// Its resident memory.
long resident_kib(int pid);
