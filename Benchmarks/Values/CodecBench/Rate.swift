import NIOCore

/// The median speed of some work in many rounds, in GiB/s.
///
/// A round is shorter than the time slice of a process, so that most are undisturbed where the machine is shared.
///
/// Each timed portion of work gets a copy of the buffer, in storage of its own, which is made before the clock runs:
/// it lies in the processor's cache, as bytes do that were just read from a socket. `work` returns how many bytes it
/// has done, which must be `count`.
func rate(of count: Int, copying buffer: ByteBuffer, _ work: (inout ByteBuffer) -> Int) -> Double {
    let clock = ContinuousClock()
    let rounds = (0..<41).map { _ in
        var time = Duration.zero
        var portions = 0
        while time < .milliseconds(2) {
            var portion = ByteBufferAllocator().buffer(capacity: buffer.readableBytes)
            portion.writeImmutableBuffer(buffer)
            let start = clock.now
            let done = work(&portion)
            time += clock.now - start
            precondition(done == count, "expected \(count) bytes done, found \(done)")
            portions += 1
        }
        return Double(count * portions) / (time / .seconds(1)) / Double(1 << 30)
    }
    return rounds.sorted()[rounds.count / 2]
}
