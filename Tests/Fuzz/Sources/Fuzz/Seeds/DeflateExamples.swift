/// Every example of RFC 7692 §7.2.3: as frames, and the payloads of its messages alone.
enum DeflateExamples {
    static let frames = [
        Example("§7.2.3.1: a message of one compressed block", "c1 07 f248cdc9c90700"),
        Example("§7.2.3.1: the same in two fragments", "41 03 f248cd  80 04 c9c90700"),
        Example("§7.2.3.2: the second message refers to the first", "c1 07 f248cdc9c90700  c1 05 f200110000"),
        Example("§7.2.3.3: a block with no compression", "c1 0b 000500faff48656c6c6f00"),
        Example("§7.2.3.4: a block with BFINAL set", "c1 08 f348cdc9c9070000"),
        Example("§7.2.3.5: two blocks in one message", "c1 0d f248050000 00ffff cac9c90700"),
        Example("§7.2.3.6: an empty message", "c1 01 00"),
        Example("RFC 6455 §8.1: what comes out is not UTF-8, and then no deflate data comes", "c1 07 000100feffff07"),
    ]

    static let payloads = [
        Example("§7.2.3.1, without the 00 00 ff ff at its end", "f248cdc9c90700"),
        Example("§7.2.3.2, without context takeover the same again", "f248cdc9c90700"),
        Example("§7.2.3.2, with it", "f200110000"),
        Example("§7.2.3.3", "000500faff48656c6c6f00"),
        Example("§7.2.3.4", "f348cdc9c9070000"),
        Example("§7.2.3.5", "f24805000000ffffcac9c90700"),
        Example("§7.2.3.6", "00"),
    ]
}
