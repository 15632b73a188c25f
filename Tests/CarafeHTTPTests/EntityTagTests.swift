import Testing

@testable import CarafeHTTP

@Suite(.timeLimit(.minutes(10))) struct EntityTagTests {
    @Test("RFC 9110 §8.8.3") func reads() {
        #expect(EntityTag("\"v2\"")?.opaque == "v2" && EntityTag("W/\"v2\"")?.isWeak == true)
        for text in ["", "v2", "\"", "\"v2", "w/\"v2\"", "\"a b\"", "\"a\" ", "*"] {
            #expect(EntityTag(text) == nil, "\(text)")
        }
    }

    @Test("RFC 9110 §13.1.1: in a list a malformed tag matches nothing") func lists() {
        #expect(EntityTagList(" * ") == .any)
        let tags = ["\"a\"", "W/\"b,c\"", "\"\""].compactMap { EntityTag($0) }
        #expect(EntityTagList("\"a\" ,, W/\"b,c\", x, \"\"") == .tags(tags))
        #expect(EntityTagList("") == .tags([]))
    }

    @Test("a suffix is added and removed") func hasAnEnding() {
        let tag = EntityTag("\"v2\"")?.appending("-gzip")
        #expect(tag?.description == "\"v2-gzip\"" && tag?.removing("-gzip")?.description == "\"v2\"")
        #expect(tag?.removing("-br") == nil)
    }
}
