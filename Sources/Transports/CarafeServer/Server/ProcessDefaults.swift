#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The settings that a server needs of its process, so that a write that fails is an error and nothing worse.
package enum ProcessDefaults {
    /// Sets what nobody has set; before anything is opened.
    package static func set() {
        openStandardDescriptors()
        // A write to a pipe that nobody reads, and one past the limit of a file's size, would end the process.
        for number in [SIGPIPE, SIGXFSZ] {
            var action = sigaction()
            sigaction(number, nil, &action)
            if action.isDefault { signal(number, SIG_IGN) }
        }
    }

    /// In a program that was started without standard error, the next file or socket would take its number, and the log
    /// would be written there.
    private static func openStandardDescriptors() {
        for descriptor in 0...2 where fcntl(Int32(descriptor), F_GETFD) == -1 {
            // `open` takes the lowest number that is free.
            _ = open("/dev/null", O_RDWR)
        }
    }
}

extension sigaction {
    /// Whether nobody has set a handler, nor ignores the signal: SIG_DFL is a null pointer.
    fileprivate var isDefault: Bool {
        #if canImport(Darwin)
            unsafeBitCast(__sigaction_u.__sa_handler, to: Int.self) == 0
        #else
            unsafeBitCast(__sigaction_handler.sa_handler, to: Int.self) == 0
        #endif
    }
}
