public import CarafeRouting

/// A registered route, which makes the URLs that lead to it.
public struct Route<each Argument: PathArgument>: Sendable {
    let pattern: PathPattern?
    let mountPoint: MountPoint

    /// The path to this route with these arguments, percent-encoded, the mount point included.
    ///
    /// The mount point is known once the app is built; before that the path is the one inside the app.
    public func url(_ argument: repeat each Argument) -> String {
        var segments: [String] = []
        for argument in repeat each argument { segments.append(argument.pathSegment) }
        return mountPoint.prefix + (pattern?.path(segments) ?? "")
    }
}
