// Whoever imports the app, or an extension of it, has the vocabulary and the routing at hand.
@_exported public import CarafeHTTP
@_exported public import CarafeRouting
