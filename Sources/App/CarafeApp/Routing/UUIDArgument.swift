public import CarafeRouting
public import FoundationEssentials

extension UUID: PathArgument {
    public static var converters: [String] { ["uuid"] }

    public init?(pathSegment: String) { self.init(uuidString: pathSegment) }

    public var pathSegment: String { uuidString.lowercased() }
}
