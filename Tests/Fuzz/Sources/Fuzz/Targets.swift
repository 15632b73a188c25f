/// All targets, and the one that this process runs.
enum Targets {
    static let all: [any Target.Type] = [
        DecoderTarget.self, FramesTarget.self, MessagesTarget.self, InflaterTarget.self, DeflaterTarget.self,
        TextTarget.self, CloseTarget.self, HandshakeTarget.self, RequestTarget.self, ResponseTarget.self,
        MultipartTarget.self,
    ]

    /// libFuzzer calls a C function, which cannot capture a target; so it looks here.
    static let chosen: any Target.Type = {
        for target in all where CommandLine.arguments.contains("--target=" + target.name) { return target }
        fatalError("expected --target= and one of \(all.map { $0.name }.joined(separator: ", "))")
    }()
}
