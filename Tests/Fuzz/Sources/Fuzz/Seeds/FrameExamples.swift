/// Every frame of RFC 6455's examples, and some that belong beside them.
enum FrameExamples {
    static let rfc6455 = [
        Example("§5.7: a single-frame unmasked text message", "81 05 48656c6c6f"),
        Example("§5.7: a single-frame masked text message", "81 85 37fa213d 7f9f4d5158"),
        Example("§5.7: a fragmented unmasked text message", "01 03 48656c  80 02 6c6f"),
        Example("§5.7: unmasked Ping request", "89 05 48656c6c6f"),
        Example("§5.7: masked Ping response", "8a 85 37fa213d 7f9f4d5158"),
        Example("§5.7: 256 bytes binary message in a single unmasked frame", "82 7e 0100", then: binary(256)),
        Example("§5.7: 64KiB binary message in a single unmasked frame", "82 7f 0000000000010000", then: binary(65536)),
    ]

    static let others = [
        Example(
            "§5.4: a control frame between fragments, masked",
            "01 81 00000000 48  89 80 01020304  80 81 00000000 69"),
        Example("§5.4: a control frame between fragments", "01 01 48  89 00  00 00  8a 01 00  80 01 69"),
        Example("§5.5.1: close without a code", "88 00"),
        Example("§5.5.1: close with a code and a reason", "88 05 03e8 627965"),
        Example("§5.5.1: masked close", "88 85 00000000 03e9 627965"),
        Example("§7.4.1: close with a code that must not be sent", "88 02 03ee"),
        Example("§8.1: a character in two fragments", "01 02 c3bc  00 01 c3  80 01 a9"),
        Example("§8.1: text that is not UTF-8", "81 04 eda08061"),
        Example("§5.2: a length that is not in its shortest form", "82 7e 007d"),
        Example("§5.2: the longest length there is, masked", "82 ff 7fffffffffffffff 01020304"),
        Example("§5.2: RSV1, RSV2 and RSV3", "f1 00"),
        Example("§5.2: an opcode that is reserved", "83 00"),
    ]

    private static func binary(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0) } }
}
