import CarafeWebSocketCodec
import NIOCore
import NIOWebSocket

/// The measurements; each returns the GiB/s for messages of one length.
///
/// Short messages are worked on 64 KiB at a time, as a read brings them.
struct Work {
    let length: Int
    private let count: Int
    private var bytes: Int { length * count }

    init(length: Int) {
        self.length = length
        count = max(1, (64 << 10) / length)
    }

    // MARK: Carafe

    /// Binary frames: unmasking, and the reading of frames.
    func frameDecoder() -> Double {
        let frames = masked(.binary, ByteBuffer(repeating: 0x61, count: length))
        var decoder = FrameDecoder(role: .server)
        return rate(of: bytes, copying: frames) { read in
            var done = 0
            decoder.receive(&read)
            while let part = nextPart(&decoder) {
                done += part.payload.readableBytes
            }
            return done
        }
    }

    /// Text frames: that, UTF-8 and whole messages.
    func messageDecoder(_ script: Script) -> Double {
        let frames = masked(.text, script.text(bytes: length))
        var decoder = MessageDecoder(role: .server)
        return rate(of: bytes, copying: frames) { read in
            var done = 0
            decoder.receive(&read)
            while case .message(let message)? = decoder.next() {
                done += message.bytes.readableBytes
            }
            return done
        }
    }

    func message(_ script: Script) -> Double {
        let text = script.text(bytes: length)
        return repeated { Message(utf8: text)?.bytes.readableBytes ?? 0 }
    }

    // MARK: Yardsticks

    func memoryCopy() -> Double {
        let source = [UInt8](repeating: 0x61, count: bytes)
        return rate(of: bytes, copying: ByteBuffer(bytes: source)) { target in
            source.withUnsafeBytes { source in
                target.withUnsafeMutableReadableBytes { target in
                    for start in stride(from: 0, to: bytes, by: length) {
                        let part = start..<start + length
                        UnsafeMutableRawBufferPointer(rebasing: target[part])
                            .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[part]))
                    }
                }
            }
            return target.readableBytes
        }
    }

    func nioUnmask() -> Double {
        let key: WebSocketMaskingKey = [1, 2, 3, 4]
        var payload = ByteBuffer(repeating: 0x61, count: length)
        return repeated {
            payload.webSocketUnmask(key)
            return payload.readableBytes
        }
    }

    /// The standard library's check alone.
    func utf8Span(_ script: Script) -> Double {
        let text = script.text(bytes: length)
        return repeated {
            text.withUnsafeReadableBytes { bytes in
                (try? UTF8Span(validating: bytes.bindMemory(to: UInt8.self).span))?.count ?? 0
            }
        }
    }

    /// The standard library's check, and a copy.
    func string(_ script: Script) -> Double {
        let text = script.text(bytes: length)
        return repeated {
            text.withUnsafeReadableBytes { String(validating: $0, as: UTF8.self) }?.utf8.count ?? 0
        }
    }

    // MARK: Portions

    private func repeated(_ once: () -> Int) -> Double {
        rate(of: bytes, copying: ByteBuffer()) { _ in
            var done = 0
            for _ in 0..<count {
                done += once()
            }
            return done
        }
    }

    private func masked(_ opcode: Opcode, _ payload: ByteBuffer) -> ByteBuffer {
        var frames = ByteBuffer()
        for _ in 0..<count {
            FrameEncoder.append(
                Frame(opcode: opcode, payload: payload), maskedWith: MaskingKey(1, 2, 3, 4), to: &frames)
        }
        return frames
    }

    private func nextPart(_ decoder: inout FrameDecoder) -> FramePart? {
        do {
            return try decoder.next()
        } catch {
            fatalError("expected frames without fault, found \(error)")
        }
    }
}
