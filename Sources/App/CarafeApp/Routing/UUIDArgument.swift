public import CarafeRouting
public import FoundationEssentials

extension UUID: PathArgument {
    /// The converter `uuid`.
    public static var converters: [String] { ["uuid"] }

    /// Creates a UUID from a segment that is one.
    public init?(pathSegment: String) { self.init(uuidString: pathSegment) }

    /// The UUID in lower case.
    public var pathSegment: String { uuidString.lowercased() }
}
