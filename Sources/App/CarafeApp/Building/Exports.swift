// Importing the app, or an extension of it, also imports the types of HTTP and of routing.
@_exported public import CarafeHTTP
@_exported public import CarafeRouting
