/// A part of Carafe, and the laws that it must keep whatever it is given.
protocol Target: SendableMetatype {
    /// The name, as in `--target=name`.
    static var name: String { get }

    /// The inputs that the corpus begins with.
    static var seeds: [Seed] { get }

    /// Words that random changes would hardly make: libFuzzer puts them in.
    static var words: [String] { get }

    /// Ends the process if the bytes break a law.
    static func check(_ bytes: [UInt8])
}

extension Target {
    static var words: [String] { [] }
}

/// Ends the process unless the condition holds; libFuzzer then keeps the input.
func law(
    _ name: StaticString, _ condition: @autoclosure () -> Bool, _ found: @autoclosure () -> String = "",
    file: StaticString = #file, line: UInt = #line
) {
    if !condition() {
        fatalError("broken law: \(name). \(found())", file: file, line: line)
    }
}
