public import CarafeRouting

/// A registered route. It makes URLs that lead to it.
public struct Route<each Argument: PathArgument>: Sendable {
    let pattern: PathPattern?
    let mountPoint: MountPoint

    /// Returns the path to this route with these arguments, percent-encoded.
    ///
    /// The path includes the mount point once the app is built; before that it is the path inside the app.
    public func url(_ argument: repeat each Argument) -> String {
        var segments: [String] = []
        for argument in repeat each argument { segments.append(argument.pathSegment) }
        return mountPoint.prefix + (pattern?.path(segments) ?? "")
    }
}
