import Testing

@testable import CarafeMultipart

@Suite(.timeLimit(.minutes(10))) struct SafeNameTests {
    @Test(
        "makes a name for a file",
        arguments: [
            ("photo.png", "photo.png"), ("my photo (1).png", "my_photo__1_.png"), ("../../etc/passwd", "passwd"),
            ("/etc/passwd", "passwd"), ("C:\\temp\\x.txt", "x.txt"), ("..", "file"), (".", "file"), ("", "file"),
            ("/", "file"),
            ("///", "file"), (".htaccess", "htaccess"), ("...x", "x"), ("-rf", "rf"), ("x.txt.", "x.txt"),
            ("a\u{0}b", "a_b"),
            ("a\r\nb", "a__b"), ("群聊.png", "群聊.png"), ("Jörg.txt", "Jörg.txt"), ("a\u{202E}gnp.exe", "a_gnp.exe"),
            ("a\u{2215}b", "a_b"), ("CON", "file-CON"), ("nul.txt", "file-nul.txt"),
            ("com1.tar.gz", "file-com1.tar.gz"),
            ("console.txt", "console.txt"), ("a;b|c&d", "a_b_c_d"), ("~", "file"), ("😀.png", "png"), ("a/b\\", "b"),
            ("हिन्दी नाम.pdf", "हिन्दी_नाम.pdf"), ("தமிழ்.txt", "தமிழ்.txt"), ("می\u{200C}خواهم.pdf", "می\u{200C}خواهم.pdf"),
            ("e\u{301}.txt", "e\u{301}.txt"), ("\u{301}x", "x"), ("a\u{200D}.txt", "a_.txt"), ("x\u{FE0F}y", "xy"),
            ("nul.\u{301}txt", "file-nul._txt"), ("COM0", "file-COM0"), ("a\u{2066}b\u{61C}c", "a_b_c"), ("a..", "a"),
            ("\u{3164}", "file"), ("Ⅷ.txt", "Ⅷ.txt"),
        ])
    func makesAName(text: String, name: String) {
        #expect(safeName(text).utf8.elementsEqual(name.utf8), "\(safeName(text))")
    }

    @Test("keeps the ending of a long name") func keepsTheEnding() {
        let name = safeName(String(repeating: "a", count: 5000) + ".png")
        #expect(name.utf8.count == 200 && name.hasSuffix("a.png"))
        let wide = safeName(String(repeating: "群", count: 5000) + ".png")
        #expect(wide.utf8.count <= 200 && wide.hasSuffix("群.png"))
        let marked = safeName(String(repeating: "क\u{93F}", count: 5000) + ".png")
        #expect(marked.utf8.count <= 200 && marked.unicodeScalars.first == "क")
    }
}
