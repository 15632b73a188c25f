// Tells ThreadSanitizer of Swift's `Mutex`.
//
// On Linux the uncontended way of a `Mutex` is an atomic exchange in its caller, which the sanitizer sees. The other way
// leads into libswiftSynchronization, which is not instrumented and waits by futex(2): the sanitizer misses who came
// after whom, and takes what the lock guards for a race. These two stand in front of that library's, by their names
// (nm -D libswiftSynchronization.so), and call them; were a name another one some day, the false reports were back.
#define _GNU_SOURCE
#include "slow_locks.h"

#include <dlfcn.h>
#include <stdint.h>

#define LOCK_SLOW "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK_SLOW "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

void __tsan_acquire(void *address);
void __tsan_release(void *address);

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context))

SWIFT void carafe_lock_slow(uint32_t thread, SELF void *handle) __asm__(LOCK_SLOW);
SWIFT void carafe_unlock_slow(SELF void *handle) __asm__(UNLOCK_SLOW);

SWIFT void carafe_lock_slow(uint32_t thread, SELF void *handle) {
    SWIFT void (*next)(uint32_t, SELF void *) = (SWIFT void (*)(uint32_t, SELF void *))dlsym(RTLD_NEXT, LOCK_SLOW);
    next(thread, handle);
    __tsan_acquire(handle);
}

SWIFT void carafe_unlock_slow(SELF void *handle) {
    SWIFT void (*next)(SELF void *) = (SWIFT void (*)(SELF void *))dlsym(RTLD_NEXT, UNLOCK_SLOW);
    __tsan_release(handle);
    next(handle);
}
