extension Duration {
    /// Returns a duration of minutes.
    public static func minutes(_ count: Int) -> Duration { .seconds(60 * count) }

    /// Returns a duration of hours.
    public static func hours(_ count: Int) -> Duration { .seconds(3600 * count) }

    /// Returns a duration of days of 24 hours.
    public static func days(_ count: Int) -> Duration { .seconds(86_400 * count) }

    /// The whole seconds, rounded down to zero; never negative.
    package var wholeSeconds: Int { Int(max(components.seconds, 0)) }
}
