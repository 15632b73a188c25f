// The limits of HTTP/2 are set through `TLS`.
@_exported public import CarafeHTTP2
