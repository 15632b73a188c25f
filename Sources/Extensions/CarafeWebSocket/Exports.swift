// A message, its close code and how a connection ended are words of this module's own calls.
@_exported public import CarafeApp
@_exported public import CarafeWebSocketCodec
@_exported public import CarafeWebSocketTransport
